"""The sources of a domain: every file of its package and of its contracts, by path and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from agentic_assets.errors import ConfigInvalid
from agentic_assets.versions.fingerprint import of_bytes, of_json

__all__ = ["Sources", "root_of", "sources_of"]

_LEFT_OUT = frozenset({"__pycache__"})
_OF_TOOLS = (".pyc", "~")
_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Sources:
    """The files that make a domain: path, relative to one root, to its bytes; `package` is the domain's own folder."""

    package: str
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Give the digest of every file, by path, sorted."""
        return {path: of_bytes(content) for path, content in sorted(self.files.items())}

    @cached_property
    def digest(self) -> str:
        """Digest paths and contents together."""
        return of_json([self.package, self.digests])


def sources_of(name: str, package: Path) -> Sources:
    """Read the sources of the domain `name`, whose package lies in the folder `package`.

    Its contracts are those in `contracts/NAME` of the nearest folder above it that has one. Hidden files do not count,
    nor do those that editors and Python leave. Raises ConfigInvalid for files that cannot be read, and for more than
    64 MiB: they are kept for as long as anything that was made from them.
    """
    package = package.resolve()
    root = root_of(name, package)
    folders = (package, root / "contracts" / name)
    places = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file() and _kept(file, root))
    try:
        size = sum(file.stat().st_size for file in places)
        if size > _MOST_BYTES:
            raise ConfigInvalid(
                f"the sources of {name} hold {size >> 20:,} MiB in {len(places):,} files; 64 MiB are kept at most",
                hint="keep data out of the domain's folder: they belong into the lake",
            )
        files = {file.relative_to(root).as_posix(): file.read_bytes() for file in places}
    except OSError as error:
        raise ConfigInvalid(f"the sources of {name} cannot be read: {error}", hint="make them readable") from error
    return Sources(package.relative_to(root).as_posix(), files)


def root_of(name: str, package: Path) -> Path:
    """Give the folder that a domain's files lie in: the nearest above its package with its contracts, else its parent.

    Beside the contracts lies what a project keeps of all its domains, such as `versions.lock`.
    """
    package = package.resolve()
    return next((above for above in package.parents if (above / "contracts" / name).is_dir()), package.parent)


def _kept(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    hidden = any(part.startswith(".") for part in parts)
    return not (hidden or _LEFT_OUT.intersection(parts) or file.name.endswith(_OF_TOOLS))
