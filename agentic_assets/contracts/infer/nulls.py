"""Which texts of a CSV file stand for null: those in the way of columns that are no text otherwise."""

from __future__ import annotations

from typing import Final

import polars as pl

from agentic_assets.contracts.infer.typing import reads_as

__all__ = ["null_texts"]

_USUAL: Final = ("NA", "N/A", "n/a", "NULL", "Null", "null", "None", "NaN", "nan", "#N/A", "\\N", "?", "-")


def null_texts(frame: pl.DataFrame) -> tuple[str, ...]:
    """List the usual words for null that are all that keeps some column from being numbers, dates or truth values.

    A word that only stands among text is left alone: NA is also Namibia.
    """
    found: set[str] = set()
    for column in frame.iter_columns():
        if column.dtype != pl.String:
            continue
        series = column.alias("values")
        words = series.filter(series.is_in(pl.Series(_USUAL).implode())).unique()
        if words.is_empty():
            continue
        rest = series.set(series.is_in(words.implode()).fill_null(value=False), None)
        if reads_as(rest) is not None:
            found |= set(words)
    return tuple(word for word in _USUAL if word in found)
