"""Number the keys by which facts are matched to entities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from agentic_assets.features.timeline import Integers

__all__ = ["NO_KEY", "number_keys"]

NO_KEY = -1


def number_keys(left: Sequence[pl.Series], right: Sequence[pl.Series]) -> tuple[Integers, Integers, int]:
    """Number the keys of two tables alike, from 0; a key with a null in it is NO_KEY and matches nothing.

    The numbers differ between runs; only their equality means anything. Returns both columns of numbers and how many
    numbers there are room for.
    """
    count = 1
    numbers = [np.zeros(len(side[0]) if side else 0, dtype=np.int64) for side in (left, right)]
    missing = [np.zeros(len(side), dtype=np.bool_) for side in numbers]
    for one, other in zip(left, right, strict=True):
        parts = _physical(one, other)
        low = min((int(part.min()) for part in parts if part.drop_nulls().len()), default=0)  # type: ignore[arg-type]
        high = max((int(part.max()) for part in parts if part.drop_nulls().len()), default=0)  # type: ignore[arg-type]
        width = high - low + 1
        for side, part in enumerate(parts):
            if part.null_count():
                missing[side] |= part.is_null().to_numpy()
            numbers[side] = numbers[side] * width + (part.fill_null(low).to_numpy().astype(np.int64) - low)
        count *= width
    for side in (0, 1):
        numbers[side][missing[side]] = NO_KEY
    return numbers[0], numbers[1], count


def _physical(one: pl.Series, other: pl.Series) -> tuple[pl.Series, pl.Series]:
    if one.dtype != other.dtype:
        raise TypeError(f"key `{one.name}` is {one.dtype} on one side and {other.dtype} on the other")
    if one.dtype == pl.String:
        shared = pl.Categorical(pl.Categories.random())
        return one.cast(shared).to_physical(), other.cast(shared).to_physical()
    if one.dtype.is_integer() or one.dtype in (pl.Date, pl.Boolean):
        return one.to_physical().cast(pl.Int64), other.to_physical().cast(pl.Int64)
    raise TypeError(f"key `{one.name}` is {one.dtype}: keys are text, integers, dates or booleans")
