"""How far the distribution of a column has moved from that of the partitions before: divergence, and new values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import polars as pl

from agentic_assets.quality.bounds import Floats, rounded

__all__ = ["divergence", "new_share", "stability_index"]

_LEAST = 7
"""Reference partitions without which nothing is compared."""
_CATEGORIES = 50
"""Values that are bins of their own; the others are one bin."""
_COUNT = 0.5
"""Rows of the partition added to every bin, so that an empty one is improbable and not impossible."""
_MOST = 20_000
"""Values of a partition that are looked at: of more, so many at even distances of their order."""

T = TypeVar("T")

Columns = Sequence[pl.Series | None]
"""A column in each partition, in the order of the calendar; None where nothing is published."""


def divergence(columns: Columns, *, reference: int, bins: int) -> Floats:
    """Give, for each partition, the population stability index against the `reference` partitions before it.

    Numbers fall into quantile bins of the reference, below it, above it, or into the bin of nulls; other values are
    bins themselves, the rarer ones together, nulls apart. NaN where a partition is empty or fewer than 7 precede it.
    """
    dtype = next((column.dtype for column in columns if column is not None), pl.String())
    if dtype.is_numeric() or dtype == pl.Boolean:
        numbers = [None if column is None else _sorted_numbers(column) for column in columns]
        return _over(numbers, reference, lambda own, before: _of_numbers(own, before, bins))
    return _over([None if column is None else _counted(column) for column in columns], reference, _of_categories)


def new_share(columns: Columns, *, reference: int) -> Floats:
    """Give, for each partition, the share of rows whose value occurs in none of the `reference` partitions before."""
    return _over([None if column is None else _counted(column) for column in columns], reference, _share_of_new)


def _over(parts: Sequence[T | None], reference: int, compare: Callable[[T, list[T]], float]) -> Floats:
    found = np.full(len(parts), np.nan)
    for position, own in enumerate(parts):
        before = [part for part in parts[max(position - reference, 0) : position] if part is not None]
        if own is not None and len(before) >= _LEAST:
            found[position] = compare(own, before)
    return rounded(found)


def _of_numbers(own: tuple[Floats, float], before: list[tuple[Floats, float]], bins: int) -> float:
    values, nulls = own
    pool = np.sort(np.concatenate([part for part, _ in before]))
    if not len(pool) or not len(values) + nulls:
        return np.nan
    inner = np.unique(pool[(np.arange(1, bins) * len(pool)) // bins])
    edges = np.concatenate([pool[:1], inner, [np.nextafter(pool[-1], np.inf)]])
    reference = np.append(_binned(pool, edges), sum(count for _, count in before))
    return float(stability_index(np.append(_binned(values, edges), nulls), reference))


def _binned(ordered: Floats, edges: Floats) -> Floats:
    below = np.searchsorted(ordered, edges, side="left")
    return np.concatenate([below[:1], np.diff(below), [len(ordered) - below[-1]]]).astype(np.float64)


def _of_categories(own: Mapping[Any, int], before: list[Mapping[Any, int]]) -> float:
    pool: Counter[Any] = Counter()
    for part in before:
        pool.update(part)
    if not sum(pool.values()) or not sum(own.values()):
        return np.nan
    frequent = sorted((value for value in pool if value is not None), key=lambda value: (-pool[value], value))
    kept = [*frequent[:_CATEGORIES], None]
    here, there = (
        np.array([*(float(part.get(value, 0)) for value in kept), float(sum(part.values()))]) for part in (own, pool)
    )
    here[-1] -= here[:-1].sum()  # the last bin holds all other values
    there[-1] -= there[:-1].sum()
    return float(stability_index(here, there))


def _share_of_new(own: Mapping[Any, int], before: list[Mapping[Any, int]]) -> float:
    rows = sum(own.values())
    known = {None}.union(*before)
    return sum(times for value, times in own.items() if value not in known) / rows if rows else np.nan


def _sorted_numbers(column: pl.Series) -> tuple[Floats, float]:
    values, nulls = np.sort(column.drop_nulls().cast(pl.Float64).to_numpy()), float(column.null_count())
    if len(values) <= _MOST:
        return values, nulls
    return values[(np.arange(_MOST) * len(values)) // _MOST], nulls * _MOST / len(values)


def _counted(column: pl.Series) -> Mapping[Any, int]:
    return dict(column.value_counts().iter_rows())


def stability_index(own: Floats, reference: Floats) -> Floats:
    """Give the population stability index of counts by bin, along the last axis; there must be counts in every row."""
    total = own.sum(axis=-1, keepdims=True)
    least = _COUNT / total  # the same on both sides: equal distributions do not diverge
    bins = own.shape[-1]
    here = (own / total + least) / (1 + least * bins)
    there = (reference / reference.sum(axis=-1, keepdims=True) + least) / (1 + least * bins)
    return np.asarray(np.sum((here - there) * np.log(here / there), axis=-1))
