"""`agentic release diff`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from agentic_assets.cli.options import DAYS, domain_option, emit_json, json_option
from agentic_assets.cli.release.weighing import print_impact, weighed_impact

if TYPE_CHECKING:
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases
    from agentic_assets.releases.difference import Difference, FileChange, Move, Side
    from agentic_assets.store import Store

__all__ = ["diff"]

_MOST_CHANGES, _MOST_LINES = 12, 40
# Their versions say in words what changed in them.
_TOLD = (".odcs.yaml", ".agent.yaml")


@click.command()
@click.argument("first", metavar="RELEASE")
@click.argument("second", metavar="[RELEASE]", required=False)
@click.option("--working", is_flag=True, help="Compare with what lies in the domain's folder now.")
@click.option("--full", is_flag=True, help="Every changed line of every file, and every change of every version.")
@click.option(
    "--impact",
    "days",
    type=DAYS,
    help="Also compute the decisions of these days, such as 2013-02-01..2013-02-28, under both, and compare them. "
    "Nothing is published or done.",
)
@domain_option
@json_option
def diff(
    first: str,
    second: str | None,
    working: bool,
    full: bool,
    days: tuple[date, date] | None,
    domain_name: str,
    as_json: bool,
) -> None:
    """Say what changed between two releases, and which assets are made anew by it.

    With one release, what is in force is compared with it: what activating it would change. The one that is in force
    already is compared with what lies in the domain's folder, as any is with --working.

    \b
        agentic release diff r1 r2
        agentic release diff r2
        agentic release diff r2 --working
        agentic release diff r1 r2 --impact 2013-02-01..2013-02-28
    """
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases
    from agentic_assets.releases.difference import compare
    from agentic_assets.store import Store

    if working and second:
        raise click.UsageError("give one release with --working, or two without")
    home = Home.from_environment()
    store = Store(home.store_url)
    try:
        old, new = _sides(first, second, working, Releases(store, home.keys), domain_name, home)
        found = compare(old, new)
        published = _published(found, store)
    finally:
        store.close()
    weighed = weighed_impact(found, home, days, quiet=as_json) if days else None
    if as_json:
        emit_json({**_data(found, domain_name, published), "impact": weighed.to_dict() if weighed else None})
        return
    _print(found, domain_name, published, full=full)
    if weighed:
        print_impact(weighed)


def _sides(
    first: str, second: str | None, folder: bool, releases: Releases, domain_name: str, home: Home
) -> tuple[Side, Side]:
    from agentic_assets.domains import load_domain
    from agentic_assets.releases.difference import released, working

    one = releases.get(domain_name, first)
    if second is not None:
        return released(one, releases, home), released(releases.get(domain_name, second), releases, home)
    now = releases.in_force(domain_name).release
    if folder or (now is not None and now.number == one.number):
        return released(one, releases, home), working(load_domain(domain_name))
    before = working(load_domain(domain_name)) if now is None else released(now, releases, home)
    return before, released(one, releases, home)


def _published(found: Difference, store: Store) -> dict[str, int]:
    from agentic_assets.pipeline import Manifest

    manifest = Manifest(store)
    return {asset: len(manifest.current(asset)) for asset in (*(found.assets or ()), *(found.behind or ()))}


def _print(found: Difference, domain_name: str, published: dict[str, int], *, full: bool) -> None:
    click.echo(f"{domain_name} {found.old.label} -> {found.new.label}: {_summary(found)}")
    if found.old.library.digest != found.new.library.digest:
        click.echo(f"  made with {found.old.library} and {found.new.library}")
    for side in (found.old, found.new):
        if side.broken:
            click.echo(f"  {side.label} does not load with this library, so that only files and versions are compared:")
            click.echo(f"    {side.broken}")
    loads = not (found.old.broken or found.new.broken)
    for move in found.moves:
        _print_move(move, full=full, loads=loads)
    for change in found.files:
        lines = full or not (loads and change.path.endswith(_TOLD))
        _print_file(change, most=None if full else _MOST_LINES if lines else 0)
    if found.assets is not None:
        for asset, why in found.assets.items():
            click.echo(f"made anew: {asset} {why}{_counted(published[asset])}")
        for asset in found.behind or ():
            click.echo(
                f"behind it: {asset} is made again if what it reads comes out otherwise{_counted(published[asset])}"
            )


def _summary(found: Difference) -> str:
    if not found.any:
        return "nothing differs"
    parts = (
        _many(len(found.moves), "version"),
        _many(len(found.files), "file"),
        "" if found.assets is None else f"{_many(len(found.assets), 'asset')} made anew",
    )
    return ", ".join(part for part in parts if part)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _counted(partitions: int) -> str:
    return f" ({_many(partitions, 'partition')} published)" if partitions else ""


def _print_move(move: Move, *, full: bool, loads: bool) -> None:
    versions = {"added": move.new, "removed": move.old}.get(move.state, f"{move.old} -> {move.new}")
    told = "" if versions in ("-", "- -> -") else f" {versions}" if move.old != move.new else f" {move.new}"
    click.echo(f"{move.kind} {move.name}{told}: {move.state}")
    if move.old != move.new and move.old and move.new and not move.changes and loads:
        click.echo("  only its number differs")
    shown = move.changes if full else move.changes[:_MOST_CHANGES]
    for change in shown:
        click.echo(f"  {change.weight:<10} {change.listed}")
    if len(shown) < len(move.changes):
        click.echo(f"  and {len(move.changes) - len(shown)} more; --full has all of them")


def _print_file(change: FileChange, *, most: int | None) -> None:
    click.echo(f"file {change.path}: {change.state}, +{change.added} -{change.removed} lines")
    if change.state == "changed":
        shown = change.lines if most is None else change.lines[:most]
        for line in shown:
            plain = line.expandtabs()
            click.echo(f"    {plain if plain.isprintable() else ascii(plain)}")
        if shown and len(shown) < len(change.lines):
            click.echo(f"    and {len(change.lines) - len(shown)} more lines; --full has all of them")


def _data(found: Difference, domain_name: str, published: dict[str, int]) -> dict[str, Any]:
    return {
        "domain": domain_name,
        "old": _side(found.old),
        "new": _side(found.new),
        "versions": [
            {
                "kind": move.kind,
                "name": move.name,
                "state": move.state,
                "old": move.old,
                "new": move.new,
                "changes": [{"subject": one.subject, "weight": one.weight, "what": one.what} for one in move.changes],
                "assets": list(move.assets),
            }
            for move in found.moves
        ],
        "files": [
            {
                "path": one.path,
                "state": one.state,
                "added": one.added,
                "removed": one.removed,
                "lines": list(one.lines) if one.state == "changed" else [],
            }
            for one in found.files
        ],
        "assets": None
        if found.assets is None
        else [{"asset": asset, "why": why, "published": published[asset]} for asset, why in found.assets.items()],
        "behind": None if found.behind is None else list(found.behind),
    }


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.label, "library": side.library._asdict(), "loads": not side.broken, "broken": side.broken}
