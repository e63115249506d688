"""The traps of the flights of 2013, one by one: each is a rule that fires, or a declared fact with its count.

The counts stand here as they were found, stand in the contracts as `knownFacts`, and are counted anew from the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import Contract, gate, load_folder
from agentic_assets.domains.departures import sources
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.graph import domain
from agentic_assets_tests.unit.departures.year import tables

HOME = "America/New_York"
LAST_DAY = date(2013, 12, 31)
STORM = date(2013, 2, 8)


class Year:
    """The real year: every delivered row, as typed as its contract wants it, before any gate."""

    schedule = cached_property(lambda self: tables()["sources/schedule"])
    movements = cached_property(lambda self: tables()["sources/movements"])
    weather = cached_property(lambda self: tables()["sources/weather"])
    planes = cached_property(lambda self: sources.planes(sources.land("planes")))
    airports = cached_property(lambda self: sources.airports(sources.land("airports")))

    @cached_property
    def flights(self) -> pl.DataFrame:
        """Each flight with its plan, what became of it, and whether it was disrupted."""
        moved = self.movements.drop("day", "origin", "dest", "carrier", "sched_dep_at", "sched_arr_at", "source_row")
        late = (pl.col("status") != "completed") | (pl.col("arr_delay") > 60)
        return self.schedule.join(moved, on="flight_id", validate="1:1").with_columns(disrupted=late)

    def cancelled_of(self, *carriers: str) -> pl.DataFrame:
        return self.flights.filter(pl.col("status") == "cancelled", pl.col("carrier").is_in(carriers))

    @cached_property
    def unregistered(self) -> pl.DataFrame:
        return self.schedule.filter(~pl.col("tailnum").is_in(self.planes["tailnum"].implode()))

    @cached_property
    def rotations(self) -> pl.DataFrame:
        """Each flight of a known tail, and after how many minutes the same tail is to leave New York again."""
        flown = self.flights.filter(pl.col("tailnum").is_not_null())
        order = flown.sort("tailnum", "sched_dep_at", "flight_id", descending=[False, False, True])
        after = pl.col("sched_dep_at").shift(-1).over("tailnum") - pl.col("sched_dep_at")
        return order.with_columns(again=after.dt.total_minutes())

    @cached_property
    def observed(self) -> pl.DataFrame:
        """Each flight with the weather that is labelled with the hour of its departure, where there is any."""
        weather = self.weather.select("origin", hour="observed_at", seen=pl.lit(value=True), no_pressure=NO_PRESSURE)
        return self.flights.with_columns(hour=pl.col("sched_dep_at").dt.truncate("1h")).join(
            weather, on=["origin", "hour"], how="left"
        )

    def unknown_after(self, hours: int) -> int:
        """Count outcomes that are unknown so many hours after the local midnight that ends their day."""
        midnight = (pl.col("day") + pl.duration(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone(HOME)
        end = midnight.dt.convert_time_zone("UTC") + pl.duration(hours=hours)
        return self.movements.filter(pl.col("outcome_known_at") > end).height

    @cached_property
    def gaps(self) -> pl.Series:
        """Hours between each observation and the one before it at the airport."""
        apart = pl.col("observed_at").sort().diff().over("origin").dt.total_hours()
        return self.weather.select(apart.alias("hours")).to_series().drop_nulls()


NO_PRESSURE = pl.col("pressure").is_null()


@dataclass(frozen=True)
class Trap:
    """A trap, how often it is in the files, and what a contract says of it: words of a fact, or a rule that fires."""

    name: str
    count: int
    contract: str
    counted: Callable[[Year], int]
    fact: str
    rule: str = ""


def _left_next_day(year: Year) -> int:
    return year.movements.filter(pl.col("departed_at").dt.convert_time_zone(HOME).dt.date() != pl.col("day")).height


def _lacking_hours(year: Year) -> int:
    at = pl.col("observed_at")
    hours = year.weather.select((at.max() - at.min()).dt.total_hours() + 1).item()
    return int(year.weather["origin"].n_unique() * hours - year.weather.height)


def _twice_on_the_clock(year: Year) -> int:
    clock = pl.col("observed_at").dt.convert_time_zone(HOME).dt.replace_time_zone(None)
    return year.weather.group_by("origin", clock).len().filter(pl.col("len") > 1).height


def _faster_than(miles_an_hour: int) -> pl.Expr:
    return pl.col("distance") * 60 > miles_an_hour * pl.col("air_time")


def _eastern() -> pl.Expr:
    """Between the Atlantic and the outer Aleutians, but for Guam and its neighbours."""
    lat, lon = pl.col("lat").cast(pl.Float64), pl.col("lon").cast(pl.Float64)
    return lon.is_between(-64, 172) & ~((lat < 20) & (lon > 140))


def _same_minute(year: Year) -> int:
    return year.rotations.filter(pl.col("again") == 0).height


# fmt: off
TRAPS = (
    # what happened
    Trap("cancelled", 8_255, "movements", lambda y: y.movements.filter(status="cancelled").height, "cancelled"),
    Trap("diverted", 1_175, "movements", lambda y: y.movements.filter(status="diverted").height, "diverted, none"),
    Trap("diverted, no arr_time", 458, "movements",
         lambda y: y.movements.filter(pl.col("arr_time").is_null(), status="diverted").height, "without arr_time"),
    Trap("diverted, with arr_time", 717, "movements",
         lambda y: y.movements.filter(pl.col("arr_time").is_not_null(), status="diverted").height, "with the arr_time"),
    Trap("dep_time 2400", 29, "movements", lambda y: y.movements.filter(dep_time=2400).height, "dep_time is 2400"),
    Trap("arr_time 2400", 150, "movements", lambda y: y.movements.filter(arr_time=2400).height, "arr_time is 2400"),
    Trap("left the next local day", 1_236, "movements", _left_next_day, "next local day"),
    Trap("dep_delay over 12 h", 29, "movements",
         lambda y: y.movements.filter(pl.col("dep_delay") > 720).height, "dep_delay above"),
    Trap("speed over 600 mph", 4, "movements", lambda y: y.flights.filter(_faster_than(600)).height, "faster than 600"),
    Trap("outcome unknown at midnight", 27_198, "movements", lambda y: y.unknown_after(0), "at local midnight"),
    Trap("outcome unknown 12 h later", 12, "movements", lambda y: y.unknown_after(12), "twelve hours after"),
    Trap("outcome unknown 24 h later", 0, "movements", lambda y: y.unknown_after(24), "24 hours after"),
    # who flies, and when
    Trap("tailnum null", 2_512, "schedule",
         lambda y: y.flights.filter(pl.col("tailnum").is_null(), status="cancelled").height, "tailnum is null"),
    Trap("cancelled 9E/UA/US/F9: all null", 2_396, "schedule",
         lambda y: y.cancelled_of("9E", "UA", "US", "F9")["tailnum"].null_count(), "9E, UA, US and F9"),
    Trap("cancelled EV/B6/DL: none null", 3_632, "schedule",
         lambda y: y.cancelled_of("EV", "B6", "DL")["tailnum"].drop_nulls().len(), "EV, B6 and DL"),
    Trap("tail not in planes", 50_094, "schedule", lambda y: y.unregistered.height, "tailnum is not in the registry"),
    Trap("tails not in planes", 721, "schedule", lambda y: y.unregistered["tailnum"].n_unique(), "different tails"),
    Trap("same tail twice at a minute", 31, "schedule", _same_minute, "twice in one minute"),
    Trap("impossible rotations", 1_181, "schedule",
         lambda y: y.rotations.filter(pl.col("again") < 2 * pl.col("air_time")).height, "impossible rotations"),
    Trap("tails under 2+ carriers", 17, "schedule",
         lambda y: y.rotations.group_by("tailnum").agg(pl.col("carrier").n_unique())
         .filter(pl.col("carrier") > 1).height, "two carriers"),
    Trap("dest not in airports", 7_602, "schedule",
         lambda y: y.schedule.filter(~pl.col("dest").is_in(y.airports["faa"].implode())).height, "dest is not in"),
    Trap("UTC date is not the local day", 38_444, "schedule",
         lambda y: y.schedule.filter(pl.col("sched_dep_at").dt.date() != pl.col("day")).height, "UTC date"),
    Trap("day, carrier, flight twice", 2 * 24, "schedule",
         lambda y: y.schedule.filter(pl.struct("day", "carrier", "flight").is_duplicated()).height, "in 24 pairs"),
    Trap("EWR->LGA, 17 miles", 1, "schedule",
         lambda y: y.flights.filter(origin="EWR", dest="LGA", distance=17, status="cancelled").height, "17 miles"),
    # weather
    Trap("hours missing", 75, "weather", _lacking_hours, "hours without an observation, over"),
    Trap("longest gap 6 h", 6 - 1, "weather", lambda y: int(y.gaps.max()) - 1, "in a row"),  # type: ignore[arg-type]
    Trap("31 December without weather", 776, "weather",
         lambda y: y.observed.filter(pl.col("seen").is_null(), day=LAST_DAY).height, "flights of 31 December"),
    Trap("no exact match", 1_556, "weather",
         lambda y: y.observed["seen"].null_count(), "for the hour of their departure"),
    Trap("local key twice", 3, "weather", _twice_on_the_clock, "3 November 01:00"),
    Trap("wind of 1,048 mph", 1, "weather",
         lambda y: y.weather.filter(pl.col("wind_speed") > 1_048).height, "1,048 mph", "range(wind_speed)"),
    Trap("13.1 F in May", 1, "weather",
         lambda y: y.weather.filter(pl.col("day").dt.month() == 5, temp=13.1).height, "13.1 F",
         "no-hard-frost-in-summer"),
    Trap("wind_gust null", 20_778, "weather", lambda y: y.weather["wind_gust"].null_count(), "wind_gust is null"),
    Trap("pressure null", 2_729, "weather", lambda y: y.weather["pressure"].null_count(), "pressure is null"),
    # references
    Trap("flights whose tail is not there", 50_094, "planes", lambda y: y.unregistered.height, "flights of 2013"),
    Trap("tails that are not there", 721, "planes", lambda y: y.unregistered["tailnum"].n_unique(), "different tails"),
    Trap("year null", 70, "planes", lambda y: y.planes["year"].null_count(), "year is null"),
    Trap("speed null", 3_299, "planes", lambda y: y.planes["speed"].null_count(), "speed is null, of 3,322"),
    Trap("flights whose dest is not there", 7_602, "airports",
         lambda y: y.schedule.filter(~pl.col("dest").is_in(y.airports["faa"].implode())).height, "a destination"),
    Trap("tzone null", 3, "airports", lambda y: y.airports["tzone"].null_count(), "tzone is null"),
    Trap("in the wrong half of the world", 3, "airports",
         lambda y: y.airports.filter(_eastern()).height, "impossible", "in-america"),
)
# fmt: on


@pytest.fixture(scope="module")
def contracts() -> Mapping[str, Contract]:
    return load_folder(Path(__file__).parents[3] / "contracts" / "departures")


@pytest.fixture(scope="module")
def year() -> Year:
    return Year()


def declared(contract: Contract) -> dict[str, int]:
    return {fact["fact"]: fact["rows"] for fact in contract.declared["knownFacts"]}


def fact_of(trap: Trap, contracts: Mapping[str, Contract]) -> str:
    [fact] = [
        fact for fact in declared(contracts[trap.contract]) if fact.startswith(trap.fact) or f" {trap.fact}" in fact
    ]
    return fact


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.contract}: {trap.name}")
def test_a_trap_is_as_often_in_the_files_as_its_contract_says(
    trap: Trap, contracts: Mapping[str, Contract], year: Year
) -> None:
    assert declared(contracts[trap.contract])[fact_of(trap, contracts)] == trap.count
    assert trap.counted(year) == trap.count


def test_no_contract_declares_a_fact_that_nobody_counts(contracts: Mapping[str, Contract]) -> None:
    said = {(name, fact) for name, contract in contracts.items() for fact in map(str, _facts(contract))}
    assert said == {(trap.contract, fact_of(trap, contracts)) for trap in TRAPS}


def _facts(contract: Contract) -> list[str]:
    return [fact["fact"] for fact in contract.declared.get("knownFacts", ())]


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if trap.rule], ids=lambda trap: trap.name)
def test_what_is_impossible_is_refused_by_its_rule(trap: Trap, contracts: Mapping[str, Contract], year: Year) -> None:
    frame: pl.DataFrame = getattr(year, trap.contract)
    quarantined = gate(frame, contracts[trap.contract], partition="").quarantined
    rows = quarantined.filter(pl.col("rules").str.contains(trap.rule, literal=True))
    # One of the three airports breaks the range of latitudes besides, which is named first.
    assert rows.height == trap.count


# More about these counts than their number.


def test_a_null_tail_leaks_the_label_for_some_carriers_and_tells_nothing_for_others(year: Year) -> None:
    assert set(year.flights.filter(pl.col("tailnum").is_null())["status"]) == {"cancelled"}
    assert year.cancelled_of("9E", "UA", "US", "F9")["tailnum"].drop_nulls().is_empty()
    assert year.cancelled_of("EV", "B6", "DL")["tailnum"].null_count() == 0


def test_the_impossible_rotations_outside_of_one_minute_do_not_hang_on_any_order(year: Year) -> None:
    moments = year.rotations.select("tailnum", "sched_dep_at").unique().sort("tailnum", "sched_dep_at")
    following = moments.with_columns(following=pl.col("sched_dep_at").shift(-1).over("tailnum"))
    again = (pl.col("following") - pl.col("sched_dep_at")).dt.total_minutes()
    joined = year.rotations.join(following, on=["tailnum", "sched_dep_at"])
    assert joined.filter(again < 2 * pl.col("air_time")).height == 1_161


def test_the_local_day_of_every_departure_is_the_delivered_one(year: Year) -> None:
    local = pl.col("sched_dep_at").dt.convert_time_zone(HOME).dt.date()
    assert year.schedule.filter(local != pl.col("day")).is_empty()


def test_the_flights_to_airports_that_are_not_there_go_to_four(year: Year) -> None:
    lacking = year.schedule.filter(~pl.col("dest").is_in(year.airports["faa"].implode()))
    assert set(lacking["dest"]) == {"SJU", "BQN", "STT", "PSE"} == set(sources.EXTRA_ZONES)


def test_the_hours_without_weather_lie_at_every_airport_and_the_file_ends_a_day_early(year: Year) -> None:
    of = year.weather.group_by("origin").agg(pl.len(), pl.col("observed_at").max().alias("last")).sort("origin")
    hours = year.gaps.sum() // 3 + 1
    assert [hours - rows for rows in of["len"]] == [27, 24, 24]
    assert set(of["last"].dt.to_string("%d %b %HZ")) == {"30 Dec 23Z"}
    assert year.weather.select("origin", "observed_at").is_unique().all()


def test_no_gust_is_the_rule_and_no_pressure_a_bad_sign(year: Year) -> None:
    assert year.weather["wind_gust"].null_count() / year.weather.height == pytest.approx(0.796, abs=0.0005)
    rates = dict(year.observed.group_by("no_pressure").agg(pl.col("disrupted").mean()).iter_rows())
    assert rates[True] == pytest.approx(0.235, abs=0.0005)
    assert rates[False] == pytest.approx(0.095, abs=0.0005)


# When a fact is known: each of these is a rule, shown to fire on a real day with one row bent.


def _bent(frame: pl.DataFrame, row: pl.Expr, **columns: pl.Expr) -> pl.DataFrame:
    first = frame.filter(row).head(1)["source_row"]
    assert len(first) == 1
    bent = pl.col("source_row") == first[0]
    return frame.with_columns(
        pl.when(bent).then(value).otherwise(pl.col(name)).alias(name) for name, value in columns.items()
    )


HOUR = timedelta(hours=1)
IS = {status: pl.col("status") == status for status in ("cancelled", "diverted", "completed")}
EARLY = pl.col("outcome_known_at") - timedelta(minutes=1)
# fmt: off
BENT: tuple[tuple[str, str, pl.Expr, dict[str, pl.Expr]], ...] = (
    ("weather", "known-an-hour-after-its-label", pl.lit(value=True), {"known_at": pl.col("observed_at")}),
    ("weather", "primaryKey(origin,observed_at)", pl.col("observed_at") == pl.col("observed_at").min(),
     {"observed_at": pl.col("observed_at") + HOUR, "known_at": pl.col("known_at") + HOUR}),
    ("movements", "cancellation-known-when-it-was-to-leave", IS["cancelled"], {"outcome_known_at": EARLY}),
    ("movements", "cancellation-known-when-it-was-to-leave", IS["cancelled"],
     {"departure_known_at": pl.col("sched_dep_at") - 3 * HOUR}),
    ("movements", "diversion-known-six-hours-after-it-was-to-arrive", IS["diverted"], {"outcome_known_at": EARLY}),
    ("movements", "arrival-known-when-it-happens", IS["completed"], {"outcome_known_at": EARLY}),
    ("movements", "departure-not-known-before-it-happens", IS["completed"],
     {"departure_known_at": pl.col("departed_at") - HOUR}),
    ("movements", "known-status", IS["diverted"], {"status": pl.lit("lost")}),
    ("movements", "cancelled-has-no-times", IS["cancelled"], {"air_time": pl.lit(100, pl.Int32)}),
    ("movements", "range(dep_time)", IS["completed"], {"dep_time": pl.lit(2401, pl.Int32)}),
    ("schedule", "range(sched_dep_time)", pl.lit(value=True), {"sched_dep_time": pl.lit(2400, pl.Int32)}),
)
# fmt: on


@pytest.mark.parametrize(("name", "rule", "row", "columns"), BENT, ids=[f"{name}: {rule}" for name, rule, *_ in BENT])
def test_a_rule_about_a_trap_fires_on_a_row_that_breaks_it(
    contracts: Mapping[str, Contract],
    year: Year,
    name: str,
    rule: str,
    row: pl.Expr,
    columns: dict[str, pl.Expr],
) -> None:
    frame: pl.DataFrame = getattr(year, name).filter(day=STORM)
    assert gate(frame, contracts[name], partition=str(STORM)).quarantined.is_empty()
    quarantined = gate(_bent(frame, row, **columns), contracts[name], partition=str(STORM)).quarantined
    assert any(rule in rules for rules in quarantined["rules"])


def test_the_same_flight_number_may_leave_two_airports_on_one_day_and_not_one_twice(
    contracts: Mapping[str, Contract], year: Year
) -> None:
    pairs = year.schedule.filter(pl.struct("day", "carrier", "flight").is_duplicated())
    day = pairs["day"][0]
    frame = year.schedule.filter(day=day)
    assert gate(frame, contracts["schedule"], partition=str(day)).quarantined.is_empty()
    one_airport = pl.when(pl.col("source_row").is_in(pairs["source_row"].implode())).then(pl.lit("EWR"))
    moved = frame.with_columns(origin=one_airport.otherwise("origin"))
    quarantined = gate(moved, contracts["schedule"], partition=str(day)).quarantined
    assert set(quarantined["rule"]) == {"primaryKey(day,origin,carrier,flight)"}


def test_decisions_are_taken_two_hours_before_and_every_view_is_held_to_that(contracts: Mapping[str, Contract]) -> None:
    assert DEPARTURE_DELAY.entities.lead == timedelta(hours=2)
    assert DEPARTURE_DELAY.entities.event == "sched_dep_at"
    held = {rule.id.removeprefix("nothing-known-later-in-") for rule in contracts["departure_delay"].rules}
    assert set(DEPARTURE_DELAY.view_names) <= held


def test_the_recorded_tail_and_the_registry_of_the_future_are_declared_and_no_decision_rests_on_the_registry(
    contracts: Mapping[str, Contract],
) -> None:
    assert contracts["schedule"].column("tailnum").after_the_fact
    assert contracts["planes"].declared["futureSnapshot"] is True
    assert DEPARTURE_DELAY.entities.after_the_fact == ("tailnum",)
    graph = domain().graph
    resting = {"sources/planes"}
    for node in graph.nodes:
        if any(read.asset in resting for read in node.inputs):
            resting.add(node.asset)
    # Its statistics and the pages that show them are no decisions.
    assert {asset for asset in resting if not asset.startswith("quality/")} == {"sources/planes"}
