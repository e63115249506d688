"""How assets are cut into partitions, and which partitions of an input a partition rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from agentic_assets.errors import NotFound

__all__ = ["STATIC", "Calendar", "Cut", "Window"]

STATIC = ""
"""The name of the only partition of an asset that is not cut."""


class Cut(StrEnum):
    """How an asset is cut: one partition a local day, one a month, or not at all."""

    DAY = "day"
    MONTH = "month"
    STATIC = "static"


@dataclass(frozen=True)
class Calendar:
    """The days that a domain covers, in its own time zone; `first` and `last` are included."""

    zone: str
    first: date
    last: date

    def days(self, since: date | None = None, until: date | None = None) -> tuple[str, ...]:
        """Name the day partitions of a range; a day outside of the calendar raises NotFound."""
        since, until = since or self.first, until or self.last
        for day in (since, until):
            if not self.first <= day <= self.last:
                raise NotFound(
                    f"{day} is outside of the data, which cover {self.first} to {self.last}",
                    hint=f"choose days from {self.first} to {self.last}",
                )
        if until < since:
            raise NotFound(f"the range from {since} to {until} holds no day", hint="let --from be before --to")
        return tuple((since + timedelta(days=offset)).isoformat() for offset in range((until - since).days + 1))

    def partitions(self, cut: Cut, days: Sequence[str]) -> tuple[str, ...]:
        """Name the partitions of an asset that belong to these days, in order."""
        if cut is Cut.STATIC:
            return (STATIC,)
        if cut is Cut.MONTH:
            return tuple(sorted({day[:7] for day in days}))
        return tuple(sorted(days))

    def closes_at(self, partition: str, cut: Cut) -> datetime | None:
        """Give the moment at which a partition's time is over; None for an asset that is not cut."""
        if cut is Cut.STATIC:
            return None
        first = date.fromisoformat(partition if cut is Cut.DAY else f"{partition}-01")
        after = first + timedelta(days=1) if cut is Cut.DAY else (first + timedelta(days=31)).replace(day=1)
        return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(self.zone))

    def all(self, cut: Cut) -> tuple[str, ...]:
        """Name every partition of an asset."""
        return self.partitions(cut, self.days())


@dataclass(frozen=True)
class Window:
    """Which partitions of an input one partition reads: `back` of them before it, and its own unless `before_only`.

    Units are those of the coarser cut: a month that reads days with `back=6, before_only=True` reads all days of
    the six months before it. Only the partition's own counterpart is required; earlier ones are read where they are.
    """

    back: int = 0
    before_only: bool = False

    def of(self, partition: str, cut: Cut, upstream: Cut, calendar: Calendar) -> tuple[str, ...]:
        """Name the upstream partitions that exist in the calendar, in order."""
        return _window(self, partition, cut, upstream, calendar)

    def required(self, partition: str, cut: Cut, upstream: Cut) -> tuple[str, ...]:
        """Name the upstream partitions without which the partition cannot be made."""
        if upstream is Cut.STATIC:
            return (STATIC,)
        if self.before_only or cut is Cut.STATIC:
            return ()
        if cut is upstream:
            return (partition,)
        if cut is Cut.DAY and upstream is Cut.MONTH:
            return (partition[:7],)
        return ()


@lru_cache(maxsize=65536)
def _window(window: Window, partition: str, cut: Cut, upstream: Cut, calendar: Calendar) -> tuple[str, ...]:
    if upstream is Cut.STATIC:
        return (STATIC,)
    if cut is Cut.STATIC:
        return calendar.all(upstream)
    if cut is Cut.DAY and upstream is Cut.DAY:
        day = date.fromisoformat(partition)
        first = max(calendar.first, day - timedelta(days=window.back))
        last = day - timedelta(days=1) if window.before_only else day
        return calendar.days(first, last) if first <= last else ()
    months = _months(partition[:7], window)
    if upstream is Cut.MONTH:
        return tuple(month for month in months if month in calendar.all(Cut.MONTH))
    return tuple(day for day in calendar.days() if day[:7] in months)


def _months(month: str, window: Window) -> tuple[str, ...]:
    ordinal = int(month[:4]) * 12 + int(month[5:7]) - 1
    last = ordinal - 1 if window.before_only else ordinal
    return tuple(f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(ordinal - window.back, last + 1))
