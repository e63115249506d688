"""The sources of a domain: every file of its package and of its contracts, by path and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentic_assets.errors import ConfigInvalid
from agentic_assets.versions import of_bytes, of_json

__all__ = ["PACKAGE", "Sources", "sources_of"]

PACKAGE = "agentic_assets.domains"
"""The package in which every domain is imported, wherever its folder lies."""

_LEFT_OUT = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store"})
_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Sources:
    """The files that make a domain: path, relative to one root, to its bytes; `package` is the domain's own folder."""

    package: str
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def digests(self) -> dict[str, str]:
        """Give the digest of every file, by path, sorted."""
        return {path: of_bytes(content) for path, content in sorted(self.files.items())}

    @property
    def digest(self) -> str:
        """Digest paths and contents together."""
        return of_json([self.package, self.digests])


def sources_of(name: str, package: Path) -> Sources:
    """Read the sources of the domain `name`, whose package lies in the folder `package`.

    Its contracts lie in `contracts/NAME` of the nearest folder above it that has one. Raises ConfigInvalid where there
    is none, for files that cannot be read, and for more than 64 MiB: a release is kept for ever.
    """
    root = next((above for above in package.resolve().parents if (above / "contracts" / name).is_dir()), None)
    if root is None:
        raise ConfigInvalid(
            f"the domain {name} has no folder contracts/{name} beside or above {package}",
            hint="a release keeps a domain with its contracts: put them there",
        )
    folders = (package.resolve(), root / "contracts" / name)
    places = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file() and _kept(file, root))
    size = sum(file.stat().st_size for file in places)
    if size > _MOST_BYTES:
        raise ConfigInvalid(
            f"the sources of {name} hold {size >> 20:,} MiB in {len(places):,} files; a release keeps 64 MiB at most",
            hint="keep data out of the domain's folder: it belongs into the lake",
        )
    try:
        files = {file.relative_to(root).as_posix(): file.read_bytes() for file in places}
    except OSError as error:
        raise ConfigInvalid(f"the sources of {name} cannot be read: {error}", hint="make them readable") from error
    return Sources(package.resolve().relative_to(root).as_posix(), files)


def _kept(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    return not _LEFT_OUT.intersection(parts) and file.suffix != ".pyc"
