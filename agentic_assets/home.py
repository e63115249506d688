"""Where everything embedded lies: one folder, so that deleting it starts afresh."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentic_assets.errors import ConfigInvalid

__all__ = ["Home"]

_REGION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Home:
    """Name the folders and URLs that one deployment uses.

    `root` holds whatever is embedded; `lake` and `store_url` may point elsewhere.
    """

    root: Path
    lake: Path
    store_url: str
    region: str | None = None
    """Where the deployment runs, in the words of the contracts' residency; None when nobody has said it."""

    @classmethod
    def at(
        cls, root: Path, *, lake: Path | None = None, store_url: str | None = None, region: str | None = None
    ) -> Home:
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
            region=_region(region),
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Home:
        """Read `AGENTIC_HOME`, `AGENTIC_LAKE`, `AGENTIC_STORE_URL` and `AGENTIC_REGION`.

        What is unset lies in `.agentic/`; without a region, data that a contract keeps in some regions are not read.
        """
        environ = os.environ if environ is None else environ
        lake = environ.get("AGENTIC_LAKE")
        return cls.at(
            Path(environ.get("AGENTIC_HOME") or ".agentic"),
            lake=Path(lake) if lake else None,
            store_url=environ.get("AGENTIC_STORE_URL") or None,
            region=environ.get("AGENTIC_REGION") or None,
        )

    @property
    def catalog(self) -> Path:
        """The folder of the catalogue of contracts."""
        return self.root / "catalog"

    @property
    def data_docs(self) -> Path:
        """The folder of the Data Docs: what was expected of statistics, and what was found."""
        return self.root / "data_docs"

    @property
    def keys(self) -> Path:
        """The folder of the ledger's signing key."""
        return self.root / "keys"

    @property
    def journals(self) -> Path:
        """The folder where the journal actuator writes what it has done."""
        return self.root / "journals"

    @property
    def language_models(self) -> Path:
        """The folder of the weights of language models that run on this machine."""
        return self.root / "language_models"

    @property
    def reports(self) -> Path:
        """The folder of generated reports."""
        return self.root / "reports"

    @property
    def dagster(self) -> Path:
        """The folder that serves as `DAGSTER_HOME`."""
        return self.root / "dagster"


def _region(name: str | None) -> str | None:
    if name is None:
        return None
    region = name.strip().lower()
    if not _REGION.fullmatch(region):
        raise ConfigInvalid(
            f"the region {name[:60]!r} cannot be one", hint="set AGENTIC_REGION to a name such as eu-central-1"
        )
    return region
