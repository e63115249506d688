"""`agentic release diff --impact`: what another release would have decided, as a table and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agentic_assets.cli.options import screen
from agentic_assets.errors import ReleaseBroken

if TYPE_CHECKING:
    from agentic_assets.home import Home
    from agentic_assets.releases.difference import Difference
    from agentic_assets.simulation.impact import Impact

__all__ = ["Weighed", "print_impact", "weighed_impact"]

_SHOWN = 8


@dataclass(frozen=True)
class Weighed:
    """The impact on each agent over some days, and the page that shows it."""

    days: tuple[str, ...]
    agents: tuple[Impact, ...]
    page: Path

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {
            "first_day": self.days[0],
            "last_day": self.days[-1],
            "agents": [one.to_dict() for one in self.agents],
            "page": str(self.page),
        }


def weighed_impact(found: Difference, home: Home, days: tuple[date, date], *, quiet: bool) -> Weighed:
    """Recompute the days under both sides, and write the page; ReleaseBroken when a side does not load."""
    from agentic_assets.evidence.reading import Reading
    from agentic_assets.simulation.impact import weigh, write_page

    old, new = found.old, found.new
    if old.domain is None or new.domain is None:
        raise ReleaseBroken(
            f"{(old if old.domain is None else new).label} does not load, so that it can decide nothing",
            hint="without --impact its files and versions are compared; see the library that `release show` names",
        )
    names = new.domain.graph.calendar.days(*days)
    reading = Reading(new.domain, home)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        hidden = quiet or not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
            task = bar.add_task("starting", total=None)
            agents = weigh(
                reading,
                old.domain,
                new.domain,
                names,
                progress=lambda asset, done, total: bar.update(task, description=asset, completed=done, total=total),
            )
    finally:
        reading.close()
    told = [side.label.replace(" ", "-") for side in (old, new)]
    page = home.reports / f"{new.domain.name}-{told[0]}-{told[1]}-{names[0]}-{names[-1]}.html"
    write_page(page, new.domain, old.label, new.label, names, agents)
    return Weighed(names, agents, page)


def print_impact(weighed: Weighed) -> None:
    """Print for each agent how many decisions change, from which action to which, and what that is worth."""
    table = Table(title=f"decided under both, {weighed.days[0]} to {weighed.days[-1]}", title_justify="left")
    table.add_column("agent", no_wrap=True)
    for column in ("decisions", "other action", "other verdict", "net saved before", "after", "more"):
        table.add_column(column, justify="right")
    for one in weighed.agents:
        decisions = f"{one.decisions_old:,}"
        table.add_row(
            one.agent,
            decisions if one.decisions_old == one.decisions_new else f"{decisions} -> {one.decisions_new:,}",
            f"{one.changed:,}",
            f"{sum(moved.decisions for moved in one.verdicts):,}",
            _usd(one.cents_old),
            _usd(one.cents_new),
            _usd(one.cents),
        )
    screen().print(table, highlight=False)
    for one in weighed.agents:
        for what, moves in (("action", one.actions), ("verdict", one.verdicts)):
            for moved in moves[:_SHOWN]:
                click.echo(f"{one.agent}: {what} {moved.before} -> {moved.after}: {moved.decisions:,}")
            if len(moves) > _SHOWN:
                click.echo(f"{one.agent}: and {len(moves) - _SHOWN} more kinds of other {what}s")
        if one.fallen:
            day, why = min(one.fallen.items())
            click.echo(f"{one.agent}: {len(one.fallen)} days could not be made, such as {day}: {why[:300]}")
    click.echo(f"chart: {weighed.page}")


def _usd(cents: int | None) -> str:
    return "" if cents is None else f"{round(cents / 100):,} $"
