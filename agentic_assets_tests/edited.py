"""Another version of the departures domain: its sources, copied and changed, loaded beside today's."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import agentic_assets.domains
from agentic_assets.domains import load_domain
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.releases import Activation, InForce, Releases, load_version
from agentic_assets.store import Store
from agentic_assets.versions import sources_of

__all__ = ["POLICY", "edited", "order"]

POLICY = {"policy.yaml": ("version: 1.3.0", "version: 1.4.0")}
"""A policy of a new version, which says the same."""


def edited(folder: Path, changes: Mapping[str, tuple[str, str]]) -> Domain:
    """Copy the domain into an empty folder, replace text in some of its files, and load it from there."""
    domains = Path(agentic_assets.domains.__file__).parent
    root = domains.parent.parent
    package = folder / domains.relative_to(root) / "departures"
    shutil.copytree(domains / "departures", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "contracts" / "departures", folder / "contracts" / "departures")
    for name, (before, after) in changes.items():
        text = (package / name).read_text()
        assert text.count(before) == 1, f"{name} holds {before!r} {text.count(before)} times"
        (package / name).write_text(text.replace(before, after))
    return replace(load_version("departures", package), sources=sources_of("departures", package))


def order(home: Home, store: Store, number: int, days: tuple[str, ...] | None = None) -> None:
    """Put a release of the departures into force, unless it is so already for everything that is meant."""
    releases = Releases(store, home.keys)
    to = releases.get("departures", number)
    if not InForce(load_domain("departures"), home, store).covers(to, days):
        releases.activate(Activation("departures", number, "ada", "a test", partitions=days))
