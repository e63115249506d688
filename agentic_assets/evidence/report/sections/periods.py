"""Tables by month, or by day where the range is short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from agentic_assets.evidence.report.wording import day_words, short_month

__all__ = ["by_period", "period_name", "period_words"]

_DAILY_UP_TO = 31


def period_name(days: Sequence[date]) -> str:
    """Say how a range of days is cut: `Day` or `Month`."""
    return "Day" if len(days) <= _DAILY_UP_TO else "Month"


def by_period(frame: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
    """Add the column `period` (a Date: the day, or the first of its month) to rows with a `day`."""
    day = pl.col("day")
    return frame.with_columns((day if period_name(days) == "Day" else day.dt.month_start()).alias("period"))


def period_words(period: date, days: Sequence[date]) -> str:
    """Name a period."""
    return day_words(period) if period_name(days) == "Day" else f"{short_month(period)} {period.year}"
