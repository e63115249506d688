from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features import AsOf, View
from agentic_assets_tests.unit.features.shop import NOON, build, feature, parcels

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def newest(at: AsOf) -> View:
    latest = at.by("parcels", "shop").latest(5 * HOUR)
    columns = {
        "weight": latest.value("weight"),
        "rating": latest.value("rating"),
        "age": latest.minutes_since("due_at"),
        "fresh": latest.not_older(90, than="due_at").value("weight"),
    }
    return View("seen", columns, latest.known_at)


FEATURES = tuple(feature(name, pl.Int32()) for name in ("weight", "rating", "age", "fresh"))


def seen(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return build(newest, FEATURES, parcels(*rows), **changes).row(0, named=True)


def test_the_newest_known_fact_is_taken() -> None:
    row = seen(
        {"sent_at": NOON - HOUR, "weight": 7}, {"sent_at": NOON - 2 * HOUR}, {"sent_at": NOON + TICK, "weight": 9}
    )
    assert (row["weight"], row["age"], row["seen_known_at"]) == (7, 60, NOON - HOUR)


def test_a_fact_older_than_the_span_is_not_taken() -> None:
    assert seen({"sent_at": NOON - 5 * HOUR})["weight"] is None
    assert seen({"sent_at": NOON - 5 * HOUR + TICK})["weight"] == 1


def test_an_old_fact_keeps_its_age_while_its_values_are_withheld() -> None:
    row = seen({"sent_at": NOON - 2 * HOUR, "weight": 7})
    assert (row["weight"], row["fresh"], row["age"]) == (7, None, 120)


def test_a_column_that_becomes_known_later_is_null_until_then() -> None:
    known = {"sent_at": NOON - HOUR, "rating": 5}
    assert seen({**known, "rated_at": NOON})["rating"] == 5
    assert seen({**known, "rated_at": NOON + TICK})["rating"] is None


def test_a_column_that_becomes_known_later_cannot_be_summed() -> None:
    def ratings(at: AsOf) -> View:
        window = at.by("parcels", "shop").window(HOUR)
        return View("seen", {"rating": window.mean("rating")}, window.known_at)

    with pytest.raises(PointInTimeViolation, match=r"`rating` .* becomes known only at `rated_at`"):
        build(ratings, [feature("rating", pl.Float64())], parcels({"sent_at": NOON}))


def test_two_newest_facts_of_one_instant_are_refused_when_nothing_orders_them() -> None:
    rows = [{"sent_at": NOON, "weight": 1}, {"sent_at": NOON, "weight": 2}]
    with pytest.raises(PointInTimeViolation, match="which of them is the newest is undefined"):
        seen(*rows)


def test_a_tie_column_orders_facts_of_one_instant_whatever_the_order_of_the_rows() -> None:
    rows = [{"sent_at": NOON, "weight": 10 + n, "number": n} for n in (3, 9, 1)]
    source = {"columns": ("shop", "weight", "due_at", "number"), "tie": ("number",)}
    assert [seen(*order, source=source)["weight"] for order in (rows, rows[::-1])] == [19, 19]


def test_no_facts_at_all_give_nulls() -> None:
    row = seen()
    assert (row["weight"], row["age"], row["seen_known_at"]) == (None, None, None)
