"""Find rows that share a key (hash, sort, compare neighbours, verify what looked equal), and rows without one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["duplicated", "strangers"]


def duplicated(frame: pl.DataFrame, key: Sequence[str]) -> pl.Series | None:
    """Mark every row whose key another row also has; give None when all keys differ.

    A key with a null in it is nobody's, as in SQL. Exact: rows are compared by value wherever hashes agree.
    """
    if frame.height < 2:
        return None
    hashes = frame.get_column(key[0]).hash(seed=1).to_numpy()
    for position, name in enumerate(key[1:], start=2):
        # Multiplying by an odd constant keeps the order of the parts in the sum; wrapping round is intended.
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + frame.get_column(name).hash(seed=position).to_numpy()
    ordered = np.sort(hashes)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if twice.size == 0:
        return None
    nearest = twice[np.minimum(np.searchsorted(twice, hashes), twice.size - 1)]
    suspects = pl.Series(nearest == hashes)
    keys = frame.select(*key)
    for name in key:
        if keys.get_column(name).null_count():
            suspects = suspects & keys.get_column(name).is_not_null()
    marks = np.zeros(frame.height, dtype=bool)
    marks[suspects.to_numpy()] = keys.filter(suspects).is_duplicated().to_numpy()
    return pl.Series(marks) if marks.any() else None


def strangers(frame: pl.DataFrame, known: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Mark the rows of a frame that are no row of `known`, which has the same columns.

    A row with a null in it refers to nothing and is no stranger, as in SQL (MATCH SIMPLE).
    """
    if frame.width == 1:
        own, keys = frame.to_series(), known.to_series()
        there = own.is_in(keys.drop_nulls().implode())
        strange: npt.NDArray[np.bool_] = (~(there.fill_null(value=True) if own.null_count() else there)).to_numpy()
        return strange
    pairs = known.drop_nulls().unique()
    here = frame.with_row_index("\x01row").drop_nulls()
    found = here.join(pairs, on=frame.columns, how="anti").get_column("\x01row").to_numpy()
    marks = np.zeros(frame.height, dtype=bool)
    marks[found] = True
    return marks
