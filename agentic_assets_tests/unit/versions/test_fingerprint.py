from __future__ import annotations

import types
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.versions import of_bytes, of_frame, of_json, of_source, of_text

ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**40), 2**40),
        st.none() | st.text(max_size=6),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
        st.none() | st.booleans(),
    ),
    max_size=12,
)
SCHEMA = {"number": pl.Int64, "text": pl.String, "real": pl.Float64, "flag": pl.Boolean}


def _frame(rows: list[tuple[int | None, str | None, float | None, bool | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _module(tmp_path: Path, source: str) -> types.FunctionType:
    file = tmp_path / f"made_{abs(hash(source))}.py"
    file.write_text(source)
    space: dict[str, types.FunctionType] = {}
    exec(compile(source, str(file), "exec"), space)
    return space["rate"]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 12))
def test_chunks_and_column_order_do_not_change_the_digest_of_a_frame(
    rows: list[tuple[int | None, str | None, float | None, bool | None]], cut: int
) -> None:
    frame = _frame(rows)
    chunked = pl.concat([frame[:cut], frame[cut:]], rechunk=False)
    assert of_frame(frame) == of_frame(chunked) == of_frame(frame.select(reversed(frame.columns)))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(ROWS.filter(lambda rows: len(rows) > 0), st.data())
def test_any_changed_value_changes_the_digest(
    rows: list[tuple[int | None, str | None, float | None, bool | None]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    number, text, real, flag = rows[at]
    changed = [*rows]
    changed[at] = (None if number is not None else 0, text, real, flag)
    assert of_frame(_frame(rows)) != of_frame(_frame(changed))


def test_a_parquet_round_trip_keeps_the_digest(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "at": [datetime(2013, 1, 1, tzinfo=UTC), None],
            "day": [date(2013, 1, 1), None],
            "real": [-0.0, float("nan")],
            "text": ["", None],
        }
    )
    frame.write_parquet(tmp_path / "x.parquet")
    assert of_frame(pl.read_parquet(tmp_path / "x.parquet")) == of_frame(frame)


def test_an_empty_text_and_a_null_differ() -> None:
    assert of_frame(pl.DataFrame({"a": [""]})) != of_frame(pl.DataFrame({"a": [None]}, schema={"a": pl.String}))


def test_text_cannot_move_between_neighbouring_rows_unseen() -> None:
    assert of_frame(pl.DataFrame({"a": ["ab", "c"]})) != of_frame(pl.DataFrame({"a": ["a", "bc"]}))


def test_the_order_of_the_rows_counts() -> None:
    assert of_frame(pl.DataFrame({"a": [1, 2]})) != of_frame(pl.DataFrame({"a": [2, 1]}))


NESTED = {"a": pl.List(pl.Struct({"x": pl.Int64, "y": pl.List(pl.String)}))}
ITEMS = st.none() | st.fixed_dictionaries(
    {"x": st.none() | st.integers(-3, 3), "y": st.none() | st.lists(st.none() | st.text("ab", max_size=2), max_size=2)}
)
LISTS = st.lists(st.none() | st.lists(ITEMS, max_size=3), max_size=5)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(LISTS, LISTS, st.integers(0, 5))
def test_nested_values_have_one_digest_exactly_when_they_are_equal(
    one: list[object], other: list[object], cut: int
) -> None:
    frame, second = (pl.DataFrame({"a": values}, schema=NESTED) for values in (one, other))
    assert (of_frame(frame) == of_frame(second)) == (frame["a"].to_list() == second["a"].to_list())
    assert of_frame(pl.concat([frame[:cut], frame[cut:]], rechunk=False)) == of_frame(frame)


def test_a_parquet_round_trip_keeps_the_digest_of_nested_values(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [None, [], [None], [{"x": 1, "y": []}, {"x": None, "y": None}]]}, schema=NESTED)
    frame.write_parquet(tmp_path / "x.parquet")
    assert of_frame(pl.read_parquet(tmp_path / "x.parquet")) == of_frame(frame)


def test_a_column_of_python_objects_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="'a' has type Object"):
        of_frame(pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}))


def test_the_order_of_keys_does_not_change_the_digest_of_json() -> None:
    assert of_json({"a": 1, "b": 2}) == of_json({"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ("def rate(x):\n    return  x*2  # twice\n", True),
        ('def rate(x):\n    """Double."""\n    return x * 2\n', True),
        ("def rate(x):\n    return x * 3\n", False),
        ("def rate(y):\n    return y * 2\n", False),
    ],
)
def test_layout_and_docstrings_do_not_count_in_code_but_constants_and_names_do(
    tmp_path: Path, changed: str, same: bool
) -> None:
    original = _module(tmp_path, "def rate(x):\n    return x * 2\n")
    assert (of_source(_module(tmp_path, changed)) == of_source(original)) is same


def test_a_text_that_is_no_unicode_has_a_digest_too() -> None:
    assert of_text("\ud800") != of_text("\udfff")
    assert of_text("é") == of_bytes("é".encode())
