"""`agentic rollback data`."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from agentic_assets.cli.identity import LONGEST_NAME, identity_of, reason_of
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import named, safe, span

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home
    from agentic_assets.orchestration import Restored

__all__ = ["data"]


@click.command()
@click.argument("asset")
@click.argument("partition", default="")
@click.option(
    "--list", "listed", is_flag=True, help="Show the versions that the partition has had, and change nothing."
)
@click.option("--to", "version", metavar="VERSION", help="The data version to bring back: 6 digits of it or more.")
@click.option("--lift", is_flag=True, help="Let the partition be computed again, as if nobody had set it back.")
@click.option("--reason", default="", help="Why. It is kept with the order, and shown wherever it matters.")
@click.option("--by", "who", help="Who orders it. Default: AGENTIC_USER, or the user of this computer.")
@domain_option
@json_option
def data(
    asset: str,
    partition: str,
    listed: bool,
    version: str | None,
    lift: bool,
    reason: str,
    who: str | None,
    domain_name: str,
    as_json: bool,
) -> None:
    """Set a partition of a source or of features back to earlier bytes, and make again what rests on it.

    It stays at those bytes, whatever is delivered or changed meanwhile, until the order is lifted. An order that was
    cut off is finished by giving it again. Decisions and actions are no data: `rollback apply` takes those back.

    \b
        agentic rollback data sources/weather 2013-02-08 --list
        agentic rollback data sources/weather 2013-02-08 --to 3fa9c1 --reason "the second delivery was cut off"
        agentic rollback data sources/weather 2013-02-08 --lift --reason "the provider delivered it again"
    """
    if sum((listed, version is not None, lift)) != 1:
        raise click.UsageError("say what to do: --list, or --to VERSION, or --lift")
    if not listed:
        reason, who = reason_of(reason), identity_of(who)
    errors = Console(stderr=True)
    with errors.status("reading the versions"):
        from agentic_assets.domains import governed_domain
        from agentic_assets.home import Home

        home = Home.from_environment()
        domain = governed_domain(domain_name, home)
        if listed:
            _list(domain, home, asset, partition, as_json)
            return
    from agentic_assets.cli.progress import watching
    from agentic_assets.orchestration import lift_and_run, restore_and_run

    host = socket.gethostname()[:LONGEST_NAME]
    with watching(errors, quiet=as_json) as observer:
        if version is None:
            done = lift_and_run(
                domain, home, asset, partition, by=str(who), reason=reason, host=host, observer=observer
            )
        else:
            done = restore_and_run(
                domain, home, asset, partition, version, by=str(who), reason=reason, host=host, observer=observer
            )
    if as_json:
        emit_json(done.to_dict(), ascii_only=True)
    else:
        _print(done, screen())
    if done.failure:
        click.echo(f"error: {done.failure}", err=True)
        raise click.exceptions.Exit(1)


def _list(domain: Domain, home: Home, asset: str, partition: str, as_json: bool) -> None:
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.past_versions import past_versions, standing_order

    reading = Reading(domain, home)
    try:
        versions = past_versions(reading, asset, partition)
        order = standing_order(reading, asset, partition)
    finally:
        reading.close()
    if as_json:
        found = {
            "asset": asset,
            "partition": partition,
            "order": order,
            "versions": [one.to_dict() for one in versions],
        }
        emit_json(found, ascii_only=True)
        return
    table = Table(title=f"{named(asset, partition)}, newest first", title_justify="left")
    for column in ("recorded (UTC)", "data version", "code version", "run"):
        table.add_column(column, no_wrap=True)
    for column in ("rows", "quarantined"):
        table.add_column(column, justify="right")
    table.add_column("", overflow="fold")
    for one in reversed(versions):
        said = ["current"] * one.current + [one.gone] * bool(one.gone)
        said += [f"brought back by {one.restored}"] * bool(one.restored)
        table.add_row(
            one.recorded_at[:19].replace("T", " "),
            one.data_version[:12],
            one.code_version[:12],
            one.run_id[:8],
            f"{one.rows:,}",
            f"{one.quarantined:,}",
            safe("; ".join(said)),
        )
    console = screen()
    console.print(table)
    if order:
        console.print(safe(f"it is kept at these bytes by order of {order}; --lift ends that", most=2_400))


def _print(done: Restored, console: Console) -> None:
    where = named(done.asset, done.partition)
    if done.lifted:
        console.print(safe(f"{where} is computed again, by order of {done.by}: {done.reason}", most=2_400))
        console.print(f"data version {done.data_version[:12]}, before {done.from_version[:12]}", highlight=False)
    elif done.data_version:
        said = f"{where} holds {done.data_version[:12]} again, instead of {done.from_version[:12]}: {done.rows:,} rows"
        console.print(said, highlight=False)
        console.print("it stays so until --lift, whatever is delivered meanwhile", highlight=False)
    for name, parts in done.remade.items():
        console.print(f"made again: {name}, {span(parts)}", highlight=False)
    if not done.remade:
        console.print("nothing that rests on it changed", highlight=False)
    console.print(f"run {done.run_id[:8]}", highlight=False)
