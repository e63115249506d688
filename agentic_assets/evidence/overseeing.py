"""Where orders about a domain's agents take effect, and which published days they would make again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from agentic_assets.errors import NotFound
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.policy.rollout import ANY, Control, Kind, Orders, Stage, State, resolve

__all__ = ["decided_days", "next_moment", "orders_of", "remade", "staged", "standing_of", "subjects_of"]


def subjects_of(domain: Domain, agent: str) -> tuple[Subject, ...]:
    """Give the subjects in which an agent (a name, or name@version) decides, the newest version last.

    Raises NotFound, which names the agents that decide.
    """
    name, _, version = agent.partition("@")
    ordered = sorted(domain.subjects, key=lambda one: one.agent.order)
    found = tuple(one for one in ordered if one.agent.name == name and version in ("", one.agent.version))
    if not found:
        known = ", ".join(one.agent.id for one in ordered)
        raise NotFound(f"no agent {agent[:80]!r} decides in {domain.name}", hint=f"those that do are {known}")
    return found


def orders_of(domain: Domain, subject: Subject) -> Orders:
    """Give what turns controls into versions of the days of a subject."""
    return Orders(domain.name, subject.agent, domain.graph.calendar, subject.feature_set.entities.lead)


def decided_days(reading: Reading, subject: Subject) -> tuple[str, ...]:
    """Name the days whose decisions are published, in order."""
    return tuple(sorted(reading.manifest.current(subject.decisions)))


def next_moment(reading: Reading, subjects: Sequence[Subject]) -> datetime:
    """Give the first moment after every decision on record of these subjects."""
    return max(orders_of(reading.domain, one).after(decided_days(reading, one)) for one in subjects)


def remade(reading: Reading, standing: Sequence[Control], order: Control) -> dict[str, tuple[str, ...]]:
    """Name the published days of each decisions asset whose version an order would change."""
    after = [*standing, replace(order, number=len(standing) + 1)]
    found = {}
    for subject in reading.domain.subjects:
        orders, days = orders_of(reading.domain, subject), decided_days(reading, subject)
        old, new = orders.over(standing, days), orders.over(after, days)
        pins = {day: (old[day].pins if day in old else (), new[day].pins if day in new else ()) for day in days}
        changed = tuple(day for day, (before, behind) in pins.items() if before != behind)
        if changed:
            found[subject.decisions] = changed
    return found


def standing_of(standing: Iterable[Control], subject: Subject, at: datetime, action: str = ANY) -> State:
    """Give how an agent stands at a moment, for one action or for every one that no control names."""
    spec = subject.agent
    return resolve(standing, spec.id, Stage.born(spec.phase), at, action=action, review_by=spec.review_by)


def staged(standing: Iterable[Control], subject: Subject, at: datetime) -> State:
    """Give the stage of an agent at a moment, whether or not it is stopped or its breaker has tripped."""
    return standing_of((one for one in standing if one.kind in (Kind.STAGE, Kind.RESET)), subject, at)
