"""How the values of a column lie: in bins of round width where they have an order, else the most frequent ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import polars as pl

from agentic_assets.evidence.catalog.feature_sets.material import Spread, Top
from agentic_assets.evidence.report.drawing.axes import round_scale
from agentic_assets.evidence.report.wording import MINUS

__all__ = ["spread_of"]

_BINS: Final = 22
_TOP: Final = 6
# The outermost hundredths do not set the width of the bins; they are counted below and above.
_LOW, _HIGH = 0.01, 0.99
# Where they take little room, the bins cover all values all the same.
_WHOLE_FROM: Final = 0.7
_FARTHEST: Final = 1e100
# Larger whole numbers are no longer told apart by a float, in which round edges are found.
_EXACT: Final = 2**53


def spread_of(column: pl.Series) -> tuple[Spread | Top | None, int]:
    """Give how the values of a column lie, nulls left out, and how many are no finite numbers.

    Nothing for a column of lists, structs or bytes, or one without values. Only counts and values that occur are
    told, no sums: the same rows give the same answer, in whatever order they come.
    """
    values = column.drop_nulls()
    dtype = values.dtype
    if dtype == pl.Boolean or isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return _top(values.cast(pl.String)), 0
    if dtype.is_temporal():
        return _binned(values.to_physical().cast(pl.Int64), dtype, whole=True), 0
    if not dtype.is_numeric():
        return None, 0
    numbers = values.cast(pl.Float64)
    if dtype.is_integer() and (numbers.abs() < _EXACT).all():
        return _binned(values.cast(pl.Int64), dtype, whole=True), 0
    finite = numbers.filter(numbers.is_finite() & (numbers.abs() <= _FARTHEST))
    return _binned(finite, dtype, whole=False), len(numbers) - len(finite)


def _top(values: pl.Series) -> Top | None:
    if values.is_empty():
        return None
    counted = values.alias("value").value_counts(name="times").sort("times", "value", descending=[True, False])
    shown = counted.head(_TOP)
    if counted.height > _TOP:
        # What occurs once says nothing about the others, and something about one row.
        shown = shown.filter(pl.col("times") > 1)
    pairs = tuple((str(value), int(times)) for value, times in shown.iter_rows())
    return Top(pairs, counted.height, len(values) - sum(times for _, times in pairs))


def _binned(values: pl.Series, dtype: pl.DataType, *, whole: bool) -> Spread | None:
    if values.is_empty():
        return None
    ordered = values.sort()
    last = len(ordered) - 1
    lowest, low, median, high, highest = (ordered[round(share * last)] for share in (0.0, _LOW, 0.5, _HIGH, 1.0))
    few = whole and highest - lowest < _BINS
    if few or high - low >= _WHOLE_FROM * (highest - lowest):
        low, high = lowest, highest
    edges = _edges(low, high, whole=whole, temporal=dtype.is_temporal())
    places = ordered.search_sorted(pl.Series(edges, dtype=ordered.dtype if whole else pl.Float64), side="left")
    at = [int(place) for place in places]
    if not whole:  # the last bin holds its upper edge too
        at[-1] = int(ordered.search_sorted(edges[-1], side="right"))
    return Spread(
        labels=tuple(_label(one, other, dtype, whole=whole) for one, other in pairwise(edges)),
        counts=tuple(end - start for start, end in pairwise(at)),
        ends=(_written(edges[0], dtype), _written(edges[-1] - 1 if whole else edges[-1], dtype)),
        below=at[0],
        above=len(ordered) - at[-1],
        lowest=_written(lowest, dtype),
        median=_written(median, dtype),
        highest=_written(highest, dtype),
    )


def _edges(low: Any, high: Any, *, whole: bool, temporal: bool) -> list[Any]:
    """Give the edges of bins that cover both values; whole numbers lie below the upper edge of their bin."""
    if temporal:
        step = max(1, -(-(high - low + 1) // _BINS))
        return [low + place * step for place in range((high - low) // step + 2)]
    if low == high and not whole:
        return [low, high]
    ticks = round_scale(float(low), float(high) + whole, 0, 1, about=_BINS, least=float(whole)).ticks
    edges: list[Any] = [round(tick) for tick in ticks] if whole else list(ticks)
    step = edges[1] - edges[0]
    # A scale may end a hair before a value that its last label shows; here each value is to be counted.
    before = [edges[0] - step] if edges[0] > low else []
    after = [edges[-1] + step] if edges[-1] < high + whole else []
    return [*before, *edges, *after]


def _label(one: Any, other: Any, dtype: pl.DataType, *, whole: bool) -> str:
    last = other - 1 if whole else other
    if one == last:
        return _written(one, dtype)
    return f"{_written(one, dtype)} to {_written(last, dtype)}"


_UNITS: Final = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000}


def _written(value: Any, dtype: pl.DataType) -> str:
    try:
        return _moment(value, dtype) if dtype.is_temporal() else _number(value)
    except OverflowError:  # years that no calendar holds
        return f"{value:,}"


def _moment(value: int, dtype: pl.DataType) -> str:
    if dtype == pl.Date:
        return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
    if isinstance(dtype, pl.Datetime):
        seconds = value // _UNITS[dtype.time_unit]
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M")
    if isinstance(dtype, pl.Duration):
        return str(timedelta(seconds=value // _UNITS[dtype.time_unit]))
    return str(timedelta(seconds=value // _UNITS["ns"]))  # a time of day


def _number(value: float) -> str:
    if isinstance(value, float):
        written = f"{value:,.4g}" if abs(value) < 10_000 or abs(value) >= 1e15 else f"{value:,.0f}"
        written = "0" if written == "-0" else written
    else:
        written = f"{value:,}"
    return written.replace("-", MINUS, 1) if written.startswith("-") else written
