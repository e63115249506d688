"""What stands at a moment: the controls in their order, turned into one state of an agent and an action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from agentic_assets.policy.rollout.control import ANY, Control, Kind, Phase, Stage

__all__ = ["State", "about", "resolve", "turning_points"]


@dataclass(frozen=True)
class State:
    """The phase of an agent at a moment, for how much of the entities (basis points), and the control that set it.

    `control` is None where the spec did. The phase is one of shadow, canary, live, stopped and tripped.
    """

    phase: Phase
    percent_bp: int
    control: Control | None = None


def about(controls: Iterable[Control], agent: str) -> tuple[Control, ...]:
    """Keep the controls of an agent (name@version), in the order in which they take effect."""
    names = (ANY, agent, agent.partition("@")[0])
    return tuple(sorted((one for one in controls if one.agent in names), key=lambda one: one.order))


def resolve(
    controls: Iterable[Control], agent: str, born: Stage, at: datetime | None, *, action: str = ANY, review_by: date
) -> State:
    """Give the state of an agent (name@version) for an action at a moment; None is before every moment.

    A stop holds until it is resumed in the very scope it was given in: who stops everything is not overruled by who
    resumes one agent. So does a trip until its reset. Otherwise the stage counts that was ordered for this very
    version, or the one it was born with; an order about all versions, all agents or one action can only make it more
    cautious. After the day of its review an agent is in shadow.
    """
    stops: dict[tuple[str, str], Control] = {}
    trips: dict[tuple[str, str], Control] = {}
    stages: dict[tuple[str, str], Control] = {}
    for one in about(controls, agent):
        if at is None or one.effective_from > at:
            break
        if one.action not in (ANY, action):
            continue
        if one.kind is Kind.STOP:
            stops[one.scope] = one
        elif one.kind is Kind.RESUME:
            stops.pop(one.scope, None)
        elif one.kind is Kind.TRIP:
            trips[one.scope] = one
        elif one.kind is Kind.RESET:
            trips.pop(one.scope, None)
        if one.stage is not None:
            stages[one.scope] = one
    for phase, standing in ((Phase.STOPPED, stops), (Phase.TRIPPED, trips)):
        if standing:
            return State(phase, 0, max(standing.values(), key=lambda one: one.order))
    staged = _staged(stages, agent, born)
    if staged.percent_bp and at is not None and at >= expires_at(review_by):
        return State(Phase.SHADOW, 0)
    return staged


def turning_points(controls: Iterable[Control], agent: str, review_by: date) -> tuple[datetime, ...]:
    """Name the moments at which the state of an agent may change, sorted."""
    return tuple(sorted({one.effective_from for one in about(controls, agent)} | {expires_at(review_by)}))


def expires_at(review_by: date) -> datetime:
    """Give the moment from which a review is overdue: midnight, UTC, after its day."""
    if review_by == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(review_by + timedelta(days=1), time(), tzinfo=UTC)


def _staged(stages: dict[tuple[str, str], Control], agent: str, born: Stage) -> State:
    own = stages.pop((agent, ANY), None)
    stage = own.stage if own is not None and own.stage is not None else born
    found = State(stage.phase, stage.percent_bp, own)
    caps: Sequence[Control] = sorted(stages.values(), key=lambda one: one.order)
    for cap in caps:
        if cap.stage is not None and cap.stage.percent_bp < found.percent_bp:
            found = State(cap.stage.phase, cap.stage.percent_bp, cap)
    return found
