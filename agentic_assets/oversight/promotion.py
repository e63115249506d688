"""Promote an agent, from shadow over a canary to live: on a backtest, and by somebody who did not make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.errors import ControlRefused
from agentic_assets.outcomes import AGENT, JUDGED, LEGACY, mean_interval
from agentic_assets.oversight.ordering import Order, Word
from agentic_assets.policy.rollout import Control, Kind, Phase, Stage, State

__all__ = ["FEWEST_DAYS", "Backtest", "Side", "backtest", "promote"]

FEWEST_DAYS = 7
"""Single days are noisy: a backtest over fewer says nothing."""

Score = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""(decisions, outcomes) -> the scorecard of the domain: a row a day and strategy."""


@dataclass(frozen=True)
class Side:
    """What the agent, had all that was left of its proposals been done, and the rule before would have saved.

    In cents, over the decisions of one phase that the agent was in, or of all; `done_cents` is what was really saved.
    """

    phase: str
    decisions: int
    judged_cents: int
    legacy_cents: int
    done_cents: int


@dataclass(frozen=True)
class Backtest:
    """The agent against the incumbent over a range of days; a day's difference has a 95 % interval (in cents)."""

    agent: str
    first: str
    last: str
    days: int
    known: int
    whole: Side
    by_phase: tuple[Side, ...]
    daily_cents: int
    daily_low_cents: int
    daily_high_cents: int

    @property
    def worse(self) -> bool:
        """Whether the agent saved less than the rule before."""
        return self.whole.judged_cents < self.whole.legacy_cents

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values."""
        return {**asdict(self), "by_phase": [asdict(side) for side in self.by_phase]}

    def text(self) -> str:
        """Say it in one sentence."""
        return (
            f"over {self.days} days, {self.first} to {self.last}, {self.agent} would have saved "
            f"${self.whole.judged_cents // 100:,}, the rule before ${self.whole.legacy_cents // 100:,}"
        )


def backtest(decisions: pl.DataFrame, outcomes: pl.DataFrame, score: Score, spec: Spec) -> Backtest:
    """Score what was left of an agent's proposals beside the rule before, whatever was done on those days.

    `decisions` are those of whole days, and `outcomes` theirs. Of each phase the rule before is scored as if it had
    the quotas to itself. Raises ControlRefused for decisions of another agent or version, and for too few days.
    """
    others = decisions.filter(pl.col("agent") != spec.id)
    if others.height:
        found = others.get_column("agent")[0]
        raise ControlRefused(
            f"{others.height:,} of {decisions.height:,} decisions are of {found}, not {spec.id}",
            hint="a version is promoted on what it decided itself: run it over these days first, in shadow",
        )
    days = sorted(str(day) for day in decisions.get_column("day").unique())
    if len(days) < FEWEST_DAYS:
        raise ControlRefused(
            f"{len(days)} days are too few to judge {spec.id} by", hint=f"choose at least {FEWEST_DAYS} held-out days"
        )
    card = score(decisions, outcomes)
    daily = card.pivot(on="strategy", index="day", values="net_saved_cents").sort("day")
    interval = mean_interval(daily.get_column(JUDGED) - daily.get_column(LEGACY))
    sides = [
        _side(str(phase), rows, score(rows, outcomes))
        for (phase,), rows in sorted(decisions.partition_by("phase", as_dict=True).items(), key=str)
    ]
    return Backtest(
        agent=spec.id,
        first=days[0],
        last=days[-1],
        days=len(days),
        known=int(card.filter(pl.col("strategy") == JUDGED).get_column("known").sum()),
        whole=_side("all", decisions, card),
        by_phase=tuple(sides),
        daily_cents=interval.mean or 0,
        daily_low_cents=interval.low or 0,
        daily_high_cents=interval.high or 0,
    )


def promote(
    word: Word, spec: Spec, to: Stage, state: Callable[[tuple[Control, ...]], State], evidence: Backtest
) -> Order:
    """Order that an agent moves forward; the figures of the backtest are kept with the order.

    `state` tells where the agent stands, stops and trips included. Raises ControlRefused when its author or owner
    validates it, when it leaves the canary out, was worse than the rule before, or its review is overdue.
    """

    def order(standing: tuple[Control, ...]) -> Control:
        now = state(standing)
        _refuse_validator(word, spec)
        _refuse_path(spec, now, to)
        if word.effective_from.date() > spec.review_by:
            raise ControlRefused(
                f"the review of {spec.id} was due on {spec.review_by}", hint="review it, and raise its version with it"
            )
        if not evidence.known:
            raise ControlRefused(
                f"no outcome of the {evidence.days} days is known", hint="choose days whose outcomes have arrived"
            )
        if evidence.worse:
            raise ControlRefused(
                f"{evidence.text()}: it is not promoted", hint="find out why, or choose held-out days that say more"
            )
        made = word.control(Kind.STAGE, spec.id, stage=to)
        return replace(made, details={"promoted_from": str(now.phase), "backtest": evidence.to_dict()})

    return order


def _refuse_validator(word: Word, spec: Spec) -> None:
    made_it = {name.strip().casefold() for name in (spec.author, spec.owner) if name.strip()}
    if word.identity.strip().casefold() in made_it:
        raise ControlRefused(
            f"{word.identity} made {spec.id} or owns it, and cannot validate it",
            hint="have somebody else look at it, and promote it with --by NAME",
        )


def _refuse_path(spec: Spec, now: State, to: Stage) -> None:
    if now.phase in (Phase.STOPPED, Phase.TRIPPED):
        verb = "resume" if now.phase is Phase.STOPPED else "reset"
        raise ControlRefused(f"{spec.id} is {now.phase}", hint=f"`agentic agent {verb}` it first")
    if to.percent_bp <= now.percent_bp:
        raise ControlRefused(
            f"{spec.id} is {now.phase} for {now.percent_bp / 100:.2f} % already, {to} is no step forward",
            hint="`agentic agent stage` moves it back",
        )
    if now.phase is Phase.SHADOW and to.phase is not Phase.CANARY:
        raise ControlRefused(
            f"{spec.id} is in shadow, and would be {to} at once", hint="a canary comes first, e.g. canary --percent 10"
        )


def _side(phase: str, decisions: pl.DataFrame, card: pl.DataFrame) -> Side:
    saved = dict(card.group_by("strategy").agg(pl.col("net_saved_cents").sum()).iter_rows())
    return Side(phase, decisions.height, saved.get(JUDGED, 0), saved.get(LEGACY, 0), saved.get(AGENT, 0))
