"""When the days of a build begin, and which facts may enter one: the rules that make a day equal to its range."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.engine.timeline import Integers

__all__ = ["DAY", "UTC_EPOCH", "Partitions", "microseconds"]

UTC_EPOCH = date(1970, 1, 1)
DAY = timedelta(days=1)


def microseconds(span: timedelta) -> int:
    """Give a span as whole microseconds."""
    return span // timedelta(microseconds=1)


class Partitions:
    """The days from `first - lookback` to `last` and the instant at which each begins in its zone."""

    def __init__(self, first: date, last: date, lookback: int, zone: str) -> None:
        if last < first:
            raise ConfigInvalid(f"the range from {first} to {last} holds no day", hint="give the first day first")
        self.first, self.last, self.oldest, self.lookback = first, last, first - lookback * DAY, lookback
        here = ZoneInfo(zone)
        # Some days more at the end: a partition ends where the next begins, and what is too late is told from a later.
        self._begins = np.array(
            [
                round(datetime.combine(self.oldest + n * DAY, time(), here).timestamp()) * 1_000_000
                for n in range((last - self.oldest).days + lookback + 2)
            ],
            dtype=np.int64,
        )

    @property
    def horizon(self) -> int:
        """The end of the last day: every decision of the build lies before it."""
        return int(self._begins[(self.last - self.oldest).days + 1])

    @property
    def eve(self) -> int:
        """A day before the first day to build begins: no decision of the build lies before it."""
        return int(self._begins[(self.first - self.oldest).days]) - microseconds(DAY)

    def begins(self, days: pl.Series) -> Integers:
        """Give the first instant of each row's day; the days must lie within the build."""
        return self._begins[self._numbers(days)]

    def ends(self, days: pl.Series) -> Integers:
        """Give the first instant after each row's day."""
        return self._begins[self._numbers(days) + 1]

    def too_late(self, days: pl.Series, reach: int) -> Integers:
        """Give the instant from which on a fact of each row's day is left out by every build.

        A day that is built alone does not hold facts of more than `lookback` days before it, and is decided on its eve
        at the earliest: whatever lies within `reach` days before that must be in every build, or in none.
        """
        return self._begins[self._numbers(days) + self.lookback + 1] - (reach + 1) * microseconds(DAY)

    def within(self, frame: pl.DataFrame, day: str) -> pl.DataFrame:
        """Keep the rows whose day can bear on this build."""
        if frame.is_empty():
            return frame
        days = frame.get_column(day)
        if days.null_count() == 0 and self.oldest <= days.min() and days.max() <= self.last:  # type: ignore[operator]
            return frame
        if days.null_count() == 0 and days.is_sorted():  # a slice copies nothing
            start, end = days.search_sorted(self.oldest, "left"), days.search_sorted(self.last, "right")
            return frame[int(start) : int(end)]
        return frame.filter(pl.col(day).is_between(self.oldest, self.last))

    def _numbers(self, days: pl.Series) -> Integers:
        return days.cast(pl.Int32).to_numpy().astype(np.int64) - (self.oldest - UTC_EPOCH).days
