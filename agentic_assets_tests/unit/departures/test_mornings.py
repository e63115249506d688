"""Mornings of the airports: who has one, when it begins, and what is known of it then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from agentic_assets.domains.departures.feature_sets import STATION_MORNING
from agentic_assets.domains.departures.mornings import mornings
from agentic_assets.testing import assert_proved
from agentic_assets_tests.unit.departures.year import window

FIRST, LAST = date(2013, 2, 8), date(2013, 2, 12)
FROM = FIRST - timedelta(days=STATION_MORNING.lookback)


def _inputs() -> dict[str, pl.DataFrame]:
    inputs = window(FROM, LAST)
    return inputs | {"sources/mornings": mornings(inputs["sources/schedule"])}


def test_a_day_has_one_morning_for_each_airport_with_departures() -> None:
    schedule = window(FIRST, FIRST)["sources/schedule"]
    assert mornings(schedule).get_column("morning_id").to_list() == [
        f"2013-02-08/{name}" for name in ["EWR", "JFK", "LGA"]
    ]
    assert mornings(schedule.filter(pl.col("origin") == "LGA")).height == 1
    assert mornings(schedule.reverse()).equals(mornings(schedule))


def test_a_morning_begins_at_five_local_time_on_either_side_of_a_clock_change() -> None:
    schedule = pl.DataFrame({"day": [date(2013, 3, 9), date(2013, 3, 10)], "origin": ["EWR", "EWR"]})
    assert mornings(schedule).get_column("opens_at").to_list() == [
        datetime(2013, 3, 9, 10, tzinfo=UTC),
        datetime(2013, 3, 10, 9, tzinfo=UTC),
    ]


def test_the_features_of_mornings_keep_every_law() -> None:
    assert_proved(STATION_MORNING, _inputs(), (FIRST, LAST), sample=15)


def test_the_day_before_is_counted_as_far_as_it_was_known_at_five() -> None:
    inputs = _inputs()
    built = STATION_MORNING.compute(inputs, (FIRST, LAST)).filter(pl.col("morning_id") == "2013-02-09/JFK")
    at = built.item(0, "decided_at")
    known = inputs["sources/movements"].filter(
        pl.col("origin") == "JFK",
        pl.col("departure_known_at") <= at,
        pl.col("departure_known_at") > at - timedelta(days=1),
    )
    left = known.filter(pl.col("departed_at").is_not_null())
    row = built.row(0, named=True)
    assert (row["departures_24h"], row["cancelled_24h"]) == (known.height, known.height - left.height)
    assert row["very_late_24h"] == (left.get_column("dep_delay") > 60).sum() / left.height
    assert row["cancelled_24h"] > 100
