"""The real year as source tables, derived once a process."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from agentic_assets.domains.departures import sources

__all__ = ["FIRST", "LAST", "tables", "window"]

FIRST, LAST = date(2013, 1, 1), date(2013, 12, 31)

_INTEGERS = (
    *("flight", "sched_dep_time", "sched_arr_time", "distance"),
    *("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "wind_dir"),
)
_NUMBERS = ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib")


@cache
def tables() -> dict[str, pl.DataFrame]:
    """Give schedule, movements and weather of 2013, every row, in the types of their contracts."""
    flights, airports = sources.land("flights"), sources.land("airports")
    derived = {
        "sources/schedule": sources.schedule(flights, airports),
        "sources/movements": sources.movements(flights, airports),
        "sources/weather": sources.weather(sources.land("weather")),
    }
    return {name: _typed(frame) for name, frame in derived.items()}


def window(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Give the rows of these days only."""
    return {name: frame.filter(pl.col("day").is_between(first, last)) for name, frame in tables().items()}


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    types: dict[str, pl.DataType] = {name: pl.Int32() for name in _INTEGERS} | {name: pl.Float64() for name in _NUMBERS}
    return frame.cast({name: dtype for name, dtype in types.items() if name in frame.columns})
