"""The five views once more, by pandas: what the benchmark runs beside ours makes the same features."""

from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from agentic_assets_tests.bench.by_pandas import COLUMNS, make
from agentic_assets_tests.bench.features import FIVE_VIEWS
from agentic_assets_tests.unit.departures.year import FIRST, window


@pytest.fixture(scope="module")
def both() -> tuple[pl.DataFrame, pd.DataFrame]:
    last = FIRST + timedelta(days=44)
    tables = window(FIRST, last)
    theirs = make(*(tables[f"sources/{name}"].select(columns).to_pandas() for name, columns in COLUMNS.items()))
    return FIVE_VIEWS.compute(tables, (FIRST, last)), theirs


@pytest.mark.parametrize("name", [feature.name for feature in FIVE_VIEWS.features])
def test_every_value_is_the_same(both: tuple[pl.DataFrame, pd.DataFrame], name: str) -> None:
    ours, theirs = both
    assert ours.get_column("flight_id").to_list() == theirs["flight_id"].to_list()
    values = ours.get_column(name).cast(pl.Float64).to_numpy()
    np.testing.assert_allclose(theirs[name].astype("float64"), values, rtol=1e-12, atol=1e-9, equal_nan=True)
