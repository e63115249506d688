"""Which columns tell every row apart."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["composite_keys", "unique_columns"]

_SAMPLE: Final = 5_000
_MOST_COLUMNS: Final = 16
_LARGEST_KEY: Final = 4
_WANTED: Final = 3
_MOST_LOOKS: Final = 60


def unique_columns(columns: Mapping[str, pl.Series]) -> list[str]:
    """List the columns in which no value repeats and none is null; measurements and lists are no keys."""
    return [
        name
        for name, values in columns.items()
        if _may_be_key(values) and values.len() > 1 and values.n_unique() == values.len()
    ]


def composite_keys(columns: Mapping[str, pl.Series]) -> list[tuple[str, ...]]:
    """List up to three of the smallest keys of 2 to 4 columns, those of earlier columns first; [] when there is none.

    Only the first 16 columns that may be in a key are tried. Exact for what it lists; where very many combinations
    come close, a key may be overlooked.
    """
    candidates = {name: values for name, values in columns.items() if _may_be_key(values)}
    codes = {name: _codes(values) for name, values in list(candidates.items())}
    sizes = {name: int(code.max()) + 1 for name, code in codes.items() if code.size}
    names = [name for name, size in sizes.items() if size > 1][:_MOST_COLUMNS]
    height = next(iter(codes.values())).size if codes else 0
    looks = 0
    for size in range(2, _LARGEST_KEY + 1):
        found: list[tuple[str, ...]] = []
        for key in combinations(names, size):
            if prod(sizes[name] for name in key) < height or not _all_differ(key, codes, sizes, _SAMPLE):
                continue
            looks += 1
            if height <= _SAMPLE or _all_differ(key, codes, sizes, height):
                found.append(key)
            if len(found) == _WANTED or looks > _MOST_LOOKS:
                break
        if found or looks > _MOST_LOOKS:
            return found
    return []


def _may_be_key(values: pl.Series) -> bool:
    dtype = values.dtype
    if values.null_count() or dtype.is_float() or dtype.is_nested() or dtype in (pl.Boolean, pl.Binary, pl.Null):
        return False
    return dtype != pl.String or bool((values.str.len_chars() <= 64).all())


def _codes(values: pl.Series) -> npt.NDArray[np.int64]:
    codes: npt.NDArray[np.int64] = values.rank("dense").cast(pl.Int64).to_numpy() - 1
    return codes


def _all_differ(
    key: tuple[str, ...], codes: Mapping[str, npt.NDArray[np.int64]], sizes: Mapping[str, int], rows: int
) -> bool:
    combined = codes[key[0]][:rows]
    size = sizes[key[0]]
    for name in key[1:]:
        if size * sizes[name] >= 2**62:
            _, combined = np.unique(combined, return_inverse=True)
            size = combined.size
        combined = combined * sizes[name] + codes[name][:rows]
        size *= sizes[name]
    return bool(np.unique(combined).size == combined.size)
