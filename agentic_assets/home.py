"""Where everything embedded lies: one folder, so that deleting it starts afresh."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentic_assets.errors import ConfigInvalid

__all__ = ["Home"]


@dataclass(frozen=True)
class Home:
    """Name the folders and URLs that one deployment uses.

    `root` holds whatever is embedded; `lake` and `store_url` may point elsewhere.
    """

    root: Path
    lake: Path
    store_url: str

    @classmethod
    def at(cls, root: Path, *, lake: Path | None = None, store_url: str | None = None) -> Home:
        """Lay out a home under `root` and create its folder."""
        root = root.expanduser().resolve()
        if root.exists() and not root.is_dir():
            raise ConfigInvalid(f"AGENTIC_HOME {root} is a file", hint="name a folder; it is created when missing")
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigInvalid(
                f"AGENTIC_HOME {root} cannot be created: {error.strerror}", hint="name a folder that you may write to"
            ) from error
        return cls(
            root=root,
            lake=(lake or root / "lake").expanduser().resolve(),
            store_url=store_url or f"sqlite:///{root / 'store.sqlite'}",
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Home:
        """Read `AGENTIC_HOME`, `AGENTIC_LAKE` and `AGENTIC_STORE_URL`; what is unset lies in `.agentic/`."""
        environ = os.environ if environ is None else environ
        lake = environ.get("AGENTIC_LAKE")
        return cls.at(
            Path(environ.get("AGENTIC_HOME") or ".agentic"),
            lake=Path(lake) if lake else None,
            store_url=environ.get("AGENTIC_STORE_URL") or None,
        )

    @property
    def keys(self) -> Path:
        """The folder of the ledger's signing key."""
        return self.root / "keys"

    @property
    def journals(self) -> Path:
        """The folder where the journal actuator writes what it has done."""
        return self.root / "journals"

    @property
    def reports(self) -> Path:
        """The folder of generated reports."""
        return self.root / "reports"

    @property
    def dagster(self) -> Path:
        """The folder that serves as `DAGSTER_HOME`."""
        return self.root / "dagster"
