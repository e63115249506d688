"""`agentic quality list` and `agentic quality show`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import named, safe

if TYPE_CHECKING:
    from agentic_assets.pipeline import Engine

__all__ = ["list_", "opened", "show"]

_STYLES = {"held": "bold red", "accepted": "yellow", "warned": "yellow"}


@contextmanager
def opened(domain_name: str) -> Iterator[Engine]:
    """Open the engine of a domain on the home of the environment."""
    from agentic_assets.domains import load_domain
    from agentic_assets.home import Home
    from agentic_assets.pipeline import Engine

    engine = Engine(load_domain(domain_name).graph, Home.from_environment())
    try:
        yield engine
    finally:
        engine.store.close()


@click.command(name="list")
@click.option("--asset", help="Only this asset, e.g. sources/movements.")
@click.option("--held", is_flag=True, help="Only what is held back now.")
@domain_option
@json_option
def list_(asset: str | None, held: bool, domain_name: str, as_json: bool) -> None:
    """List the published partitions in which something is unusual, and which of them are held back."""
    from agentic_assets.quality.review import opinions

    with opened(domain_name) as engine:
        found = [one for one in opinions(engine) if asset in (None, one.asset) and (not held or one.state == "held")]
    if as_json:
        emit_json({"partitions": [one.to_dict() for one in found]}, ascii_only=True)
        return
    if not found:
        click.echo("nothing is held back" if held else "nothing is unusual in what is published")
        return
    table = Table(title=f"{len(found):,} partitions", title_justify="left")
    for column in ("asset", "partition", "state", "broken"):
        table.add_column(column, overflow="fold")
    for one in found:
        names = ", ".join(str(row["expectation"]) for row in one.broken)
        state = f"[{_STYLES[one.state]}]{one.state}[/]"
        table.add_row(safe(one.asset), safe(one.partition), state, safe(names, most=300))
    screen().print(table)


@click.command()
@click.argument("asset")
@click.argument("partition", default="")
@domain_option
@json_option
def show(asset: str, partition: str, domain_name: str, as_json: bool) -> None:
    """Show what was expected of one partition's statistics, what was found, and who accepted it.

    \b
        agentic quality show sources/movements 2013-02-08
    """
    from agentic_assets.quality.review import opinions, verdict_rows

    with opened(domain_name) as engine:
        rows = verdict_rows(engine, asset, partition).to_dicts()
        about = next((one for one in opinions(engine) if (one.asset, one.partition) == (asset, partition)), None)
    state = about.state if about else "as expected"
    if as_json:
        accepted = about.to_dict()["acceptance"] if about else None
        found = {"asset": asset, "partition": partition, "state": state, "acceptance": accepted, "statistics": rows}
        emit_json(found, ascii_only=True)
        return
    console = screen()
    table = Table(title=f"{named(asset, partition)}: {state}", title_justify="left")
    for column in ("expectation", "verdict", "severity"):
        table.add_column(column, overflow="fold")
    for column in ("found", "lowest", "highest", "history"):
        table.add_column(column, justify="right")
    trends = {row["expectation"]: row["the last partitions"] for row in (about.broken if about else ())}
    table.add_column("the last partitions", overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, trends.get(row["expectation"], "")))
    console.print(table)
    for row in rows:
        if row["detail"]:
            console.print(safe(f"{row['expectation']}: {row['detail']}", most=400))
    if about and about.acceptance:
        word = about.acceptance
        console.print(safe(f"accepted by {word.identity} at {word.recorded_at}: {word.reason}", most=2_500))


def _cells(row: dict[str, Any], trend: str) -> list[Any]:
    from agentic_assets.quality.wording import figure

    colour = "red" if row["verdict"] in ("broken", "errored") else ""
    verdict = f"[{colour}]{row['verdict']}[/]" if colour else row["verdict"]
    figures = [figure(row[name]) for name in ("value", "low", "high")]
    return [safe(row["expectation"]), verdict, row["severity"], *figures, str(row["history"]), safe(trend)]
