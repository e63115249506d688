"""The circuit breaker: each limit by hand, nothing before enough is known, and one trip at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import Type
from agentic_assets.language.condition import parse_condition
from agentic_assets.oversight import Word
from agentic_assets.oversight.breaking import Figures, trip, trips
from agentic_assets.policy.breaker import Breaker, Stale
from agentic_assets.policy.rollout import Control, Kind
from agentic_assets_tests.unit.policy.cases import policy, rule
from agentic_assets_tests.unit.policy.rollout.orders import AGENT, moment

STALE = Stale(parse_condition("late", {"late": Type.BOOLEAN}, where="here"), 1_000)
CLEAN = Figures("2013-02-01", "2013-02-10", days=10, proposals=1_000, scored=10, judged_cents=500, legacy_cents=400)
ALL = Breaker(10, 5, error_rate_bp=1_000, stale_inputs=STALE, drift_incidents=1, worse_than_legacy_bp=1_000)


def test_within_all_limits_nothing_trips() -> None:
    assert trips(ALL, CLEAN) == ()


@pytest.mark.parametrize(
    ("at_limit", "past", "told"),
    [
        ({"failed": 1}, {"failed": 2}, "2 of 10 days were refused or blocked, 10.00 % may be"),
        ({"stale": 100}, {"stale": 101}, "the inputs of 101 of 1,000 proposals were stale (late), 10.00 % may be"),
        ({"incidents": 1}, {"incidents": 2}, "on 2 days the features were fed by data that broke, 1 may be"),
        (
            {"judged_cents": 360_00, "legacy_cents": 400_00},
            {"judged_cents": 359_99, "legacy_cents": 400_00},
            "over 10 days the agent would have saved $359, the rule before $400; 10.00 % less may be",
        ),
    ],
)
def test_each_limit_trips_when_it_is_passed_and_not_before(
    at_limit: dict[str, Any], past: dict[str, Any], told: str
) -> None:
    assert trips(ALL, replace(CLEAN, **at_limit)) == ()
    assert trips(ALL, replace(CLEAN, **past)) == (told,)


def test_losses_of_the_rule_before_are_a_standard_too() -> None:
    lost = replace(CLEAN, judged_cents=-45_000, legacy_cents=-40_000)
    assert trips(ALL, lost)
    assert trips(ALL, replace(lost, judged_cents=-44_000)) == ()


def test_every_limit_that_was_passed_is_told() -> None:
    bad = replace(CLEAN, failed=5, stale=900, incidents=5, judged_cents=0)
    assert len(trips(ALL, bad)) == 4


def test_nothing_trips_before_enough_days_are_known() -> None:
    bad = replace(CLEAN, days=4, failed=4, stale=1_000, incidents=4)
    assert trips(ALL, bad) == ()
    unscored = replace(CLEAN, scored=4, judged_cents=0)
    assert trips(ALL, unscored) == ()


@given(
    st.integers(5, 400),
    st.integers(0, 400),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(-(10**9), 10**9),
    st.integers(-(10**9), 10**9),
)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_doing_worse_never_closes_a_breaker(
    days: int, failed: int, rows: int, stale: int, judged: int, legacy: int
) -> None:
    found = Figures("a", "b", days, min(failed, days), rows, min(stale, rows), 0, days, judged, legacy)
    worse = replace(
        found,
        failed=min(found.failed + 1, days),
        stale=min(found.stale + 1, rows),
        incidents=found.incidents + 1,
        judged_cents=judged - 1,
    )
    assert len(trips(ALL, worse)) >= len(trips(ALL, found))


def test_a_breaker_that_has_tripped_does_not_trip_again_until_it_is_reset() -> None:
    order = trip(Word("yard", "circuit breaker", "circuit breaker", "bad", moment(5)), AGENT, CLEAN)
    first = order(())
    assert first is not None
    assert (first.kind, first.agent, first.details["days"]) == (Kind.TRIP, AGENT, 10)
    assert order((replace(first, number=1),)) is None
    reset = Control("yard", Kind.RESET, moment(5), "kim", "duty_manager", "repaired", agent=AGENT, number=2)
    assert order((replace(first, number=1), reset)) is not None


# The declaration.


def test_a_policy_declares_its_breaker_and_pins_it(tmp_path: Path) -> None:
    said = {"window_days": 28, "at_least_days": 14, "stale_inputs": {"when": "late", "at_most_bp": 10}}
    with_one = policy(tmp_path, rule("r", "late", "deny"), breaker=said)
    assert with_one.breaker == Breaker(28, 14, stale_inputs=Stale(with_one.rules[0].when, 10))
    assert with_one.pin != policy(tmp_path, rule("r", "late", "deny")).pin
    assert with_one.pin != policy(tmp_path, rule("r", "late", "deny"), breaker={**said, "window_days": 29}).pin


@pytest.mark.parametrize(
    ("breaker", "told"),
    [
        ({"window_days": 7, "at_least_days": 3}, "watches nothing"),
        ({"window_days": 7, "at_least_days": 8, "error_rate_bp": 1}, "8 days can never be known of 7"),
        ({"window_days": 0, "at_least_days": 1, "error_rate_bp": 1}, "`window_days` is 0"),
        ({"window_days": 7, "at_least_days": 3, "error_rate_bp": 10_001}, "more than all"),
        ({"window_days": 7, "at_least_days": 3, "eror_rate_bp": 1}, "did you mean `error_rate_bp`"),
        (
            {"window_days": 7, "at_least_days": 3, "stale_inputs": {"when": "age > 3", "at_most_bp": 1}},
            "unknown column",
        ),
    ],
)
def test_a_breaker_that_could_not_work_is_refused(tmp_path: Path, breaker: dict[str, object], told: str) -> None:
    with pytest.raises(PolicyInvalid, match=told):
        policy(tmp_path, rule("r", "late", "deny"), breaker=breaker)
