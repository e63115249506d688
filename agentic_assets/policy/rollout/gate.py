"""The gate in columns: each judged row gets its phase, the action that takes effect, and the control that set it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.quotas import over_quota
from agentic_assets.policy.rollout.bucket import buckets
from agentic_assets.policy.rollout.control import Control, Phase, Stage
from agentic_assets.policy.rollout.resolving import Course, State, caution, course
from agentic_assets.policy.ruleset import RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["ROLLED", "roll_out"]

ROLLED = pl.Schema({"phase": pl.String(), "effective_action": pl.String(), "control": pl.String()})
"""What `roll_out` gives; `control` is the id of the control that set the phase, null where the spec did."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def roll_out(
    judged: pl.DataFrame,
    legacy_action: pl.Series | None,
    controls: Sequence[Control],
    born: Stage,
    *,
    agent: str,
    review_by: date = date.max,
    ruleset: RuleSet | None = None,
) -> pl.DataFrame:
    """Give phase, effective_action and control of each row, in the order of the rows (the columns of ROLLED).

    `judged`: entity, decided_at (UTC), action (as proposed), effective_action (what the policy left), and what the
    quotas of `ruleset` group and sort by. `legacy_action`: what the rule before would have done, in the same order;
    without it `none` is what remains. `agent` is name@version; `born` the stage of its spec. Live rows, and those of
    a canary's entities, keep their effective action; stopped, tripped, shadow and legacy rows follow the rule before.
    With a `ruleset`, they take of each quota what the agent's own rows leave, so that both together stay within it;
    units of resources are granted before.

    The result depends on no other row but by quotas, and not on the order of the rows. Raises PolicyInvalid for a null
    entity or moment, and for legacy actions of another number than rows.
    """
    _refuse(judged, legacy_action, agent)
    if not judged.height:
        return pl.DataFrame(schema=ROLLED)
    states, cell = _states(judged, course(controls, agent, born, review_by))
    shares = np.array([state.percent_bp for state in states])[cell]
    canary = np.array([state.phase is Phase.CANARY for state in states])[cell]
    serves = np.array([state.phase is Phase.LIVE for state in states])[cell]
    entities = judged.get_column("entity")
    # By name: a new version of an agent meets the same canaries, and a growing share keeps those it has.
    name = agent.partition("@")[0]
    if canary.all():
        serves = buckets(name, entities) < shares
    elif canary.any():
        rows = np.flatnonzero(canary)
        serves[rows] = buckets(name, entities.gather(rows)) < shares[rows]
    names = [*(state.phase.value for state in states), Phase.LEGACY.value]
    ids = [None if state.control is None else state.control.id for state in states]
    return pl.DataFrame(
        {
            "phase": _told(
                names, np.where(canary & ~serves, len(states), cell) if canary.any() else cell, judged.height
            ),
            "effective_action": _effective(judged, legacy_action, serves, ruleset),
            "control": _told(ids, cell, judged.height),
        },
        schema=ROLLED,
    )


def _told(texts: Sequence[str | None], place: np.ndarray, height: int) -> pl.Series:
    if place.ndim == 0:
        return pl.repeat(texts[int(place)], height, dtype=pl.String, eager=True)
    return pl.Series(texts, dtype=pl.String).gather(place)


def _states(judged: pl.DataFrame, found: Course) -> tuple[list[State], np.ndarray]:
    """List the states of a course, and give the place of each row's, as a single number where all rows share one."""
    points, named = found.points, found.actions[1:]
    codes = {name: place for place, name in enumerate(named, start=1)}
    states = [stretch[name] for stretch in found.stretches for name in found.actions]
    decided = judged.get_column("decided_at")
    first, last = (bisect_right(points, decided[place or 0]) for place in (decided.arg_min(), decided.arg_max()))
    if not named and first == last:
        return states, np.array(first)
    moments = decided.dt.epoch("us").to_numpy()
    turns = np.array([(point - _EPOCH) // datetime.resolution for point in points], dtype=np.int64)
    stretch = np.searchsorted(turns, moments, side="right")
    if not named:
        return states, stretch
    # An action counts when it was proposed, and when the policy put it in the place of another.
    rank = np.array([caution(state) for state in states])
    cells = [
        stretch * (len(named) + 1)
        + judged.get_column(column).replace_strict(codes, default=0, return_dtype=pl.Int64).to_numpy()
        for column in ("action", "effective_action")
    ]
    return states, np.where(rank[cells[1]] < rank[cells[0]], cells[1], cells[0])


def _effective(
    judged: pl.DataFrame, legacy_action: pl.Series | None, serves: np.ndarray, ruleset: RuleSet | None
) -> pl.Series:
    effective = judged.get_column("effective_action")
    if serves.all():
        return effective
    serves = np.broadcast_to(serves, judged.height)
    legacy = (
        pl.repeat(NO_ACTION, judged.height, dtype=pl.String, eager=True)
        if legacy_action is None
        else legacy_action.cast(pl.String).fill_null(NO_ACTION)
    )
    effective = effective.zip_with(pl.Series(serves), legacy)
    return effective if ruleset is None else _within_quotas(judged, effective, serves, ruleset)


def _within_quotas(judged: pl.DataFrame, effective: pl.Series, serves: np.ndarray, ruleset: RuleSet) -> pl.Series:
    for quota in ruleset.quotas:
        takes = (effective == quota.action).to_numpy()
        first = "_after"
        queue = judged.with_columns(pl.Series(first, ~serves))
        # What the agent was granted stands: the rule before comes after it.
        over = over_quota(queue, takes, replace(quota, order_by=(first, *quota.order_by)), ruleset)
        over = over[~serves[over]]
        left = quota.to if quota.verdict is Verdict.TRANSFORM and quota.to is not None else NO_ACTION
        if quota.verdict is not Verdict.WARN and over.size:
            effective = effective.scatter(over, left)
    return effective


def _refuse(judged: pl.DataFrame, legacy_action: pl.Series | None, agent: str) -> None:
    for name in ("entity", "decided_at"):
        if judged.get_column(name).null_count():
            raise PolicyInvalid(
                f"agent {agent}: {judged.get_column(name).null_count():,} judged rows have no `{name}`",
                hint="nobody can say which control holds for them",
            )
    if legacy_action is not None and legacy_action.len() != judged.height:
        raise PolicyInvalid(f"agent {agent}: {legacy_action.len():,} legacy actions for {judged.height:,} judged rows")
