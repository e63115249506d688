"""Controls: what cannot be ordered, and what an order's name rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.rollout import Kind, Phase, Stage
from agentic_assets_tests.unit.policy.rollout.orders import START, control, staged


def test_the_clock_and_the_machine_do_not_enter_an_orders_name() -> None:
    order = control("stop")
    assert replace(order, host="yard-3", recorded_at="2026-01-01T00:00:00+00:00").id == order.id


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": "other"},
        {"identity": "lee"},
        {"role": "x"},
        {"agent": "porter"},
        {"number": 2},
        {"details": {"a": 1}},
    ],
)
def test_everything_it_says_does(changed: dict[str, object]) -> None:
    order = control("stop")
    assert replace(order, **changed).id != order.id  # type: ignore[arg-type]


def test_a_moment_is_kept_in_utc() -> None:
    elsewhere = START.astimezone(timezone(timedelta(hours=-5)))
    order = replace(control("stop"), effective_from=elsewhere)
    assert order.id == control("stop").id
    with pytest.raises(PolicyInvalid, match="time zone"):
        replace(order, effective_from=datetime(2013, 2, 8))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["identity", "role", "reason"])
def test_nothing_is_ordered_without_author_role_and_reason(name: str) -> None:
    with pytest.raises(PolicyInvalid, match=name):
        replace(control("stop"), **{name: " "})  # type: ignore[arg-type]


def test_a_stage_is_ordered_by_stages_and_resets_only() -> None:
    with pytest.raises(PolicyInvalid, match="names no stage"):
        control("stage")
    with pytest.raises(PolicyInvalid, match="names a stage"):
        control("stop", stage=Stage(Phase.LIVE))


def test_a_trip_is_about_all_actions() -> None:
    with pytest.raises(PolicyInvalid, match="all actions"):
        control(Kind.TRIP, action="standby")


@pytest.mark.parametrize(
    ("phase", "percent"), [("canary", -1), ("canary", 10_001), ("live", 500), ("stopped", -1), ("legacy", 10)]
)
def test_a_stage_that_is_none_is_refused(phase: str, percent: int) -> None:
    with pytest.raises(PolicyInvalid):
        staged(phase, percent)
