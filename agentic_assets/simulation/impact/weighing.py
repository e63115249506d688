"""Count what two versions of a domain decide differently about the same days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.outcomes import AGENT
from agentic_assets.simulation.replaying import Progress
from agentic_assets.simulation.under import Recomputation, recompute

__all__ = ["NO_DECISION", "Impact", "Moved", "weigh"]

NO_DECISION = "no decision"
_KEY = ["day", "entity"]


@dataclass(frozen=True)
class Moved:
    """How many decisions went from one action, or verdict, to another."""

    before: str
    after: str
    decisions: int


@dataclass(frozen=True)
class Impact:
    """One agent: its decisions under both versions; money in whole cents, None where nobody can price it.

    `changed` counts the entities about which another action is taken, also where one side decides nothing. `fallen`
    says which days a side could not make, and why.
    """

    agent: str
    old: str
    new: str
    decisions_old: int
    decisions_new: int
    changed: int
    actions: tuple[Moved, ...]
    verdicts: tuple[Moved, ...]
    cents_old: int | None
    cents_new: int | None
    daily: Mapping[str, int] = field(default_factory=dict)
    fallen: Mapping[str, str] = field(default_factory=dict)

    @property
    def cents(self) -> int | None:
        """What the newer version saves beyond the older one."""
        return None if self.cents_old is None or self.cents_new is None else self.cents_new - self.cents_old

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "cents": self.cents}


def weigh(
    reading: Reading, old: Domain, new: Domain, days: Sequence[str], *, progress: Progress | None = None
) -> tuple[Impact, ...]:
    """Recompute some days under both versions, without effects, and compare what each agent decides.

    Agents are told apart by their names; one that only one version has decides nothing in the other. Decisions are held
    against the outcomes that each version knows.
    """
    sides = [recompute(reading, domain, days, assets=_asked(domain), progress=progress) for domain in (old, new)]
    named = [{subject.agent.name: subject for subject in domain.subjects} for domain in (old, new)]
    names = dict.fromkeys((*named[0], *named[1]))
    return tuple(_of_agent(name, sides, [side.get(name) for side in named], days) for name in names)


def _asked(domain: Domain) -> set[str]:
    assets = {name for subject in domain.subjects for name in (subject.decisions, subject.outcomes)}
    return {name for name in assets if name in domain.graph}


def _of_agent(
    name: str, sides: Sequence[Recomputation], subjects: Sequence[Subject | None], days: Sequence[str]
) -> Impact:
    pairs = list(zip(sides, subjects, strict=True))
    before, after = (_decided(side, subject, days) for side, subject in pairs)
    ids = [subject.agent.id if subject else "" for subject in subjects]
    both = (
        _told(before)
        .join(_told(after), on=_KEY, how="full", coalesce=True, suffix="_new")
        .with_columns(pl.col("action", "action_new", "verdict", "verdict_new").fill_null(NO_DECISION))
    )
    other = both.filter(pl.col("action") != pl.col("action_new"))
    money = [_saved(side, subject, frame, days) for (side, subject), frame in zip(pairs, (before, after), strict=True)]
    fallen = {
        day: why
        for side, subject in pairs
        if subject is not None
        for day, why in side.fallen.get(subject.decisions, {}).items()
        if day in {*days}
    }
    return Impact(
        agent=name,
        old=ids[0],
        new=ids[1],
        decisions_old=before.height,
        decisions_new=after.height,
        changed=other.height,
        actions=_moves(other, "action"),
        verdicts=_moves(both.filter(pl.col("verdict") != pl.col("verdict_new")), "verdict"),
        cents_old=money[0],
        cents_new=money[1],
        daily={str(day): int(count) for day, count in other.group_by("day").len().sort("day").iter_rows()},
        fallen=fallen,
    )


def _decided(side: Recomputation, subject: Subject | None, days: Sequence[str]) -> pl.DataFrame:
    if subject is None:
        return pl.DataFrame(
            schema={"day": pl.Date(), "entity": pl.String(), "effective_action": pl.String(), "verdict": pl.String()}
        )
    return side.read(subject.decisions, days)


def _told(decisions: pl.DataFrame) -> pl.DataFrame:
    return decisions.select(*_KEY, pl.col("effective_action").alias("action"), "verdict").unique(
        _KEY, keep="last", maintain_order=True
    )


def _moves(rows: pl.DataFrame, column: str) -> tuple[Moved, ...]:
    counted = (
        rows.group_by(column, f"{column}_new")
        .len()
        .sort("len", column, f"{column}_new", descending=[True, False, False])
    )
    return tuple(Moved(str(before), str(after), int(count)) for before, after, count in counted.iter_rows())


def _saved(side: Recomputation, subject: Subject | None, decisions: pl.DataFrame, days: Sequence[str]) -> int | None:
    if subject is None or subject.score is None or not subject.outcomes or not decisions.height:
        return None
    node = side.domain.graph[subject.outcomes]
    outcomes = side.read(subject.outcomes, side.domain.graph.calendar.partitions(node.cut, days))
    if not outcomes.height:
        return None
    scored = subject.score(decisions, outcomes).filter(pl.col("strategy") == AGENT)
    return int(scored.get_column("net_saved_cents").sum())
