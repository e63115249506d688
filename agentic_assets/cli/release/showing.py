"""`agentic release show`."""

from __future__ import annotations

from itertools import groupby

import click
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, for_domain, json_option, screen
from agentic_assets.cli.release.listing import span

__all__ = ["show"]


@click.command()
@click.argument("wanted", metavar="RELEASE")
@domain_option
@json_option
def show(wanted: str, domain_name: str, as_json: bool) -> None:
    """Show one release, such as r3: its versions by kind, its sources, the library, and when it was put in force."""
    from agentic_assets.home import Home
    from agentic_assets.releases import Releases, library, made_from, rows_of
    from agentic_assets.store import Store

    home = Home.from_environment()
    store = Store(home.store_url)
    try:
        releases = Releases(store, home.keys)
        one = releases.get(domain_name, wanted)
        snapshot = releases.snapshots.get(one.sources)
        orders = [each for each in releases.activations(domain_name) if each.release == one.number]
        partitions = made_from(store)[one.sources]
    finally:
        store.close()
    same = snapshot.library.digest == library().digest
    if as_json:
        emit_json(
            {
                **one.content,
                "name": one.name,
                "created_at": one.created_at,
                "host": one.host,
                "digest": one.digest,
                "pins": [
                    dict(zip(("kind", "name", "version", "digest"), row, strict=True)) for row in rows_of(one.pins)
                ],
                "files": snapshot.files,
                "library": {**snapshot.library._asdict(), "same_as_installed": same},
                "partitions": partitions,
                "activations": [{**each.content, "recorded_at": each.recorded_at} for each in orders],
            }
        )
        return
    click.echo(f"{one}, made {one.created_at[:16].replace('T', ' ')} UTC by {one.author} on {one.host}")
    click.echo(f"reason: {one.reason}")
    click.echo(f"digest: {one.digest}")
    click.echo(
        f"sources: {len(snapshot.files)} files, {one.sources[:12]}; {partitions:,} published partitions made from them"
    )
    click.echo(f"library: {snapshot.library}{'' if same else f'; installed is {library()}'}")
    table = Table(title=f"{len(one.pins)} versions", title_justify="left")
    for column in ("kind", "name", "version", "digest"):
        table.add_column(column, no_wrap=True)
    for kind, pins in groupby(one.pins, key=lambda pin: pin.kind):
        for position, pin in enumerate(pins):
            table.add_row("" if position else kind, pin.name, pin.version, pin.digest[:12])
    screen().print(table, highlight=False)
    for each in orders:
        held = "everything" if each.partitions is None else span(each.partitions)
        when = each.recorded_at[:16].replace("T", " ")
        click.echo(f"put in force for {held} on {when} UTC by {each.author} ({each.kind}): {each.reason}")
    if not orders:
        click.echo(
            f"never put in force: `agentic release activate {one.name} --reason TEXT{for_domain(domain_name)}` does"
        )
