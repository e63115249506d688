"""Which decisions a rollback supersedes, which actions it takes back, and which escalations it opens again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from agentic_assets.actions import Difference, Outbox, actions_of, scope_of
from agentic_assets.actions.wanted import NEEDED
from agentic_assets.agents import NO_ACTION
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.pipeline import Engine, Entry, by_day
from agentic_assets.policy.escalation import Resolutions
from agentic_assets.store import Store

if TYPE_CHECKING:
    from agentic_assets.releases.rollback.plan import Remade

__all__ = ["Superseded", "superseded"]


@dataclass(frozen=True)
class Superseded:
    """One agent's decisions of the days that come back: how many of each change, and how many days are open.

    `unknown_days` were never made under the release: what becomes of their decisions is seen when they are made.
    """

    NAMES: ClassVar = ("decisions", "actions", "executions", "escalations", "unknown_days")

    agent: str
    asset: str
    days: int
    decisions: int
    """Decisions that no longer stand."""
    actions: int
    """Actions of theirs that are carried out and are not wanted any more: they are compensated."""
    executions: int
    """Actions that stood, were taken back or never done, and are wanted again."""
    escalations: int
    """Escalated decisions that nobody has answered and that stand again."""
    unknown_days: int

    @property
    def counts(self) -> dict[str, int]:
        """Give the figures by their names."""
        return {name: getattr(self, name) for name in self.NAMES}


def superseded(
    domain: Domain, store: Store, engine: Engine, remade: Sequence[tuple[Remade, Entry | None]]
) -> tuple[Superseded, ...]:
    """Count for each agent what changes when partitions of its decisions come back; an agent without any is left out.

    `remade` pairs each partition with the entry on record that comes back, if any.
    """
    answered = {one.decision_id for one in Resolutions(store).of(domain.name)}
    found = []
    for subject in domain.subjects:
        mine = {one.partition: entry for one, entry in remade if one.asset == subject.decisions}
        if mine:
            found.append(_counted(domain.name, subject, store, engine, mine, answered))
    return tuple(found)


def _counted(
    domain: str, subject: Subject, store: Store, engine: Engine, mine: Mapping[str, Entry | None], answered: set[str]
) -> Superseded:
    known = {name: entry for name, entry in mine.items() if entry is not None}
    now = _rows(engine, subject.decisions, {name: engine.entries(subject.decisions)[name] for name in known})
    then = _rows(engine, subject.decisions, known)
    gone = now.join(then, on="decision_id", how="anti")
    back = then.join(now, on="decision_id", how="anti").filter(pl.col("verdict") == "escalate")
    change = Difference()
    if subject.outbox:
        wanted = {name: actions_of(rows, name, NO_ACTION) for name, rows in by_day(then, sorted(known)).items()}
        change = Outbox(store).difference(scope_of(domain, subject.agent.id), wanted)
    return Superseded(
        agent=subject.agent.id,
        asset=subject.decisions,
        days=len(mine),
        decisions=gone.height,
        actions=len(change.compensate),
        executions=len(change.execute),
        escalations=back.filter(~pl.col("decision_id").is_in(sorted(answered))).height,
        unknown_days=len(mine) - len(known),
    )


def _rows(engine: Engine, asset: str, entries: Mapping[str, Entry]) -> pl.DataFrame:
    table = engine.lake.open(asset)
    if not entries:
        return pl.DataFrame(schema={name: table.schema[name] for name in NEEDED})
    return table.scan_files([entry.file for entry in entries.values()]).select(NEEDED).collect()
