"""How far a column has moved from the days before, for all days at once.

Exact for the day itself. Of numbers, the days before are seen through a sketch of each: its rows in their order, nulls
last, at 64 even distances, beside its exact least, greatest and share of nulls; every day weighs the same. So a year of
sixty features takes seconds, and the index differs from that over all rows by less than two samples of one day do.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from agentic_assets.features.drift.settings import LEAST_REFERENCE
from agentic_assets.quality.bounds import Floats
from agentic_assets.quality.distribution import stability_index

__all__ = ["Integers", "Moved", "comparable", "moved"]

Integers = NDArray[np.int64]

_SKETCH = 64
"""Rows of a reference day that stand for it."""
_MOST = 20_000
"""Rows of a day that are looked at: of more, so many at even distances of their order."""
_SETTLING = 7
"""The last reference days, with which nulls and ranges are not compared."""
_VALUES = 50
"""Values of a column without order that are bins of their own; the others are one bin."""


@dataclass(frozen=True)
class Moved:
    """One column on consecutive days; NaN where a day has no rows, or too few days before it.

    Nulls and ranges are compared with the settled days, the reference days but for the last week: else what is broken
    would on its second day be as it was the day before.
    """

    psi: Floats
    nulls: Floats
    """The day's share of nulls."""
    most_nulls: Floats
    """The greatest such share on the settled days."""
    below: Floats
    """The share of rows below all of the settled days; new values of a column that has no order count as above."""
    above: Floats
    far: Floats
    """The share of rows that lie outside of the settled days by more than those lie apart, as a sentinel does."""


def comparable(dtype: pl.DataType) -> bool:
    """Tell whether the distribution of a column of this type can be compared: not that of a list or a record."""
    return not dtype.is_nested() and dtype not in (pl.Binary(), pl.Object(), pl.Null())


def moved(column: pl.Series, counts: Integers, *, reference: int, bins: int) -> Moved:
    """Compare each day of a column with the `reference` days before it.

    `counts` says how many of its rows belong to each of consecutive days, 0 where there is nothing. A day gets the
    same numbers alone as among others, as long as its reference days are there.
    """
    if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        return _of_numbers(column.to_physical().cast(pl.Float64).fill_nan(None), counts, reference, bins)
    return _of_words(column.cast(pl.String), counts, reference)


def _of_numbers(column: pl.Series, counts: Integers, reference: int, bins: int) -> Moved:
    ordered, rows = _ordered(column, counts)
    known = np.count_nonzero(~np.isnan(ordered), axis=1)
    nulls = _shares(rows - known, rows)
    low, high = ordered[:, 0], ordered[np.arange(len(rows)), np.maximum(known - 1, 0)]
    psi = np.full(len(rows), np.nan)
    at, before = _comparable_days(rows, nulls, reference)
    own, there = _bins(ordered, rows, known, low, high, reference, bins)
    null_share = np.nansum(before[at], axis=1) / np.count_nonzero(~np.isnan(before[at]), axis=1)
    psi[at] = stability_index(
        np.column_stack([own, rows - known])[at].astype(np.float64),
        np.column_stack([(1 - null_share)[:, None] * there[at], null_share]),
    )
    most, below, above, far = (np.full(len(rows), np.nan) for _ in range(4))
    settled = slice(0, _settled(reference))
    at, before = _comparable_days(rows, nulls, reference, settled)
    lowest = np.fmin.reduce(_before(low, reference)[:, settled], axis=1)
    highest = np.fmax.reduce(_before(high, reference)[:, settled], axis=1)
    width = highest - lowest
    edges = [lowest - width, lowest, np.nextafter(highest, np.inf), np.nextafter(highest + width, np.inf)]
    parts = _shares(_binned(ordered, np.column_stack(edges), known), rows[:, None])
    most[at] = np.fmax.reduce(before[at], axis=1)
    below[at], above[at] = parts[at, 0] + parts[at, 1], parts[at, 3] + parts[at, 4]
    far[at] = parts[at, 0] + parts[at, 4]
    return Moved(psi, nulls, most, below, above, far)


def _bins(
    ordered: Floats, rows: Integers, known: Integers, low: Floats, high: Floats, reference: int, bins: int
) -> tuple[Integers, Floats]:
    """Count each day's values, and the shares of the reference's, below it, in its quantile bins, and above it."""
    places = ((2 * np.arange(_SKETCH) + 1) * rows[:, None]) // (2 * _SKETCH)
    pool = np.sort(_before(np.take_along_axis(ordered, places, axis=1), reference).reshape(len(rows), -1), axis=1)
    pooled = np.count_nonzero(~np.isnan(pool), axis=1)
    inner = np.take_along_axis(pool, (np.arange(1, bins) * pooled[:, None]) // bins, axis=1)
    lowest = np.fmin.reduce(_before(low, reference), axis=1)
    highest = np.fmax.reduce(_before(high, reference), axis=1)
    # A value of which there is so much that it is two edges, as 0 of what is rare, is a bin of its own.
    repeated = np.diff(np.column_stack([lowest, inner]), axis=1) == 0
    edges = np.column_stack(
        [lowest, np.where(repeated, np.nextafter(inner, np.inf), inner), np.nextafter(highest, np.inf)]
    )
    return _binned(ordered, edges, known), _shares(_binned(pool, edges, pooled), pooled[:, None], empty=0.0)


def _comparable_days(
    rows: Integers, nulls: Floats, reference: int, part: slice = slice(None)
) -> tuple[NDArray[np.bool_], Floats]:
    """Tell which days have rows and enough days before them, and give those days' shares of nulls."""
    before = _before(nulls, reference)[:, part]
    return (rows > 0) & (np.count_nonzero(~np.isnan(before), axis=1) >= LEAST_REFERENCE), before


def _settled(reference: int) -> int:
    return max(LEAST_REFERENCE, reference - _SETTLING)


def _of_words(column: pl.Series, counts: Integers, reference: int) -> Moved:
    psi, nulls, most, new = (np.full(len(counts), np.nan) for _ in range(4))
    pool: Counter[str | None] = Counter()
    window: deque[dict[str | None, int]] = deque([{}] * reference)
    for day, (end, count) in enumerate(zip(np.cumsum(counts).tolist(), counts.tolist(), strict=True)):
        own: dict[str | None, int] = dict(column.slice(end - count, count).value_counts().iter_rows())
        settled = [part for part in islice(window, _settled(reference)) if part]
        if count:
            nulls[day] = own.get(None, 0) / count
            if sum(map(bool, window)) >= LEAST_REFERENCE:
                psi[day] = _of_counts(own, pool)
            if len(settled) >= LEAST_REFERENCE:
                known = {None}.union(*settled)
                new[day] = sum(many for value, many in own.items() if value not in known) / count
                most[day] = max(part.get(None, 0) / sum(part.values()) for part in settled)
        pool.update(own)
        window.append(own)
        for value, many in window.popleft().items():
            pool[value] -= many
            if not pool[value]:
                del pool[value]
    return Moved(psi, nulls, most, np.where(np.isnan(new), np.nan, 0.0), new, new)


def _of_counts(own: Mapping[str | None, int], pool: Mapping[str | None, int]) -> float:
    """Compare counts by value: the most frequent values of the reference are bins, all others one, nulls another."""
    frequent = sorted(pool.items(), key=lambda item: (-item[1], item[0] is None, item[0]))
    kept = [None, *[value for value, _ in frequent if value is not None][:_VALUES]]
    here, there = (
        np.array([*(part.get(value, 0) for value in kept), sum(part.values())], dtype=np.float64)
        for part in (own, pool)
    )
    here[-1] -= here[:-1].sum()
    there[-1] -= there[:-1].sum()
    return float(stability_index(here, there))


def _ordered(column: pl.Series, counts: Integers) -> tuple[Floats, Integers]:
    """Sort the values of each day, a day a row, nulls and what a short day lacks last as NaN; count the rows kept."""
    values = column.to_numpy()
    rows = np.minimum(counts, _MOST)
    ordered = np.full((len(counts), max(1, int(rows.max(initial=0)))), np.nan)
    ends = np.cumsum(counts)
    for day, (end, count) in enumerate(zip(ends.tolist(), counts.tolist(), strict=True)):
        part = np.sort(values[end - count : end])
        kept = part if count <= _MOST else part[(np.arange(_MOST) * count) // _MOST]
        ordered[day, : len(kept)] = kept
    return ordered, rows


def _before(of_days: Floats, reference: int) -> Floats:
    """Give for each day the values of the days before it, the second axis; NaN where there are no such days."""
    padded = np.concatenate([np.full((reference, *of_days.shape[1:]), np.nan), of_days])[:-1]
    return np.moveaxis(sliding_window_view(padded, reference, axis=0), -1, 1)


def _binned(ordered: Floats, edges: Floats, known: Integers) -> Integers:
    """Count the values of each row between its edges; edges that fall together leave an empty bin."""
    below = np.array([np.searchsorted(row, at, side="left") for row, at in zip(ordered, edges, strict=True)])
    return np.diff(np.column_stack([np.zeros_like(known), below, known]), axis=1)


def _shares(part: Integers, whole: Integers, *, empty: float = np.nan) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), empty)
