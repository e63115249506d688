"""Find the domains that are meant, the folder of each, and the lock that holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Place", "own_places", "place_of"]


@dataclass(frozen=True)
class Place:
    """Where a domain lies: its name, its package, and the folder of the contracts, with the lock beside them."""

    name: str
    package: Path
    root: Path

    @property
    def lock(self) -> Path:
        """The file that holds the versions of all domains of the folder."""
        from agentic_assets.releases.lock import FILE

        return self.root / FILE


def place_of(name: str) -> Place:
    """Find the folder of a domain; NotFound names those there are."""
    from agentic_assets.domains import folder_of
    from agentic_assets.versions import root_of

    package = folder_of(name)
    return Place(name, package, root_of(name, package))


def own_places(wanted: Iterable[str] = ()) -> tuple[Place, ...]:
    """Find the domains of those names, or else your own, or the library's where you have none."""
    from agentic_assets.domains import domain_names, folder_of, folders

    looked = folders()[1:] or folders()
    names = tuple(wanted) or tuple(name for name in domain_names() if folder_of(name).parent in looked)
    return tuple(place_of(name) for name in dict.fromkeys(names))
