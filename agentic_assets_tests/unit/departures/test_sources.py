from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from agentic_assets.domains.departures import sources
from agentic_assets_tests.unit.departures.year import tables

HEADER = (
    "year,month,day,hour,minute,time_hour,sched_dep_time,sched_arr_time,carrier,flight,tailnum,"
    "dep_time,dep_delay,arr_time,arr_delay,air_time,origin,dest,distance"
)
ROW = "2013,7,1,8,30,2013-07-01T12:00:00Z,830,1115,UA,15,N1,835,5,1120,5,140,EWR,IAH,1400"
USUAL: dict[str, str | None] = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
CANCELLED = dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"))
DIVERTED = dict.fromkeys(("arr_delay", "air_time"))
AIRPORTS = pl.DataFrame(
    {
        "faa": ["IAH", "LAX", "MOON", "NOWHERE", "IAH"],
        "tzone": ["America/Chicago", "America/Los_Angeles", "Luna/Copernicus", None, "America/Denver"],
    }
)


def flight(**changes: str | None) -> pl.DataFrame:
    row = {**USUAL, **changes}
    return pl.DataFrame([row], schema=dict.fromkeys(row, pl.String)).with_columns(source_row=pl.lit(7, pl.Int64))


def scheduled(**changes: str | None) -> dict[str, object]:
    return sources.schedule(flight(**changes), AIRPORTS).row(0, named=True)


def moved(**changes: str | None) -> dict[str, object]:
    return sources.movements(flight(**changes), AIRPORTS).row(0, named=True)


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_times_are_read_in_the_zones_of_both_airports() -> None:
    row = scheduled()
    assert row["flight_id"] == "2013-07-01/EWR/UA/15"
    assert (row["sched_dep_at"], row["sched_arr_at"]) == (at(2013, 7, 1, 12, 30), at(2013, 7, 1, 16, 15))
    assert row["block_minutes"] == 225


def test_an_arrival_on_the_next_local_day_wraps_over_midnight() -> None:
    late = {"hour": "23", "sched_dep_time": "2330", "time_hour": "2013-07-02T03:00:00Z"}
    assert scheduled(**late, sched_arr_time="0030")["sched_arr_at"] == at(2013, 7, 2, 5, 30)
    assert scheduled(**late, sched_arr_time="2400")["sched_arr_at"] == at(2013, 7, 2, 5, 0)


def test_destinations_that_the_airports_lack_have_their_zone_from_the_table() -> None:
    assert scheduled(dest="SJU")["sched_arr_at"] == at(2013, 7, 1, 15, 15)


@pytest.mark.parametrize("dest", ["MOON", "NOWHERE", "ELSEWHERE", None])
def test_a_destination_without_a_zone_that_exists_has_no_arrival(dest: str | None) -> None:
    row = scheduled(dest=dest)
    assert (row["sched_arr_at"], row["block_minutes"]) == (None, None)
    assert row["sched_dep_at"] == at(2013, 7, 1, 12, 30)


def test_the_delivered_hour_in_utc_decides_where_the_local_clock_shows_a_time_twice() -> None:
    november = {"month": "11", "day": "3", "hour": "1", "sched_dep_time": "130", "sched_arr_time": "0500"}
    first = scheduled(**november, time_hour="2013-11-03T05:00:00Z")
    second = scheduled(**november, time_hour="2013-11-03T06:00:00Z")
    assert (first["sched_dep_at"], second["sched_dep_at"]) == (at(2013, 11, 3, 5, 30), at(2013, 11, 3, 6, 30))


def test_an_arrival_at_a_time_shown_twice_counts_at_its_first_showing_and_one_never_shown_is_null() -> None:
    evening = {"hour": "21", "sched_dep_time": "2130"}
    autumn = scheduled(
        **evening, month="11", day="2", time_hour="2013-11-03T01:00:00Z", dest="LAX", sched_arr_time="130"
    )
    assert autumn["sched_arr_at"] == at(2013, 11, 3, 8, 30)
    spring = scheduled(
        **evening, month="3", day="9", time_hour="2013-03-10T02:00:00Z", dest="IAH", sched_arr_time="230"
    )
    assert spring["sched_arr_at"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"time_hour": "2013-07-01T11:00:00Z"},
        {"sched_dep_time": "831"},
        {"minute": "31"},
        {"day": "2"},
        {"time_hour": "yesterday"},
        {"sched_dep_time": "2460"},
        {"sched_dep_time": ""},
        {"minute": None},
    ],
    ids=str,
)
def test_a_departure_whose_parts_contradict_each_other_or_cannot_be_read_has_no_time(changes: dict[str, str]) -> None:
    row = scheduled(**changes)
    assert (row["sched_dep_at"], row["sched_arr_at"], row["block_minutes"]) == (None, None, None)


def test_delivered_values_stay_as_delivered_for_the_gate_to_judge() -> None:
    row = scheduled(flight="15x", distance="NaN")
    assert (row["flight"], row["distance"], row["flight_id"], row["source_row"]) == ("15x", "NaN", None, 7)


def test_a_completed_flight_is_known_as_it_leaves_and_as_it_arrives() -> None:
    row = moved()
    assert row["status"] == "completed"
    assert row["departed_at"] == row["departure_known_at"] == at(2013, 7, 1, 12, 35)
    assert row["arrived_at"] == row["outcome_known_at"] == at(2013, 7, 1, 16, 20)


def test_a_cancellation_is_known_at_the_scheduled_departure() -> None:
    row = moved(**CANCELLED)
    assert (row["status"], row["departed_at"], row["arrived_at"]) == ("cancelled", None, None)
    assert row["departure_known_at"] == row["outcome_known_at"] == at(2013, 7, 1, 12, 30)


def test_a_diversion_is_known_six_hours_after_the_scheduled_arrival_but_never_before_the_departure() -> None:
    row = moved(**DIVERTED)
    assert (row["status"], row["outcome_known_at"]) == ("diverted", at(2013, 7, 1, 22, 15))
    late = moved(**DIVERTED, dep_delay="700")
    assert late["outcome_known_at"] == late["departed_at"] == at(2013, 7, 2, 0, 10)


@pytest.mark.parametrize(
    "changes", [{"dep_delay": None}, {"arr_delay": None}, {"dep_time": None}, {"air_time": None}], ids=str
)
def test_fields_that_fit_no_kind_of_flight_give_no_status(changes: dict[str, None]) -> None:
    assert moved(**changes)["status"] is None


def test_every_flight_of_the_year_gives_one_row_of_each_table_with_every_time() -> None:
    schedule, movements = tables()["sources/schedule"], tables()["sources/movements"]
    assert schedule.height == movements.height == 336_776
    assert schedule.drop("tailnum").null_count().sum_horizontal().item() == 0
    assert (
        movements.select("flight_id", "status", "departure_known_at", "outcome_known_at")
        .null_count()
        .sum_horizontal()
        .item()
        == 0
    )
    assert dict(movements.get_column("status").value_counts().iter_rows()) == {
        "completed": 327_346,
        "cancelled": 8_255,
        "diverted": 1_175,
    }
    assert schedule.get_column("flight_id").n_unique() == 336_776


def test_scheduled_times_agree_with_the_recorded_clocks_all_year() -> None:
    movements, schedule = tables()["sources/movements"], tables()["sources/schedule"]
    flown = movements.join(schedule.select("flight_id", "block_minutes"), on="flight_id")
    clock = pl.col("departed_at").dt.convert_time_zone("America/New_York")
    shown = clock.dt.hour().cast(pl.Int32) * 100 + clock.dt.minute()
    assert flown.filter(shown != pl.col("dep_time") % 2400).is_empty()
    air = (pl.col("arrived_at") - pl.col("departed_at")).dt.total_minutes() - pl.col("air_time")
    assert flown.select(air.min()).item() > 0, "no flight is in the air for longer than from gate to gate"
    blocks = flown.get_column("block_minutes")
    assert (blocks.min(), blocks.max()) == (50, 700)


def test_nothing_is_known_of_a_flight_before_it_leaves_and_all_is_known_a_day_after_its_day() -> None:
    movements = tables()["sources/movements"]
    assert movements.filter(pl.col("outcome_known_at") < pl.col("departure_known_at")).is_empty()
    end = pl.col("day").cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York") + timedelta(days=2)
    assert movements.filter(pl.col("outcome_known_at") > end.dt.convert_time_zone("UTC")).is_empty()


def test_any_part_of_the_rows_gives_the_same_rows() -> None:
    flights, airports = sources.land("flights"), sources.land("airports")
    part = flights.gather_every(97).reverse()
    for derive in (sources.schedule, sources.movements):
        whole = derive(flights.head(20_000), airports)
        some = derive(part, airports)
        both = whole.join(some, on="source_row", how="inner", suffix=" of part")
        assert both.height > 200
        for name in whole.drop("source_row").columns:
            assert both.get_column(name).equals(both.get_column(f"{name} of part"), check_names=False)


def test_weather_is_known_an_hour_after_its_label_and_belongs_to_the_local_day() -> None:
    weather = tables()["sources/weather"]
    assert weather.height == 26_115
    assert weather.filter(pl.col("known_at") != pl.col("observed_at") + timedelta(hours=1)).is_empty()
    local = pl.col("observed_at").dt.convert_time_zone("America/New_York").dt.date()
    assert weather.filter(pl.col("day") != local).is_empty()
    assert weather.get_column("observed_at").max() == at(2013, 12, 30, 23)


def test_a_row_whose_day_cannot_be_derived_has_none() -> None:
    raw = pl.concat(
        [
            flight(),
            flight(month="13", time_hour="2013-07-03T01:00:00Z"),
            flight(month="13", time_hour=None),
            flight(day="31", month="2", time_hour="noon"),
        ]
    )
    assert sources.days(raw).to_list() == [date(2013, 7, 1), date(2013, 7, 2), None, None]


def test_no_rows_give_no_rows_of_the_same_types() -> None:
    empty = flight().clear()
    assert sources.schedule(empty, AIRPORTS).schema == sources.schedule(flight(), AIRPORTS).schema
    assert sources.movements(empty, AIRPORTS).schema == sources.movements(flight(), AIRPORTS).schema


@pytest.mark.parametrize("name", ["planes", "airports", "airlines"])
def test_static_tables_keep_what_was_delivered(name: str) -> None:
    raw = sources.land(name)
    assert getattr(sources, name)(raw).equals(raw)
