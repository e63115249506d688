from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.features import AsOf, View
from agentic_assets_tests.unit.features.shop import NOON, build, feature, parcels

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def awaited(at: AsOf) -> View:
    pending = at.pending("parcels", "shop", opens="due_at", at_most=4 * HOUR)
    return View("seen", {"pending": pending.count(), "wait": pending.mean_wait()}, pending.known_at)


FEATURES = (feature("pending", pl.Int32()), feature("wait", pl.Float64()))


def seen(*rows: dict[str, Any]) -> dict[str, Any]:
    return build(awaited, FEATURES, parcels(*rows)).row(0, named=True)


def due(opened: datetime, closed: datetime) -> dict[str, Any]:
    return {"due_at": opened, "sent_at": closed, "day": opened.date()}


def test_a_fact_is_awaited_from_when_it_opens_until_it_becomes_known() -> None:
    assert seen(due(NOON, NOON + TICK))["pending"] == 1
    assert seen(due(NOON - HOUR, NOON))["pending"] == 0
    assert seen(due(NOON + TICK, NOON + HOUR))["pending"] == 0


def test_a_fact_that_came_before_its_time_is_never_awaited() -> None:
    assert seen(due(NOON, NOON - HOUR))["pending"] == 0


def test_what_never_comes_is_forgotten_in_the_end() -> None:
    never = NOON + timedelta(days=300)
    assert seen(due(NOON - 4 * HOUR + TICK, never))["pending"] == 1
    assert seen(due(NOON - 4 * HOUR, never))["pending"] == 0


def test_the_wait_is_told_in_minutes_and_null_when_nothing_is_awaited() -> None:
    assert seen(due(NOON - HOUR, NOON + HOUR), due(NOON - 2 * HOUR, NOON + HOUR))["wait"] == 90.0
    assert seen(due(NOON - HOUR, NOON))["wait"] is None


def test_when_it_will_come_does_not_matter_before_it_came() -> None:
    soon, late = (seen(due(NOON - HOUR, NOON + wait)) for wait in (TICK, timedelta(days=30)))
    assert soon == late


@given(st.lists(st.tuples(st.integers(-400, 60), st.integers(-30, 600)), max_size=25))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_counts_and_waits_equal_a_loop_over_all_facts(rows: list[tuple[int, int]]) -> None:
    minute = timedelta(minutes=1)
    facts = [due(NOON + opened * minute, NOON + (opened + wait) * minute) for opened, wait in rows]
    waits = [-opened for opened, wait in rows if opened <= 0 < opened + min(max(wait, 0), 240)]
    row = seen(*facts)
    assert row["pending"] == len(waits)
    assert row["wait"] == (sum(waits) / len(waits) if waits else None)
