"""Both backends mean the same, and what SQL means by it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import Type, parse_condition
from agentic_assets_tests.unit.language.conditions import COLUMNS, SCHEMA, conditions, rows


def _both(text: str, data: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    try:
        condition = parse_condition(text, COLUMNS, where="test")
    except PolicyInvalid as refused:
        # The only thing that a generated condition is refused for.
        assume("null whatever the row" not in refused.what)
        raise
    frame = pl.DataFrame(data, schema=SCHEMA)
    batch = frame.select(pl.repeat(False, pl.len()).alias("_"), out=condition.expression).get_column("out")
    assert batch.dtype == pl.Boolean
    return batch.to_list(), [condition.test(row) for row in frame.iter_rows(named=True)]


@given(conditions, rows)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_the_polars_expression_and_the_closure_agree_on_every_row(text: str, data: list[dict[str, Any]]) -> None:
    batch, one_by_one = _both(text, data)
    assert batch == one_by_one


@given(conditions, rows)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_they_agree_on_null_and_nan_in_every_column_that_is_read_and_take_the_two_for_the_same(
    text: str, data: list[dict[str, Any]]
) -> None:
    full = {name: next((row[name] for row in data if row[name] is not None), None) for name in SCHEMA}
    changed: list[dict[str, Any]] = [full, dict.fromkeys(SCHEMA)]
    for name, dtype in SCHEMA.items():
        changed.append({**full, name: None})
        changed.append({**full, name: float("nan") if dtype == pl.Float64 else None})
    batch, one_by_one = _both(text, changed)
    assert batch == one_by_one
    assert batch[2::2] == batch[3::2]


@given(conditions, rows)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_duckdb_means_the_same_by_it_where_it_knows_no_nan(text: str, data: list[dict[str, Any]]) -> None:
    import duckdb

    # duckdb divides by zero to infinity or null and overflows 64-bit sums, which we do not: leave arithmetic out.
    if any(
        sign in text
        for sign in ("+", "*", "/", " - ", "ABS", "(-", "1e300", "9007199254740993", "COALESCE(i", "COALESCE(j")
    ):
        return
    clean = [{name: None if value != value else value for name, value in row.items()} for row in data]  # noqa: PLR0124
    batch, _ = _both(text, clean)
    frame = pl.DataFrame(clean, schema=SCHEMA)
    frame = frame.with_columns(pl.col("t").dt.replace_time_zone(None))
    with duckdb.connect() as connection:
        connection.register("frame", frame.to_arrow())
        found = connection.sql(f"SELECT ({text}) AS out FROM frame").fetchall()
    assert batch == [row[0] for row in found]


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ("b AND FALSE", {"b": None}, False),
        ("b OR TRUE", {"b": None}, True),
        ("b AND TRUE", {"b": None}, None),
        ("NOT b", {"b": None}, None),
        ("s = 'JFK'", {"s": None}, None),
        ("s NOT IN ('JFK')", {"s": None}, None),
        ("s IS NULL", {"s": None}, True),
        ("x > 1", {"x": float("nan")}, None),
        ("x IS NULL", {"x": float("nan")}, True),
        ("x <> 1", {"x": float("nan")}, None),
        ("x - x = 0", {"x": float("inf")}, None),
        ("i / 0 > 1", {"i": 1}, None),
        ("i / 2 = 0.5", {"i": 1}, True),
        ("i > 9007199254740992", {"i": 9007199254740993}, True),
        ("i + 1 > 0", {"i": 2**63 - 1}, True),
        ("COALESCE(x, 7) = 7", {"x": float("nan")}, True),
        ("ABS(i) = 3", {"i": -3}, True),
        ("b IS NOT TRUE", {"b": None}, True),
        ("i BETWEEN 2 AND 1", {"i": 1}, False),
        ("i IN (-1, 2.5)", {"i": -1}, True),
    ],
)
def test_a_condition_follows_the_three_valued_logic_of_sql(
    text: str, row: dict[str, Any], expected: bool | None
) -> None:
    batch, one_by_one = _both(text, [dict.fromkeys(SCHEMA) | row])
    assert batch == one_by_one == [expected]


def test_a_constant_condition_holds_for_every_row_of_a_batch_and_for_none_of_an_empty_one() -> None:
    assert _both("TRUE", [dict.fromkeys(SCHEMA)] * 3)[0] == [True] * 3
    assert _both("1 = 2 OR TRUE", [])[0] == []


def test_whole_number_columns_of_any_width_are_read_as_one_type() -> None:
    condition = parse_condition("small > 3000000000 OR small = 5", {"small": Type.INTEGER}, where="test")
    frame = pl.DataFrame({"small": [5, 6, None]}, schema={"small": pl.Int16})
    assert frame.select(condition.expression.alias("out")).get_column("out").to_list() == [True, False, None]
