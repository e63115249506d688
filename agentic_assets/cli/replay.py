"""`agentic replay`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from agentic_assets.cli.options import DAYS, domain_option, emit_json, json_option

if TYPE_CHECKING:
    from agentic_assets.evidence.reading import Reading
    from agentic_assets.simulation.replaying import Progress as Told

__all__ = ["replay", "watching_replay"]

_MONTH = re.compile(r"\d{4}-\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command()
@click.argument("what", metavar="PARTITION|DECISION_ID|DAY..DAY")
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Only what this agent decided; repeatable.")
@click.option("--asset", "assets", multiple=True, metavar="ASSET", help="Only this asset; repeatable.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also sources, models, outcomes and all else that needs no system of record.",
)
@domain_option
@json_option
def replay(
    what: str, agents: tuple[str, ...], assets: tuple[str, ...], everything: bool, domain_name: str, as_json: bool
) -> None:
    """Compute again what was decided, from what is recorded, and compare it byte for byte.

    WHAT is a day, a month (2013-02), a range of days, or the id of a decision or its first digits (6 or more), also of
    one that was superseded. Each partition is computed from the inputs, the code and the orders that it was made from,
    whatever came later. Nothing is published, sealed or done, and no system of record is read. Exit code 1 on any
    difference, which is named with both values and with the version that it comes from.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence.reading import Reading
    from agentic_assets.home import Home

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        if _DAY.match(what) or _MONTH.fullmatch(what):
            same = _days(reading, what, agents, assets, everything, as_json)
        else:
            if agents or assets or everything:
                raise click.UsageError("--agent, --asset and --all are for days, not for one decision")
            same = _decision(reading, what, as_json)
    finally:
        reading.close()
    if not same:
        raise click.exceptions.Exit(1)


def _days(
    reading: Reading, what: str, agents: tuple[str, ...], assets: tuple[str, ...], everything: bool, as_json: bool
) -> bool:
    from agentic_assets.simulation.replaying import replay as replay_entries
    from agentic_assets.simulation.report import Report
    from agentic_assets.simulation.scope import Scope, chosen

    start = time.perf_counter()
    entries = chosen(reading, _partitions(reading, what), Scope(agents, assets, everything))
    with watching_replay(quiet=as_json) as progress:
        found = replay_entries(reading, entries, progress=progress)
    report = Report(reading.domain, found, time.perf_counter() - start)
    if as_json:
        emit_json(report.to_dict())
    else:
        for line in report.lines():
            click.echo(line)
        effects = [node.asset for node in reading.domain.graph.nodes if node.effects]
        sealed = {subject.ledger for subject in reading.domain.subjects}
        left_out = [asset for asset in effects if asset not in sealed]
        if left_out:
            click.echo(f"never replayed, since it has effects: {', '.join(left_out)}", err=True)
    return report.identical


def _partitions(reading: Reading, what: str) -> tuple[str, ...]:
    calendar = reading.domain.graph.calendar
    if _MONTH.fullmatch(what):
        days = tuple(day for day in calendar.days() if day.startswith(what))
        return days or calendar.days(DAYS.convert(f"{what}-01", None, None)[0])  # which says what there is
    return calendar.days(*DAYS.convert(what, None, None))


def _decision(reading: Reading, decision_id: str, as_json: bool) -> bool:
    from agentic_assets.simulation.decision import replay_decision

    start = time.perf_counter()
    with watching_replay(quiet=as_json) as progress:
        found = replay_decision(reading, decision_id, progress=progress)
    if as_json:
        emit_json({**found.to_dict(), "seconds": round(time.perf_counter() - start, 3)})
        return found.identical
    superseded = ", superseded since" if found.superseded else ""
    click.echo(f"decision {found.decision_id} by {found.agent} on {found.partition}{superseded}")
    for step in found.steps:
        click.echo(f"  {step.text()}")
    if found.problem:
        click.echo(f"  its record is not the one that was sealed: {found.problem}")
    elif found.record is not None:
        click.echo(f"  identical: all {len(found.record.encode()):,} bytes of its record; sealed as {found.sealed}")
    return found.identical


@contextmanager
def watching_replay(*, quiet: bool) -> Iterator[Told | None]:
    """Show on stderr how far it got; nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda asset, done, total: bar.update(task, description=asset, completed=done, total=total)
