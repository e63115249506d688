"""What is in force in a home, as several commands need it: the version of a domain, and a line about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home

__all__ = ["domain_to_show", "drift_of", "home_of_record", "standing_release"]

_NAMED = 3


def home_of_record() -> Home | None:
    """Give the home when something was ever recorded in it; asking must not create one."""
    from agentic_assets.home import Home

    root = Path(os.environ.get("AGENTIC_HOME") or ".agentic").expanduser()
    if not os.environ.get("AGENTIC_STORE_URL") and not (root / "store.sqlite").is_file():
        return None
    return Home.from_environment()


def domain_to_show(name: str) -> Domain:
    """Give the version of a domain that is in force where anything was recorded, else as it lies in its folder."""
    from agentic_assets.domains import governed_domain, load_domain

    home = home_of_record()
    return load_domain(name) if home is None else governed_domain(name, home)


def standing_release(name: str, home: Home) -> dict[str, Any]:
    """Say which release of a domain is in force, since when and why, and for which days another one is."""
    from agentic_assets.releases import Releases
    from agentic_assets.store import Store

    store = Store(home.store_url)
    try:
        ordered = Releases(store, home.keys).in_force(name)
    finally:
        store.close()
    order, release = ordered.activation(), ordered.release
    return {
        "name": release.name if release else None,
        "since": order.recorded_at if order else None,
        "by": order.author if order else None,
        "reason": order.reason if order else None,
        "days": {day: one.name for day, one in ordered.scoped.items()},
    }


def drift_of(name: str, home: Home) -> str:
    """Say in one line how what lies in a domain's folder differs from its release in force; '' where nothing does."""
    from agentic_assets.cli.options import for_domain
    from agentic_assets.domains import folder_of, load_domain
    from agentic_assets.releases import Releases, declared
    from agentic_assets.store import Store
    from agentic_assets.versions import sources_of

    store = Store(home.store_url)
    try:
        releases = Releases(store, home.keys)
        release = releases.in_force(name).release
        if release is None or releases.snapshots.same(release.sources, sources_of(name, folder_of(name))):
            return ""
        held = releases.snapshots.load(release.sources, home)
    finally:
        store.close()
    try:
        # Both as this library tells them, so that like is compared with like.
        lying, released = ({one.pin for one in declared(domain)} for domain in (load_domain(name), held))
        moved = sorted({f"{pin.kind} {pin.name}" for pin in lying ^ released})
        rest = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
        what = f"differs in {', '.join(moved[:_NAMED])}{rest}" if moved else "differs in no version, only in files"
    except Exception as error:  # noqa: BLE001  (half-edited code fails in any way, and is not what runs)
        what = f"does not load ({type(error).__name__})"
    return (
        f"{release} is in force; what lies in the folder {what} and counts once it is released: "
        f"`agentic release diff {release.name} --working{for_domain(name)}`"
    )
