"""Leaks that would make the features of departures look better than they are: each is refused or caught, one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from agentic_assets.contracts import gate, load_folder
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.errors import AgenticError, ConfigInvalid, PointInTimeViolation
from agentic_assets.features import (
    AsOf,
    Coded,
    Declared,
    Feature,
    FeatureSet,
    Published,
    Source,
    View,
    feature_set,
)
from agentic_assets.features.agreement import check_agreement
from agentic_assets.features.proofs import prove
from agentic_assets_tests.unit.departures.year import window

CONTRACTS = load_folder(Path(__file__).parents[3] / "contracts" / "departures")
OF_TABLE = {f"sources/{name}": contract for name, contract in CONTRACTS.items()}
FIRST, LAST = date(2013, 2, 6), date(2013, 2, 9)
HOUR = timedelta(hours=1)


def inputs() -> dict[str, pl.DataFrame]:
    return window(FIRST - timedelta(days=DEPARTURE_DELAY.lookback), LAST)


def with_source(name: str, **changes: object) -> FeatureSet:
    whole = DEPARTURE_DELAY
    return feature_set(
        name=whole.name,
        version=whole.version,
        description=whole.description,
        entities=whole.entities,
        sources=tuple(replace(s, **changes) if s.name == name else s for s in whole.sources),  # type: ignore[arg-type]
        views=tuple(view for view in whole.views if isinstance(view, Declared)),
        zone=whole.zone,
        forbidden=whole.forbidden,
    )


def coded(make: Callable[[AsOf], pl.Series], dtype: pl.DataType, *sources: str) -> FeatureSet:
    """Define the set with one more feature, made by a function that claims to rest on nothing late."""
    more = Feature("leak", dtype, "1", "A leak that claims to be none.", "leak", sources, "window")
    view = Coded("leak", lambda at: View("leak", {"leak": make(at)}, at.decided), (more,))
    return replace(DEPARTURE_DELAY, features=(*DEPARTURE_DELAY.features, more), views=(*DEPARTURE_DELAY.views, view))


def put_together(define: Callable[[], FeatureSet]) -> None:
    """Do what a run does before it publishes: define, hold against the contracts, build."""
    definition = define()
    check_agreement(definition, OF_TABLE)
    definition.compute(inputs(), (FIRST, LAST))


def tailnum_is_null() -> FeatureSet:
    return coded(
        lambda at: at.entities.get_column("tailnum").is_null(), pl.Boolean(), "sources/schedule.tailnum.is_null"
    )


def tailnum_read() -> FeatureSet:
    return coded(lambda at: at.entities.get_column("tailnum").is_null(), pl.Boolean(), "sources/schedule.carrier")


def plane_seats() -> FeatureSet:
    return coded(lambda at: pl.Series(at.decided), pl.Int64(), "sources/planes.seats")


def plane_table() -> FeatureSet:
    planes = Source("planes", "sources/planes", Published("sched_dep_at", timedelta(days=1)), ("seats",))
    return replace(DEPARTURE_DELAY, sources=(*DEPARTURE_DELAY.sources, planes))


def weather_of_the_departure_hour() -> FeatureSet:
    return coded(
        lambda at: at.by("weather", "origin").around(HOUR, HOUR).count(), pl.Int32(), "sources/weather.observed_at"
    )


def weather_at_its_label() -> FeatureSet:
    return with_source("weather", known_at="observed_at")


def outcome_known_at_departure() -> FeatureSet:
    return with_source("outcomes", known_at="departure_known_at")


def arrival_delay_before_arrival() -> FeatureSet:
    [flown] = [source for source in DEPARTURE_DELAY.sources if source.name == "flown"]
    return with_source("flown", later={}, columns=(*flown.columns, "arr_delay"))


def a_source_that_does_not_say_when() -> FeatureSet:
    return with_source("departures", known_at=None)


def mean_of_the_same_day_without_cut_off() -> FeatureSet:
    def whole_day(at: AsOf) -> pl.Series:
        delays = at.facts("departures").column("dep_delay")
        return pl.Series(np.full(len(at.decided), delays.mean()))

    return coded(whole_day, pl.Float64(), "sources/movements.dep_delay")


REFUSED = {
    "whether the recorded tail is null": (tailnum_is_null, "is forbidden"),
    "the recorded tail, under another name": (tailnum_read, "may not see"),
    "seats of the aircraft, from the registry of June 2014": (plane_seats, "is forbidden"),
    "any table that was taken in the future": (plane_table, "forbid|future"),
    "weather around the departure": (weather_of_the_departure_hour, "not yet known|Published"),
    "weather at its label, an hour before it is known": (weather_at_its_label, "`known_at`"),
    "outcomes counted when the flight left": (outcome_known_at_departure, "outcome_known_at"),
    "the arrival delay of an aircraft still in the air": (arrival_delay_before_arrival, "outcome_known_at"),
    "facts that do not say when they became known": (a_source_that_does_not_say_when, "known_at"),
}


@pytest.mark.parametrize("leak", REFUSED)
def test_a_leak_is_refused_before_anything_is_published(leak: str) -> None:
    define, said = REFUSED[leak]
    with pytest.raises(AgenticError, match=said):
        put_together(define)


def test_a_mean_of_the_day_without_cut_off_is_caught_by_a_planted_future() -> None:
    proofs = {proof.law: proof for proof in prove(mean_of_the_same_day_without_cut_off(), inputs(), (FIRST, LAST))}
    assert not proofs["future_changes_nothing"].passed
    assert "`leak`" in proofs["future_changes_nothing"].example


def test_weather_delivered_as_known_an_hour_early_is_refused_by_its_contract() -> None:
    day = inputs()["sources/weather"].filter(pl.col("day") == FIRST)
    early = day.with_columns(known_at=pl.col("observed_at"))
    result = gate(early, CONTRACTS["weather"], partition=str(FIRST))
    assert result.refused
    assert result.quarantined.height == early.height


def test_what_departures_declares_agrees_with_its_contracts() -> None:
    check_agreement(DEPARTURE_DELAY, OF_TABLE)


def test_a_column_that_no_contract_delivers_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigInvalid, match="`arr_dely`"):
        check_agreement(with_source("outcomes", columns=("arr_dely",), derive={}), OF_TABLE)


def test_a_window_that_looks_ahead_is_refused() -> None:
    ahead = coded(
        lambda at: at.by("departures", "origin").window(-HOUR).count(), pl.Int32(), "sources/movements.origin"
    )
    with pytest.raises(PointInTimeViolation, match="looks ahead"):
        ahead.compute(inputs(), (FIRST, LAST))
