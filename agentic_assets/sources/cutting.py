"""To which local day a delivered row belongs, and which rows belong to none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from agentic_assets.pipeline import Calendar
from agentic_assets.sources.source import SOURCE_ROW

__all__ = ["Days", "days_by", "numbered_within", "of_days", "undated"]


@dataclass(frozen=True)
class Days:
    """How landed rows are dated: a function of the frame to a Date series, and the column to show where it fails."""

    column: str
    of: Callable[[pl.DataFrame], pl.Series]


def days_by(column: str, *, zone: str | None = None) -> Days:
    """Date rows by one column: a Date, a text `2013-01-31`, or with a `zone` the local day of a moment in UTC.

    A text moment is read as ISO 8601 with its offset. Null where the value is null or cannot be read.
    """
    return Days(column, partial(_days, column=column, zone=zone))


def undated(frame: pl.DataFrame, days: Days, calendar: Calendar) -> pl.DataFrame:
    """Give the rows that belong to no day of the calendar: no partition downstream would hold them."""
    inside = days.of(frame).is_between(calendar.first, calendar.last)
    return frame.filter(~inside.fill_null(value=False))


def of_days(frame: pl.DataFrame, days: Days, partitions: Sequence[str]) -> pl.DataFrame:
    """Give the rows that belong to these days, in their order."""
    return frame.filter(days.of(frame).is_in(pl.Series(partitions, dtype=pl.String).str.to_date().implode()))


def numbered_within(frame: pl.DataFrame, days: Days) -> pl.DataFrame:
    """Count `source_row` anew on each day, for rows that have no place of their own.

    A row that is added to a table then moves the numbers of its own day only, and reopens no other.
    """
    return (
        frame.with_columns(days.of(frame).alias("__day"))
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("__day").alias(SOURCE_ROW))
        .drop("__day")
    )


def _days(frame: pl.DataFrame, *, column: str, zone: str | None) -> pl.Series:
    values = pl.col(column)
    if zone is not None:
        if frame.schema[column] == pl.String():
            values = values.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        values = values.dt.convert_time_zone(zone).dt.date()
    elif frame.schema[column] == pl.String():
        values = values.str.to_date("%Y-%m-%d", strict=False)
    return frame.select(values.alias("day")).to_series()
