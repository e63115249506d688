"""`agentic release list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, for_domain, json_option, screen

__all__ = ["list_releases", "span"]


@click.command("list")
@domain_option
@json_option
def list_releases(domain_name: str, as_json: bool) -> None:
    """List the releases: when, who, why, for what each is in force, and how many published partitions it made.

    Partitions are counted by the sources that made them: those made before a release of the same sources count, too.
    """
    from agentic_assets.domains import folder_of
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases, made_from
    from agentic_assets.store import Store

    home = Home.from_environment()
    store = Store(home.store_url)
    try:
        releases = Releases(store, home.keys)
        ordered, counts = releases.in_force(domain_name), made_from(store)
    finally:
        store.close()
    made = ordered.releases
    if not made:
        folder_of(domain_name)
    scoped = {
        one.number: [day for day, release in ordered.scoped.items() if release.number == one.number] for one in made
    }
    general = ordered.release
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "number": one.number,
            "created_at": one.created_at,
            "author": one.author,
            "reason": one.reason,
            "versions": len(one.pins),
            "sources": one.sources,
            "in_force": general is not None and one.number == general.number,
            "days_in_force": scoped[one.number],
            "partitions": counts[one.sources],
        }
        for one in made
    ]
    if as_json:
        emit_json({"domain": domain_name, "in_force": general.name if general else None, "releases": rows})
        return
    if not rows:
        command = f"`agentic release create --reason TEXT{for_domain(domain_name)}`"
        click.echo(f"{domain_name} has no release yet: {command} makes one")
        return
    table = Table(title=f"releases of {domain_name}", title_justify="left")
    for column in ("release", "made", "by", "in force for", "partitions", "reason"):
        table.add_column(column, no_wrap=column in ("release", "made"), overflow="fold")
    for row in rows:
        table.add_row(
            row["name"],
            row["created_at"][:16].replace("T", " "),
            row["author"],
            _held(row, others=bool(ordered.scoped)),
            f"{row['partitions']:,}",
            row["reason"],
        )
    screen().print(table, highlight=False)
    if general is None:
        click.echo("none is in force in general: what lies in the domain's folder is")


def _held(row: dict[str, Any], *, others: bool) -> str:
    general = [f"everything{' else' if others and not row['days_in_force'] else ''}"] if row["in_force"] else []
    return ", ".join([*general, *([span(row["days_in_force"])] if row["days_in_force"] else [])])


def span(days: Sequence[str]) -> str:
    """Say which days: the first, the last, and how many."""
    return days[0] if len(days) == 1 else f"{len(days)} days from {days[0]} to {days[-1]}"
