"""One of two versions of a domain that are compared: a release, or what lies in the folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentic_assets.errors import ReleaseBroken
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.releases.declared import Declared, declared
from agentic_assets.releases.library import Library, library
from agentic_assets.releases.record import Releases
from agentic_assets.releases.release import Release
from agentic_assets.versions import Pin

__all__ = ["Side", "released", "working"]


@dataclass(frozen=True)
class Side:
    """What is known of one version: its pins and files always, the domain itself only where it loads.

    Where it loads, the pins are as this library tells them, so that like is compared with like; else as recorded.
    """

    label: str
    pins: Mapping[Pin, Declared | None]
    files: Mapping[str, bytes] = field(repr=False)
    library: Library
    domain: Domain | None = field(default=None, repr=False)
    broken: str = ""
    """Why the domain does not load with this library."""


def released(release: Release, releases: Releases, home: Home) -> Side:
    """Open a release; one that does not load is compared by its pins and files."""
    snapshots = releases.snapshots
    snapshot = snapshots.get(release.sources)
    domain, broken = None, ""
    try:
        domain = snapshots.load(release.sources, home)
    except ReleaseBroken as error:
        broken = error.what
    pins = dict.fromkeys(release.pins) if domain is None else _said(domain)
    return Side(release.name, pins, snapshots.files(snapshot), snapshot.library, domain, broken)


def working(domain: Domain) -> Side:
    """Take a domain as it was loaded from its folder."""
    files = {} if domain.sources is None else domain.sources.files
    return Side("working tree", _said(domain), files, library(), domain)


def _said(domain: Domain) -> dict[Pin, Declared | None]:
    return {one.pin: one for one in declared(domain)}
