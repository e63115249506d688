"""`agentic agent promote`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from agentic_assets.cli.agent.ordering import opened, order_options, recorded, stage_of, tell, word_of
from agentic_assets.cli.options import DAYS
from agentic_assets.errors import ControlRefused

if TYPE_CHECKING:
    from agentic_assets.evidence import Reading, Subject
    from agentic_assets.oversight import Backtest

__all__ = ["promote"]


@click.command()
@click.argument("agent")
@click.argument("phase", type=click.Choice(["canary", "live"]))
@click.option("--percent", help="The share of the entities of a canary, e.g. 10 or 2.5.")
@click.option(
    "--days",
    type=DAYS,
    required=True,
    help="The held-out days of the backtest, e.g. 2013-07-01..2013-08-31: at least 7, decided in shadow or otherwise.",
)
@order_options
def promote(agent: str, phase: str, percent: str | None, days: tuple[date, date], **said: Any) -> None:
    """Move an agent forward: from shadow to a canary, to a larger one, and live at last.

    It must not have done worse than the rule before on the days of the backtest, whose figures are kept with the
    order, and whoever promotes it must not be its author or owner.

    \b
        agentic agent promote turnaround canary --percent 10 --days 2013-07-01..2013-08-31 \\
            --by lee --role model_validator --reason "better than the rule before for two months"
    """
    from agentic_assets.evidence.overseeing import standing_of, subjects_of
    from agentic_assets.oversight import promote as order

    to = stage_of(phase, percent)
    with opened(said["domain_name"]) as reading:
        subject = subjects_of(reading.domain, agent)[-1]
        word = word_of(reading, subject.agent.id, said)
        evidence = tested(reading, subject, reading.domain.graph.calendar.days(*days))
        click.echo(evidence.text(), err=True)
        given = recorded(
            reading,
            word,
            order(word, subject.agent, to, lambda held: standing_of(held, subject, word.effective_from), evidence),
            said,
        )
    tell(given, said)


def tested(reading: Reading, subject: Subject, days: tuple[str, ...]) -> Backtest:
    """Score an agent against the rule before on held-out days; raises ControlRefused where it cannot be."""
    from agentic_assets.oversight import backtest

    if subject.score is None:
        raise ControlRefused(
            f"nothing scores the decisions of {subject.agent.id}", hint="name a `score` in its subject of the domain"
        )
    if subject.held_out_from is not None and days[0] < subject.held_out_from.isoformat():
        raise ControlRefused(
            f"{subject.agent.id} was fitted to days before {subject.held_out_from}, and cannot be judged by {days[0]}",
            hint=f"choose days from {subject.held_out_from} on",
        )
    for asset in (subject.decisions, subject.outcomes):
        lacking = sorted(set(days) - set(reading.manifest.current(asset, days)))
        if lacking:
            raise ControlRefused(
                f"{len(lacking)} of the {len(days)} days are not published in {asset}, e.g. {lacking[0]}",
                hint=f"`agentic run --from {days[0]} --to {days[-1]}` makes them",
            )
    return backtest(
        reading.current(subject.decisions, days), reading.current(subject.outcomes, days), subject.score, subject.agent
    )
