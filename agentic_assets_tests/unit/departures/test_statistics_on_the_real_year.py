"""What the declared expectations find in the real year: the storms, the holidays, the end of the weather feed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import agentic_assets
from agentic_assets.contracts import Contract, load_folder
from agentic_assets.quality import Published, measured
from agentic_assets_tests.unit.departures.year import FIRST, LAST, tables

pytestmark = pytest.mark.slow

CONTRACTS = Path(str(agentic_assets.__path__[0])).parent / "contracts" / "departures"
DAYS = tuple((FIRST + timedelta(days=number)).isoformat() for number in range((LAST - FIRST).days + 1))


@cache
def contracts() -> dict[str, Contract]:
    return load_folder(CONTRACTS)


@cache
def broken(dataset: str) -> dict[str, list[str]]:
    """The days on which each expectation of a source is broken, told by a plain comparison."""
    frame = tables()[f"sources/{dataset}"].with_columns(pl.col("day").cast(pl.String).alias("partition"))
    frame = frame.sort("partition", maintain_order=True)
    rows = dict.fromkeys(DAYS, 0) | dict(frame.group_by("partition").len().iter_rows())
    expectations = contracts()[dataset].expectations
    found = measured(Published(DAYS, rows, frame), expectations, DAYS).rows
    outside = (pl.col("value") < pl.col("low")) | (pl.col("value") > pl.col("high"))
    days = {expectation.id: list[str]() for expectation in expectations}
    for name, day in found.filter(outside).select("expectation", "partition").iter_rows():
        days[name].append(day)
    return days


def test_nothing_of_the_year_would_be_held_back() -> None:
    severe = [
        (dataset, expectation.id)
        for dataset in ("schedule", "movements", "weather")
        for expectation in contracts()[dataset].expectations
        if expectation.severity == "error"
    ]
    assert severe
    assert {name: broken(dataset)[name] for dataset, name in severe} == {name: [] for _, name in severe}


def test_the_february_storm_warns_of_cancellations_and_of_delays() -> None:
    found = broken("movements")
    assert {"2013-02-08", "2013-02-09"} <= set(found["cancellations-as-usual"])
    assert {"2013-02-08", "2013-02-09"} <= set(found["delays-spread-as-usual"])
    assert len(found["cancellations-as-usual"]) == 13
    assert len(found["delays-spread-as-usual"]) == 11


def test_the_volume_is_unusual_on_holidays_and_on_no_other_day() -> None:
    holidays = {
        *("2013-05-26", "2013-07-04", "2013-07-05", "2013-08-31", "2013-09-01"),
        *("2013-11-28", "2013-11-29", "2013-11-30", "2013-12-01", "2013-12-24", "2013-12-25", "2013-12-31"),
    }
    assert set(broken("schedule")["volume-as-on-these-weekdays"]) == holidays
    assert broken("schedule")["planned-times-as-usual"] == []


def test_the_end_of_the_weather_feed_shows() -> None:
    found = broken("weather")
    assert found["as-many-observations-as-usual"][-2:] == ["2013-12-30", "2013-12-31"]
    assert len(found["as-many-observations-as-usual"]) == 5
    assert len(found["pressure-is-reported"]) == 4


def test_half_of_a_delivered_day_would_be_held_back() -> None:
    day = date(2013, 2, 20)
    frame = tables()["sources/schedule"].with_columns(pl.col("day").cast(pl.String).alias("partition"))
    order = tuple((day - timedelta(days=number)).isoformat() for number in range(28, -1, -1))
    frame = frame.filter(pl.col("partition").is_in(order)).sort("partition", maintain_order=True)
    half = pl.concat([frame.filter(pl.col("day") < day), frame.filter(pl.col("day") == day)[:450]])
    rows = dict(half.group_by("partition").len().iter_rows())
    expected = [one for one in contracts()["schedule"].expectations if one.id == "half-a-day-is-no-day"]
    [found] = measured(Published(order, rows, half), expected, [str(day)]).rows.rows(named=True)
    assert found["value"] < found["low"]
