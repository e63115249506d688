"""Hypothesis strategies: random conditions of the language as SQL text, and rows with nulls, NaN and extremes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from hypothesis import strategies as st

from agentic_assets.language import Type

__all__ = ["COLUMNS", "SCHEMA", "conditions", "rows"]

COLUMNS = {
    "i": Type.INTEGER,
    "j": Type.INTEGER,
    "x": Type.NUMBER,
    "y": Type.NUMBER,
    "s": Type.STRING,
    "b": Type.BOOLEAN,
    "d": Type.DATE,
    "t": Type.TIMESTAMP,
}
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "i": pl.Int64,
    "j": pl.Int32,
    "x": pl.Float64,
    "y": pl.Float64,
    "s": pl.String,
    "b": pl.Boolean,
    "d": pl.Date,
    "t": pl.Datetime("us", "UTC"),
}
_WORDS = ["", "JFK", "jfk", "é", "日本", "a'b"]
_DAYS = [date(2013, 1, 1), date(2013, 12, 31)]
_MOMENTS = [datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 12, 31, 23, 59, 59, 1, tzinfo=UTC)]
_LARGE = 2**63 - 1

_quoted = st.sampled_from(_WORDS).map(lambda word: "'" + word.replace("'", "''") + "'")
_whole = st.sampled_from([0, 1, 2, 9, 2**53 + 1, _LARGE]).map(str)
_signed = st.tuples(st.sampled_from(["", "-"]), _whole).map("".join)
_real = st.sampled_from(["0.0", "0.5", "1.0", "-2.5", "1e300", "9007199254740993.0"])
_signs = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


def _numbers() -> st.SearchStrategy[str]:
    leaves = st.one_of(st.sampled_from(["i", "j", "x", "y"]), _signed, _real)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
            inner.map(lambda part: f"ABS({part})"),
            inner.map(lambda part: f"(-{part})" if not part.startswith("-") else part),
            st.tuples(inner, inner).map(lambda parts: f"COALESCE({parts[0]}, {parts[1]})"),
        ),
        max_leaves=4,
    )


_numeric = _numbers()
_string = st.one_of(st.just("s"), _quoted, st.just("COALESCE(s, 'JFK')"))
_day = st.one_of(st.just("d"), st.sampled_from([f"DATE '{day}'" for day in _DAYS]))
_moment = st.one_of(
    st.just("t"), st.sampled_from([f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'" for moment in _MOMENTS])
)


def _listed(item: st.SearchStrategy[str], literal: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    values = st.lists(literal, min_size=1, max_size=4).map(", ".join)
    return st.tuples(item, st.sampled_from(["IN", "NOT IN"]), values).map(
        lambda parts: f"{parts[0]} {parts[1]} ({parts[2]})"
    )


def _compared(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.tuples(item, st.sampled_from(["", "NOT "]), item, item).map(
        lambda parts: f"({parts[0]} {parts[1]}BETWEEN {parts[2]} AND {parts[3]})"
    )
    null = st.tuples(item, st.sampled_from(["IS NULL", "IS NOT NULL"])).map(lambda parts: f"({parts[0]} {parts[1]})")
    return st.one_of(st.tuples(item, _signs, item).map(lambda parts: f"({' '.join(parts)})"), between, null)


_leaves = st.one_of(
    _compared(_numeric),
    _compared(_string),
    _compared(_day),
    _compared(_moment),
    _listed(_numeric, st.one_of(_signed, _real)),
    _listed(_string, _quoted),
    st.sampled_from(
        ["b", "TRUE", "FALSE", "b = TRUE", "b <> FALSE", "b IS TRUE", "b IS NOT FALSE", "COALESCE(b, FALSE)"]
    ),
)
conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " AND ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " OR ".join(parts) + ")"),
        inner.map(lambda part: f"(NOT {part})"),
        inner.map(lambda part: f"(({part}) IS TRUE)"),
        inner.map(lambda part: f"(({part}) IS NULL)"),
    ),
    max_leaves=6,
)

_integers = st.one_of(st.none(), st.sampled_from([0, 1, -1, 2, 9, 2**53, 2**53 + 1, _LARGE, -_LARGE - 1]))
_small = st.one_of(st.none(), st.sampled_from([0, 1, -1, 2, 9, 2**31 - 1]))
_floats = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, -2.5, 1e300, float("nan"), float("inf"), float("-inf"), 2.0**53]),
)


def _row() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "i": _integers,
            "j": _small,
            "x": _floats,
            "y": _floats,
            "s": st.one_of(st.none(), st.sampled_from(_WORDS)),
            "b": st.one_of(st.none(), st.booleans()),
            "d": st.one_of(st.none(), st.sampled_from(_DAYS)),
            "t": st.one_of(st.none(), st.sampled_from(_MOMENTS)),
        }
    )


rows = st.lists(_row(), min_size=1, max_size=30)
