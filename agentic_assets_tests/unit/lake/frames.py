"""Small frames for the tests of the lake."""

from __future__ import annotations

import polars as pl

__all__ = ["SCHEMA", "flights"]

SCHEMA: dict[str, pl.DataType] = {"flight": pl.Int32(), "origin": pl.String()}


def flights(*numbers: int) -> pl.DataFrame:
    """Give one row per flight number, all from Newark."""
    return pl.DataFrame({"flight": numbers, "origin": ["EWR"] * len(numbers)}, schema=SCHEMA)
