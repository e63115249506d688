from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts.gating.keys import duplicated


def marks(frame: pl.DataFrame, *key: str) -> list[bool] | None:
    found = duplicated(frame, key)
    return None if found is None else found.to_list()


def test_rows_that_differ_in_any_part_are_no_duplicates() -> None:
    assert marks(pl.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"]}), "a", "b") is None


def test_the_same_values_in_swapped_columns_are_no_duplicates() -> None:
    assert marks(pl.DataFrame({"a": ["x", "y"], "b": ["y", "x"]}), "a", "b") is None


def test_every_copy_is_marked() -> None:
    assert marks(pl.DataFrame({"a": [1, 2, 1, 1]}), "a") == [True, False, True, True]


def test_minus_zero_is_zero() -> None:
    assert marks(pl.DataFrame({"a": [0.0, -0.0, 1.0]}), "a") == [True, True, False]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.one_of(st.none(), st.sampled_from("ab"))] * 2, st.one_of(st.none(), st.integers(0, 2)))))
def test_it_equals_counting_the_keys(rows: list[tuple[Any, ...]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String, "c": pl.Int64}, orient="row")
    expected = [None not in row and rows.count(row) > 1 for row in rows]
    assert marks(frame, "a", "b", "c") == (expected if any(expected) else None)
