"""The feature set on the days of the storm: 8 to 10 February 2013."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import gate_all, load
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.errors import PointInTimeViolation
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.departures.brute import features_of, prepared
from agentic_assets_tests.unit.departures.year import window

FIRST, LAST = date(2013, 2, 8), date(2013, 2, 10)
LOOKBACK = timedelta(days=DEPARTURE_DELAY.lookback)
CONTRACT = Path(__file__).parents[3] / "contracts" / "departures" / "departure_delay.odcs.yaml"
NOON = datetime(2013, 2, 9, 17, tzinfo=UTC)

Inputs = dict[str, pl.DataFrame]


@cache
def inputs() -> Inputs:
    return window(FIRST - LOOKBACK, LAST)


@cache
def built() -> pl.DataFrame:
    return DEPARTURE_DELAY.compute(inputs(), (FIRST, LAST))


def rebuilt(**changed: pl.DataFrame) -> pl.DataFrame:
    return DEPARTURE_DELAY.compute(
        inputs() | {f"sources/{name}": rows for name, rows in changed.items()}, (FIRST, LAST)
    )


def decided_by(moment: datetime, features: pl.DataFrame) -> str:
    return of_frame(features.filter(pl.col("decided_at") <= moment))


def test_features_of_sampled_flights_equal_loops_over_everything_that_was_known() -> None:
    schedule = inputs()["sources/schedule"]
    movements = inputs()["sources/movements"].join(
        schedule.select("flight_id", "tailnum", "block_minutes"), on="flight_id"
    )
    today = schedule.filter(pl.col("day") >= FIRST)
    sample = today.gather_every(127)
    assert sample.height >= 15
    rows = {row["flight_id"]: row for row in built().to_dicts()}
    facts, observed = prepared(movements.to_dicts()), prepared(inputs()["sources/weather"].to_dicts())
    names = [feature.name for feature in DEPARTURE_DELAY.features]
    planned = today.to_dicts()
    for flight in sample.to_dicts():
        expected = features_of(flight, planned, facts, observed)
        assert {name: rows[flight["flight_id"]][name] for name in names} == expected


def test_every_scheduled_flight_has_one_row_in_the_order_of_decision() -> None:
    today = inputs()["sources/schedule"].filter(pl.col("day") >= FIRST)
    assert built().height == today.height
    assert set(built().get_column("flight_id")) == set(today.get_column("flight_id"))
    assert built().equals(built().sort("decided_at", "flight_id"))


def test_nothing_of_the_future_moves_a_feature_of_the_past() -> None:
    """Plant another future after noon of the ninth: other outcomes, later weather, flights that never were."""
    unknown = pl.col("departure_known_at") > NOON
    unfinished = ~unknown & (pl.col("outcome_known_at") > NOON)
    shift = pl.duration(minutes=(pl.col("source_row") * 37) % 400)
    gone = pl.col("source_row") % 3 == 0
    nothing = pl.lit(None)
    other = (
        inputs()["sources/movements"]
        .with_columns(
            status=pl.when(unknown & gone)
            .then(pl.lit("cancelled"))
            .when(unknown | unfinished)
            .then(pl.lit("diverted"))
            .otherwise("status"),
            dep_delay=pl.when(unknown & gone).then(nothing).when(unknown).then(777).otherwise("dep_delay"),
            arr_delay=pl.when(unknown | unfinished).then(nothing).otherwise("arr_delay"),
            departed_at=pl.when(unknown & gone).then(nothing).when(unknown).then(NOON + shift).otherwise("departed_at"),
            arrived_at=pl.when(unknown | unfinished).then(nothing).otherwise("arrived_at"),
            departure_known_at=pl.when(unknown)
            .then(NOON + shift + timedelta(microseconds=1))
            .otherwise("departure_known_at"),
            outcome_known_at=pl.when(unknown | unfinished)
            .then(NOON + 2 * shift + timedelta(microseconds=1))
            .otherwise("outcome_known_at"),
        )
        .with_columns(pl.col("dep_delay", "arr_delay").cast(pl.Int32))
    )
    later = pl.col("known_at") > NOON
    storm = inputs()["sources/weather"].with_columns(
        *(pl.when(later).then(99.0).otherwise(name).alias(name) for name in ("temp", "precip", "wind_speed", "visib"))
    )
    ghosts = other.filter(pl.col("sched_dep_at") > NOON).with_columns(
        flight_id="ghost " + pl.col("flight_id"), source_row=pl.col("source_row") + 1_000_000
    )
    planted = rebuilt(movements=pl.concat([other, ghosts]), weather=storm)
    assert decided_by(NOON, planted) == decided_by(NOON, built())
    assert of_frame(planted) != of_frame(built()), "the planted future must reach the rows that are decided after it"


def test_a_past_that_changes_does_move_features() -> None:
    yesterday = pl.col("departure_known_at") <= NOON - timedelta(hours=1)
    delayed = inputs()["sources/movements"].with_columns(
        dep_delay=pl.when(yesterday).then(pl.col("dep_delay") + 1).otherwise("dep_delay")
    )
    assert decided_by(NOON, rebuilt(movements=delayed)) != decided_by(NOON, built())


def test_its_own_outcome_never_reaches_a_flight() -> None:
    """Change every flight of the ninth in turn by thirds: no row moves by what became known at or after its time."""
    for third in range(3):
        mine = (pl.col("day") == NOON.date()) & (pl.col("source_row") % 3 == third)
        changed = inputs()["sources/movements"].with_columns(
            arr_delay=pl.when(mine & (pl.col("status") == "completed")).then(999).otherwise("arr_delay").cast(pl.Int32)
        )
        first = inputs()["sources/movements"].filter(mine).get_column("outcome_known_at").min()
        assert isinstance(first, datetime)
        before = first - timedelta(microseconds=1)
        assert decided_by(before, rebuilt(movements=changed)) == decided_by(before, built())


def test_a_day_alone_has_the_bytes_that_it_has_in_the_range() -> None:
    for day in (FIRST, LAST):
        alone = DEPARTURE_DELAY.compute(window(day - LOOKBACK, day), (day, day))
        assert of_frame(alone) == of_frame(built().filter(pl.col("day") == day))


@pytest.mark.parametrize("day", [date(2013, 3, 10), date(2013, 11, 3), date(2013, 1, 1), date(2013, 12, 31)])
def test_days_with_a_clock_change_and_at_the_ends_of_the_year_equal_the_range_around_them(day: date) -> None:
    first, last = max(day - timedelta(days=1), date(2013, 1, 1)), min(day + timedelta(days=1), date(2013, 12, 31))
    ranged = DEPARTURE_DELAY.compute(window(first - LOOKBACK, last), (first, last))
    alone = DEPARTURE_DELAY.compute(window(day - LOOKBACK, day), (day, day))
    assert of_frame(alone) == of_frame(ranged.filter(pl.col("day") == day))


def test_the_order_of_the_rows_changes_no_byte() -> None:
    shuffled = {name: rows.sample(fraction=1, shuffle=True, seed=11) for name, rows in inputs().items()}
    assert of_frame(DEPARTURE_DELAY.compute(shuffled, (FIRST, LAST))) == of_frame(built())


def test_a_table_in_another_order_than_the_others_changes_no_byte() -> None:
    assert of_frame(rebuilt(movements=inputs()["sources/movements"].reverse())) == of_frame(built())


def test_a_movement_whose_flight_was_set_aside_still_counts_but_brings_no_aircraft_back() -> None:
    schedule = inputs()["sources/schedule"]
    gone = schedule.filter(pl.col("day") < FIRST).get_column("flight_id")
    part = rebuilt(schedule=schedule.filter(~pl.col("flight_id").is_in(gone.implode())))
    inbound = [feature.name for feature in DEPARTURE_DELAY.features if feature.view == "inbound"]
    others = [name for name in built().columns if name not in inbound and name != "inbound_known_at"]
    assert of_frame(part.select(others)) == of_frame(built().select(others))
    known = [frame.get_column("inbound_known_at").null_count() for frame in (part, built())]
    assert known[0] > known[1]


def test_columns_that_it_does_not_declare_to_read_change_no_byte() -> None:
    needed = {name: rows.select(DEPARTURE_DELAY.reads[name]) for name, rows in inputs().items()}
    assert of_frame(DEPARTURE_DELAY.compute(needed, (FIRST, LAST))) == of_frame(built())


def test_the_number_of_threads_changes_no_byte(tmp_path: Path) -> None:
    last = FIRST + timedelta(days=24)  # with the lookback, enough rows for the views to be made side by side
    for name, rows in window(FIRST - LOOKBACK, last).items():
        rows.write_parquet(tmp_path / f"{name.removeprefix('sources/')}.parquet")
    script = (
        "import sys, polars as pl\n"
        "from datetime import date\n"
        "from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY as features\n"
        "from agentic_assets.versions import of_frame\n"
        "inputs = {name: pl.read_parquet(f'{sys.argv[1]}/{name[8:]}.parquet') for name in features.inputs}\n"
        "days = [date.fromisoformat(day) for day in sys.argv[2:]]\n"
        "frame = features.compute(inputs, (days[0], days[1]))\n"
        "print(pl.thread_pool_size(), frame.height, of_frame(frame), features.digest)\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), str(FIRST), str(last)],
            env={**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for threads in (1, 2, 8)
    ]
    assert [line[0] for line in said] == ["1", "2", "8"]
    assert int(said[0][1]) > 20_000
    assert len({tuple(line[1:]) for line in said}) == 1


def test_every_view_proves_that_nothing_was_known_later_than_the_decision() -> None:
    for view in DEPARTURE_DELAY.view_names:
        proof = built().get_column(f"{view}_known_at")
        assert (proof <= built().get_column("decided_at")).all()
        assert proof.null_count() < built().height


def test_weather_is_seen_no_earlier_than_an_hour_after_its_label() -> None:
    assert built().get_column("wx_age_minutes").min() >= 60  # type: ignore[operator]
    early = inputs()["sources/weather"].with_columns(known_at="observed_at")
    assert of_frame(rebuilt(weather=early)) != of_frame(built()), "weather known too early would move the features"


def test_weather_that_stopped_coming_is_null_after_six_hours_while_its_age_goes_on() -> None:
    last = DEPARTURE_DELAY.compute(window(date(2013, 12, 1), date(2013, 12, 31)), (date(2013, 12, 31),) * 2)
    assert last.height == 776
    assert last.get_column("wx_temp").null_count() == 776
    assert last.get_column("wx_age_minutes").min() > 360  # type: ignore[operator]
    assert last.get_column("wx_age_minutes").max() > 1_440  # type: ignore[operator]


def test_a_flight_without_a_recorded_tail_looks_like_one_whose_aircraft_flew_nothing_before() -> None:
    schedule = inputs()["sources/schedule"]
    inbound = [feature.name for feature in DEPARTURE_DELAY.features if feature.view == "inbound"]
    rows = built().join(schedule.select("flight_id", "tailnum"), on="flight_id")
    without = rows.filter(pl.col("tailnum").is_null())
    fresh = rows.filter(pl.col("tailnum").is_not_null() & pl.col("inbound_known_at").is_null())
    assert without.height > 100
    assert fresh.height > 100
    for rest in (without, fresh):
        assert rest.select(inbound).null_count().row(0) == (rest.height,) * len(inbound)
    others = [name for name in built().columns if name not in inbound and name != "inbound_known_at"]
    blank = rebuilt(schedule=schedule.with_columns(tailnum=pl.lit(None, pl.String)))
    assert of_frame(blank.select(others)) == of_frame(built().select(others))


@pytest.mark.parametrize("source", ["sources/planes.seats", "sources/schedule.tailnum.is_null"])
def test_the_aircraft_registry_and_the_missing_tail_cannot_become_features(source: str) -> None:
    leak = replace(DEPARTURE_DELAY.features[0], name="leak", sources=(source,))
    with pytest.raises(PointInTimeViolation, match="which is forbidden"):
        replace(DEPARTURE_DELAY, features=(*DEPARTURE_DELAY.features, leak))


def test_its_contract_describes_every_column_and_holds_on_the_days() -> None:
    contract = load(CONTRACT)
    assert dict(contract.schema) == DEPARTURE_DELAY.schema
    for feature in DEPARTURE_DELAY.features:
        column = contract.column(feature.name)
        assert (column.description.rstrip("."), column.unit) == (feature.description, feature.unit)
    days = {str(day): rows for (day,), rows in built().partition_by("day", as_dict=True).items()}
    results = gate_all(days, contract)
    assert [result.findings for result in results.values()] == [()] * 3
    assert sum(result.valid.height for result in results.values()) == built().height


def test_a_row_that_knows_the_future_is_refused_by_the_contract() -> None:
    late = built().with_columns(origin_known_at=pl.col("decided_at") + timedelta(microseconds=1))
    result = gate_all({"day": late}, load(CONTRACT))["day"]
    assert result.valid.is_empty()
    assert {finding.rule for finding in result.findings} >= {"nothing-known-later-in-origin"}


def test_the_schema_has_no_column_twice_and_each_view_its_proof() -> None:
    names = [*DEPARTURE_DELAY.schema]
    assert len(set(names)) == len(names)
    assert len(DEPARTURE_DELAY.features) == 60
    assert names[-len(DEPARTURE_DELAY.view_names) :] == [f"{view}_known_at" for view in DEPARTURE_DELAY.view_names]
