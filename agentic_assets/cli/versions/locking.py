"""`agentic versions lock`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.contract.steps import step
from agentic_assets.cli.formats import Remark
from agentic_assets.cli.versions.finding import Place, own_places
from agentic_assets.cli.versions.loading import loaded, shown
from agentic_assets.errors import ReleaseRefused

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.releases.declared import Declared
    from agentic_assets.releases.lock import Finding, Locked

__all__ = ["lock"]

_SHOWN = 8


@click.command()
@click.argument("names", metavar="[DOMAIN]...", nargs=-1)
@click.option(
    "--amend",
    is_flag=True,
    help="Let a version that nobody else has yet say something else under the same number. Refused for a version "
    "that a release names.",
)
def lock(names: tuple[str, ...], amend: bool) -> None:
    """Write versions.lock beside contracts/: what each version says. Keep it in git, and review it as code.

    DOMAIN is the name of one; all of your own where you name none, other domains in the file stay as they are. Nothing
    is written where content changed and the version did not, or was raised too little: raise it first. The same
    versions give the same bytes.
    """
    places = sorted(own_places(names), key=lambda place: (place.root, place.name))
    for _, group in groupby(places, key=lambda place: place.root):
        _lock(list(group), amend)


def _lock(places: list[Place], amend: bool) -> None:
    from agentic_assets.domains import domain_names
    from agentic_assets.releases.declared import declared
    from agentic_assets.releases.lock import Locked, judge, load_lock, write_lock

    path = places[0].lock
    held = dict(load_lock(path)) if path.is_file() else {}
    with step("looking at versions"):
        found = {place.name: declared(_loaded(place)) for place in places}
        refused = [
            (name, finding)
            for name, entries in found.items()
            for finding in judge(entries, held.get(name, ()))
            if finding.refuses
        ]
    if refused and not amend:
        _refuse([finding for _, finding in refused])
    for name in {name for name, _ in refused}:
        _refuse_released(name, found[name], held[name])
    made = {name: entries for name, entries in held.items() if name in domain_names()}
    made |= {name: tuple(Locked.of(one) for one in entries) for name, entries in found.items()}
    changed = write_lock(path, made)
    for _, finding in refused:
        click.echo(f"amended: {finding.what}")
    count = sum(len(entries) for entries in found.values())
    told = f"{count} versions of {', '.join(found)}"
    click.echo(f"{shown(path)}: {told}" if changed else f"{shown(path)}: {told}, as they were locked")


def _loaded(place: Place) -> Domain:
    found = loaded(place)
    if isinstance(found, Remark):
        where = f"{found.path}:{found.line}: " if found.path else ""
        raise ReleaseRefused(f"versions.lock stays as it is: {where}{found.message}", hint=found.hint)
    return found


def _refuse(findings: list[Finding]) -> None:
    told = [f"{finding.what}\n  {finding.hint}" for finding in findings[:_SHOWN]]
    more = f"\nand {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    raise ReleaseRefused(
        "versions.lock stays as it is:\n" + "\n".join(told) + more,
        hint="raise each version; --amend where nobody else has the version yet",
    )


def _refuse_released(domain: str, entries: tuple[Declared, ...], held: tuple[Locked, ...]) -> None:
    """Refuse to amend what a release of this home names."""
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases
    from agentic_assets.store import Store

    now = {one.pin for one in entries}
    before = {(one.kind, one.name, one.version, one.digest) for one in held}
    home = Home.from_environment()
    store = Store(home.store_url)
    try:
        for release in Releases(store, home.keys).of(domain):
            for pin in release.pins:
                if (pin.kind, pin.name, pin.version, pin.digest) in before and pin not in now:
                    raise ReleaseRefused(
                        f"the release {release.name} of {domain} names {pin}: it cannot say something else any more",
                        hint="raise the version",
                    )
    finally:
        store.close()
