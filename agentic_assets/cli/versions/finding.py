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


def place_of(name: str) -> Place | None:
    """Find the folder of a domain; None where there is none of that name."""
    from agentic_assets.domains import folders
    from agentic_assets.versions import root_of

    package = next((folder / name for folder in folders() if (folder / name).is_dir()), None)
    return None if package is None else Place(name, package, root_of(name, package))


def own_places(wanted: Iterable[str] = ()) -> tuple[Place, ...]:
    """Find the domains of those names, or else your own, or the library's where you have none.

    Raises NotFound for a name that no domain has.
    """
    from agentic_assets.domains import domain_names, folders, load_domain

    names = tuple(wanted)
    if not names:
        looked = folders()[1:] or folders()
        names = tuple(name for name in domain_names() if any((folder / name).is_dir() for folder in looked))
    found = [(name, place_of(name)) for name in dict.fromkeys(names)]
    for name, place in found:
        if place is None:
            load_domain(name)  # says which there are
    return tuple(place for _, place in found if place is not None)
