from __future__ import annotations

import math
import statistics as stdlib
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.quality import profile

numbers = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False))
parts = st.lists(st.lists(numbers, min_size=1, max_size=30), min_size=1, max_size=5)


def frame(given_parts: list[list[Any]]) -> pl.DataFrame:
    rows = [(f"p{number}", value) for number, part in enumerate(given_parts) for value in part]
    return pl.DataFrame(rows, schema={"partition": pl.String, "value": pl.Float64}, orient="row")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(parts)
def test_a_profile_says_what_the_standard_library_says(given_parts: list[list[Any]]) -> None:
    found = profile(frame(given_parts), ["value"]).rows(named=True)
    assert len(found) == len(given_parts)
    for row, part in zip(found, given_parts, strict=True):
        known = [float(value) for value in part if value is not None]
        assert (row["rows"], row["nulls"], row["distinct"]) == (len(part), len(part) - len(known), len(set(known)))
        assert (row["maximum"] is None) == (not known)
        if known:
            assert math.isclose(row["maximum"], max(known), rel_tol=1e-11)
            assert math.isclose(row["mean"], stdlib.fmean(known), rel_tol=1e-9, abs_tol=1e-6)
            most = max(known.count(value) for value in known)
            assert math.isclose(row["top_share"], most / len(part), rel_tol=1e-9)
        if len(known) > 1:
            assert math.isclose(row["deviation"], stdlib.stdev(known), rel_tol=1e-6, abs_tol=1e-6)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(parts)
def test_a_partition_has_the_same_profile_alone_as_among_others(given_parts: list[list[Any]]) -> None:
    whole = profile(frame(given_parts), ["value"])
    for number in range(len(given_parts)):
        alone = frame(given_parts).filter(pl.col("partition") == f"p{number}")
        assert profile(alone, ["value"]).equals(whole.filter(pl.col("partition") == f"p{number}"))


def test_text_has_counts_and_a_top_value_and_no_figures() -> None:
    rows = pl.DataFrame({"partition": ["a"] * 4, "carrier": ["UA", "B6", "UA", None]})
    [found] = profile(rows, ["carrier"]).rows(named=True)
    assert (found["distinct"], found["top"], found["top_share"], found["mean"]) == (2, "UA", 0.5, None)


def test_of_equally_frequent_values_the_smallest_is_the_top() -> None:
    rows = pl.DataFrame({"partition": ["a"] * 4, "carrier": ["UA", "B6", "UA", "B6"]})
    assert profile(rows, ["carrier"]).get_column("top").to_list() == ["B6"]


def test_truth_values_are_profiled_as_zero_and_one() -> None:
    rows = pl.DataFrame({"partition": ["a"] * 4, "late": [True, False, True, None]})
    assert profile(rows, ["late"]).get_column("mean").to_list() == [0.666666666667]
