"""`agentic quality list` and `agentic quality show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import named, safe

if TYPE_CHECKING:
    from agentic_assets.pipeline import Engine
    from agentic_assets.quality.review import Judged, Opinion

__all__ = ["list_", "opened", "show"]

_STYLES = {"held": "bold red", "accepted": "yellow", "warned": "yellow"}
"""States and their colours, the worst first."""
_MOVED = 20


@contextmanager
def opened(domain_name: str) -> Iterator[Engine]:
    """Open the engine of a domain on the home of the environment."""
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.pipeline import Engine

    home = Home.from_environment()
    engine = Engine(governed_domain(domain_name, home).graph, home)
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
    for column in ("asset", "partition", "state", "judged by", "broken"):
        table.add_column(column, overflow="fold")
    for one in found:
        state = f"[{_STYLES[one.state]}]{one.state}[/]"
        table.add_row(safe(one.asset), safe(one.partition), state, safe(one.judge), safe(_broken(one)))
    screen().print(table)


def _broken(one: Opinion) -> str:
    """Name the broken expectations; of a verdict on the whole partition say the reason."""
    names = [str(row["expectation"]) for row in one.broken if "expectation" in row]
    return ", ".join(names) or one.said.partition("\n")[0].partition(";")[0]


@click.command()
@click.argument("asset")
@click.argument("partition", default="")
@domain_option
@json_option
def show(asset: str, partition: str, domain_name: str, as_json: bool) -> None:
    """Show what judges found in one partition: its statistics or its drift, why it is held, and who accepted it.

    \b
        agentic quality show sources/movements 2013-02-08
        agentic quality show features/departure_delay 2013-12-31
    """
    from agentic_assets.quality.review import judged

    with opened(domain_name) as engine:
        found = judged(engine, asset, partition)
    if as_json:
        emit_json(_plain(asset, partition, found), ascii_only=True)
        return
    console = screen()
    for one in found:
        state = one.opinion.state if one.opinion else "as expected"
        title = f"{named(asset, partition)}: {state}, by {one.judge}"
        console.print(_table(title, one) if "expectation" in one.rows.columns else _moved(title, one))
        if "expectation" in one.rows.columns:
            for row in one.rows.drop_nulls("detail").to_dicts():
                console.print(safe(f"{row['expectation']}: {row['detail']}", most=400))
        elif one.opinion:
            console.print(safe(one.opinion.said, most=2_500, lines=True))
        if one.opinion and one.opinion.acceptance:
            word = one.opinion.acceptance
            console.print(safe(f"accepted by {word.identity} at {word.recorded_at}: {word.reason}", most=2_500))


def _plain(asset: str, partition: str, found: Sequence[Judged]) -> dict[str, Any]:
    # The worst of the states is that of the partition.
    told = sorted((one.opinion for one in found if one.opinion), key=lambda one: [*_STYLES].index(one.state))
    accepted = next((one.to_dict()["acceptance"] for one in told if one.acceptance), None)
    state = told[0].state if told else "as expected"
    statistics = [row for one in found for row in one.rows.to_dicts()]
    verdicts = [one.to_dict() for one in told]
    return {
        "asset": asset,
        "partition": partition,
        "state": state,
        "acceptance": accepted,
        "verdicts": verdicts,
        "statistics": statistics,
    }


def _table(title: str, one: Judged) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("expectation", "verdict", "severity"):
        table.add_column(column, overflow="fold")
    for column in ("found", "lowest", "highest", "history"):
        table.add_column(column, justify="right")
    trends = {row["expectation"]: row["the last partitions"] for row in (one.opinion.broken if one.opinion else ())}
    table.add_column("the last partitions", overflow="fold")
    for row in one.rows.to_dicts():
        table.add_row(*_cells(row, trends.get(row["expectation"], "")))
    return table


def _moved(title: str, one: Judged) -> Table:
    """Arrange what lies over its threshold, the farthest first."""
    from agentic_assets.quality.wording import figure

    over = one.rows.filter("over").sort("times", "measure", "feature", descending=[True, False, False], nulls_last=True)
    table = Table(title=f"{title}: {over.height} of {one.rows.height} over their thresholds", title_justify="left")
    for column in ("measure", "feature", "view"):
        table.add_column(column, overflow="fold")
    for column in ("found", "threshold", "times", "null"):
        table.add_column(column, justify="right")
    for row in over.head(_MOVED).to_dicts():
        figures = [figure(row[name]) for name in ("value", "threshold", "times")]
        nulls = "" if row["null_share"] is None else f"{100 * row['null_share']:.0f} %"
        table.add_row(row["measure"], safe(row["feature"]), safe(row["view"]), *figures, nulls)
    return table


def _cells(row: dict[str, Any], trend: str) -> list[Any]:
    from agentic_assets.quality.wording import figure

    colour = "red" if row["verdict"] in ("broken", "errored") else ""
    verdict = f"[{colour}]{row['verdict']}[/]" if colour else row["verdict"]
    figures = [figure(row[name]) for name in ("value", "low", "high")]
    return [safe(row["expectation"]), verdict, row["severity"], *figures, str(row["history"]), safe(trend)]
