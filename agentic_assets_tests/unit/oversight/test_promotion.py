"""Promotion: a backtest against the rule before, a validator who did not make the agent, one step at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from agentic_assets.agents import Spec
from agentic_assets.domains.departures.agent import delay_risk
from agentic_assets.errors import ControlRefused
from agentic_assets.outcomes import scorecard
from agentic_assets.oversight import Backtest, Word, backtest, promote
from agentic_assets.policy.rollout import Control, Kind, Phase, Stage, State
from agentic_assets_tests.unit.outcomes.terms import TERMS
from agentic_assets_tests.unit.policy.rollout.orders import moment

SPEC: Spec = delay_risk()
SHADOW, CANARY, LIVE = State(Phase.SHADOW, 0), State(Phase.CANARY, 1_000), State(Phase.LIVE, 10_000)
TENTH = Stage(Phase.CANARY, 1_000)


def _decisions(judged: str, legacy: str, *, days: int = 8, phase: str = "shadow") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "entity": f"{place}",
                "agent": SPEC.id,
                "day": date(2013, 7, 1) + timedelta(days=place),
                "decided_at": datetime(2013, 7, 1, tzinfo=UTC) + timedelta(days=place),
                "place": "x",
                "judged_action": judged,
                "legacy_action": legacy,
                "effective_action": legacy if phase == "shadow" else judged,
                "phase": phase if place % 2 else "shadow",
            }
            for place in range(days)
        ]
    )


def _outcomes(days: int = 8, *, bad: bool | None = True) -> pl.DataFrame:
    return pl.DataFrame(
        {"entity": [str(place) for place in range(days)], "bad": [bad] * days, "loss_cents": [1_000] * days},
        schema_overrides={"bad": pl.Boolean},
    )


def _score(decisions: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    return scorecard(decisions.drop("agent"), outcomes, TERMS, bad="bad")


def _tested(judged: str = "small", legacy: str = "none", **said: Any) -> Backtest:
    return backtest(_decisions(judged, legacy, **said), _outcomes(said.get("days", 8)), _score, SPEC)


def _promoted(to: Stage = TENTH, now: State = SHADOW, evidence: Backtest | None = None, **said: Any) -> Control | None:
    word = Word("yard", said.pop("identity", "lee"), "model_validator", "two good months", moment(0))
    spec = replace(SPEC, **said)
    return promote(word, spec, to, lambda _: now, evidence or _tested())(())


def test_the_figures_of_the_backtest_stay_with_the_order() -> None:
    made = _promoted()
    assert made is not None
    assert (made.kind, made.agent, made.stage) == (Kind.STAGE, SPEC.id, TENTH)
    assert made.details["backtest"]["whole"]["judged_cents"] > made.details["backtest"]["whole"]["legacy_cents"]
    assert made.details["backtest"]["days"] == 8
    assert made.details["promoted_from"] == "shadow"
    assert made.id


def test_what_would_have_been_done_is_judged_not_what_was_done() -> None:
    found = _tested("small", "none")
    assert found.whole.done_cents == found.whole.legacy_cents == 0
    assert found.whole.judged_cents > 0
    assert not found.worse


def test_phases_are_scored_side_by_side() -> None:
    found = _tested("small", "none", phase="canary")
    sides = {side.phase: side for side in found.by_phase}
    assert {name: side.decisions for name, side in sides.items()} == {"canary": 4, "shadow": 4}
    assert sides["canary"].judged_cents == sides["shadow"].judged_cents == found.whole.judged_cents // 2
    assert sides["canary"].legacy_cents == 0


def test_an_agent_that_did_worse_than_the_rule_before_is_not_promoted() -> None:
    worse = _tested("none", "small")
    assert worse.worse
    with pytest.raises(ControlRefused, match="would have saved"):
        _promoted(evidence=worse)


def test_an_agent_that_did_as_well_is_promoted() -> None:
    assert _promoted(evidence=_tested("small", "small")) is not None


@pytest.mark.parametrize("identity", [SPEC.author, SPEC.owner, SPEC.author.upper(), f" {SPEC.owner} "])
def test_nobody_validates_what_they_made_or_own(identity: str) -> None:
    with pytest.raises(ControlRefused, match="cannot validate"):
        _promoted(identity=identity)


@pytest.mark.parametrize(
    ("now", "to", "told"),
    [
        (SHADOW, Stage(Phase.LIVE), "in shadow, and would be live at once"),
        (CANARY, TENTH, "no step forward"),
        (CANARY, Stage(Phase.CANARY, 500), "no step forward"),
        (LIVE, Stage(Phase.LIVE), "no step forward"),
        (State(Phase.STOPPED, 0), TENTH, "stopped"),
        (State(Phase.TRIPPED, 0), TENTH, "tripped"),
    ],
)
def test_a_step_that_is_none_is_refused(now: State, to: Stage, told: str) -> None:
    with pytest.raises(ControlRefused, match=told):
        _promoted(to, now)


@pytest.mark.parametrize(
    ("now", "to"), [(SHADOW, TENTH), (CANARY, Stage(Phase.CANARY, 5_000)), (CANARY, Stage(Phase.LIVE))]
)
def test_each_step_of_the_way_can_be_taken(now: State, to: Stage) -> None:
    made = _promoted(to, now)
    assert made is not None
    assert made.stage == to


def test_an_agent_whose_review_is_overdue_is_not_promoted() -> None:
    with pytest.raises(ControlRefused, match="review"):
        _promoted(review_by=date(2013, 2, 7))
    assert _promoted(review_by=date(2013, 2, 8)) is not None


def test_days_without_outcomes_say_nothing() -> None:
    unknown = backtest(_decisions("none", "none"), _outcomes(bad=None), _score, SPEC)
    with pytest.raises(ControlRefused, match="no outcome"):
        _promoted(evidence=unknown)


def test_a_few_days_say_too_little() -> None:
    with pytest.raises(ControlRefused, match="6 days are too few"):
        _tested(days=6)


def test_another_versions_decisions_are_no_evidence() -> None:
    mixed = _decisions("small", "none").with_columns(
        agent=pl.when(pl.col("entity") == "3").then(pl.lit("delay_risk@0.9.0")).otherwise("agent")
    )
    with pytest.raises(ControlRefused, match=r"1 of 8 decisions are of delay_risk@0\.9\.0"):
        backtest(mixed, _outcomes(), _score, SPEC)
