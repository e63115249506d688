"""What stands at a moment: the controls in their order, turned into one state of an agent and an action."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from agentic_assets.policy.rollout.control import ANY, Control, Kind, Phase, Stage

__all__ = ["Course", "InForce", "State", "about", "caution", "course", "in_force", "resolve", "turning_points"]


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


@dataclass(frozen=True)
class InForce:
    """Which controls hold, by what they are about: (agent, action)."""

    stops: Mapping[tuple[str, str], Control]
    trips: Mapping[tuple[str, str], Control]
    stages: Mapping[tuple[str, str], Control]


@dataclass(frozen=True)
class Course:
    """How an agent stands over time: its states in each stretch between two turning points, by action.

    `actions` opens with ANY, for every action that no control names.
    """

    points: tuple[datetime, ...]
    actions: tuple[str, ...]
    stretches: tuple[Mapping[str, State], ...]

    def at(self, moment: datetime, action: str) -> State:
        """Give the state at a moment (UTC) for an action."""
        states = self.stretches[bisect_right(self.points, moment)]
        return states.get(action, states[ANY])


def course(controls: Iterable[Control], agent: str, born: Stage, review_by: date) -> Course:
    """Resolve each stretch once, for each action that a control of an agent (name@version) names and for all others."""
    mine = about(controls, agent)
    points = turning_points(mine, agent, review_by)
    actions = (ANY, *sorted({one.action for one in mine} - {ANY}))
    stretches = tuple(
        {name: resolve(mine, agent, born, at, action=name, review_by=review_by) for name in actions}
        for at in (None, *points)
    )
    return Course(points, actions, stretches)


def in_force(controls: Iterable[Control], at: datetime | None, *, action: str | None = None) -> InForce:
    """Keep what holds at a moment, of all agents among the controls; with an `action`, what concerns it."""
    stops: dict[tuple[str, str], Control] = {}
    trips: dict[tuple[str, str], Control] = {}
    stages: dict[tuple[str, str], Control] = {}
    for one in sorted(controls, key=lambda one: one.order):
        if at is None or one.effective_from > at:
            break
        if action is not None and one.action not in (ANY, action):
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
    return InForce(stops, trips, stages)


def resolve(
    controls: Iterable[Control], agent: str, born: Stage, at: datetime | None, *, action: str = ANY, review_by: date
) -> State:
    """Give the state of an agent (name@version) for an action at a moment; None is before every moment.

    A stop holds until it is resumed in the very scope it was given in: who stops everything is not overruled by who
    resumes one agent. So does a trip until its reset. Otherwise the stage counts that was ordered for this very
    version, or the one it was born with; an order about all versions, all agents or one action can only make it more
    cautious. After the day of its review an agent is in shadow.
    """
    held = in_force(about(controls, agent), at, action=action)
    for phase, standing in ((Phase.STOPPED, held.stops), (Phase.TRIPPED, held.trips)):
        if standing:
            return State(phase, 0, max(standing.values(), key=lambda one: one.order))
    staged = _staged(held.stages, agent, born)
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


def _staged(stages: Mapping[tuple[str, str], Control], agent: str, born: Stage) -> State:
    own = stages.get((agent, ANY))
    stage = own.stage if own is not None and own.stage is not None else born
    found = State(stage.phase, stage.percent_bp, own)
    for cap in sorted(stages.values(), key=lambda one: one.order):
        if cap.stage is not None and cap.stage.percent_bp < found.percent_bp:
            found = State(cap.stage.phase, cap.stage.percent_bp, cap)
    return found


def caution(state: State) -> int:
    """Rank a state, the most cautious first."""
    return {Phase.STOPPED: -2, Phase.TRIPPED: -1}.get(state.phase, state.percent_bp)
