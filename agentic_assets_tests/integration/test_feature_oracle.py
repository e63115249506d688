"""Every feature of every flight of the year, against the same features in SQL."""

from __future__ import annotations

import polars as pl
import pytest

from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets_tests.integration.feature_sql import features_by_sql
from agentic_assets_tests.unit.departures.year import FIRST, LAST, tables

_PROOFS = {
    "history_known_at": [
        f"{key}_{days}d_proof" for key in ("carrier", "route", "origin_hour", "carrier_origin") for days in (7, 28)
    ],
    "origin_known_at": ["origin_today_proof", "origin_2h_proof"],
    "carrier_origin_known_at": ["carrier_origin_today_proof", "carrier_origin_4h_proof"],
    "overdue_known_at": ["origin_overdue_proof", "carrier_origin_overdue_proof"],
}


@pytest.mark.slow
def test_every_feature_and_every_proof_of_the_year_equals_an_independent_sql_exactly() -> None:
    inputs = tables()
    built = DEPARTURE_DELAY.compute(inputs, (FIRST, LAST)).sort("flight_id")
    asked = features_by_sql(
        inputs["sources/schedule"], inputs["sources/movements"], inputs["sources/weather"], FIRST, LAST
    ).sort("flight_id")
    asked = asked.with_columns(pl.max_horizontal(*parts).alias(name) for name, parts in _PROOFS.items())

    assert built.height == 336_776
    assert built.get_column("flight_id").equals(asked.get_column("flight_id"))
    different = {
        name: differing
        for name in built.columns
        if name not in ("flight_id", "day")
        and (differing := _different(built.get_column(name), asked.get_column(name)))
    }
    assert different == {}


def _different(one: pl.Series, other: pl.Series) -> int:
    if one.dtype.is_temporal():
        one = one.to_physical()
    return int(one.ne_missing(other.cast(one.dtype)).sum())
