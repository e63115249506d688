"""Lengths of time as people write them: `4 d`, `90 minutes`, `PT1H`, `daily`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

__all__ = ["Period", "read_period"]

# Months and years have no fixed length: they are counted on the calendar, and as 30 and 365 days where only a length
# can be used.
_SECONDS: Final = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_MONTHS: Final = {"mo": 1, "q": 3, "y": 12}
_NAMES: Final = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("min", "mins", "minute", "minutes", "m"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "wk", "week", "weeks"),
    "mo": ("mo", "mon", "month", "months"),
    "q": ("q", "quarter", "quarters"),
    "y": ("y", "yr", "yrs", "year", "years", "a"),
}
_UNIT: Final = {name: unit for unit, names in _NAMES.items() for name in names}
_WORDS: Final = {
    "hourly": (1, "h"),
    "daily": (1, "d"),
    "weekly": (1, "w"),
    "monthly": (1, "mo"),
    "quarterly": (1, "q"),
    "yearly": (1, "y"),
    "annually": (1, "y"),
}
_ISO: Final = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)
_PLAIN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)")
_LONGEST: Final = 200 * 365 * 86_400


@dataclass(frozen=True)
class Period:
    """A length of time: whole months and seconds beside them."""

    months: int = 0
    seconds: float = 0.0

    @property
    def length(self) -> timedelta:
        """Give it as a fixed length; a year counts 365 days, any other month 30."""
        years, months = divmod(self.months, 12)
        return timedelta(days=365 * years + 30 * months, seconds=self.seconds)

    def before(self, day: date) -> date:
        """Give the day that lies so long before another, counted on the calendar."""
        ordinal = max(0, day.year * 12 + day.month - 1 - self.months - 12)
        year, month = divmod(ordinal, 12)
        year += 1
        last = calendar.monthrange(year, month + 1)[1]
        there = date(year, month + 1, min(day.day, last))
        return date.fromordinal(max(1, there.toordinal() - timedelta(seconds=self.seconds).days))

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = [f"{number} {unit}" for number, unit in ((years, "y"), (months, "mo")) if number]
        seconds = self.seconds
        for unit in ("d", "h", "min"):
            whole, seconds = divmod(seconds, _SECONDS[unit])
            parts += [f"{whole:g} {unit}"] if whole else []
        if seconds or not parts:
            parts.append(f"{seconds:g} s")
        return " ".join(parts)


def read_period(value: Any, unit: str | None) -> Period | None:
    """Read a value with its unit; None for what is no length of time, such as `once`."""
    text = str(value).strip().lower()
    if isinstance(value, bool) or value is None:
        return None
    if unit:
        text = f"{text} {unit.strip().lower()}"
    found = _iso(text.upper()) or _plain(text)
    return found if found and 0 < found.length.total_seconds() <= _LONGEST else None


def _plain(text: str) -> Period | None:
    if text in _WORDS:
        amount, unit = _WORDS[text]
        return _of(amount, unit)
    match = _PLAIN.fullmatch(text)
    unit = _UNIT.get(match[2], "") if match else ""
    return _of(float(match[1]), unit) if match and unit else None


def _of(amount: float, unit: str) -> Period | None:
    if amount > _LONGEST:
        return None
    if unit in _MONTHS:
        months = amount * _MONTHS[unit]
        return Period(months=int(months)) if months.is_integer() else Period(seconds=months * 30 * 86_400)
    return Period(seconds=amount * _SECONDS[unit])


def _iso(text: str) -> Period | None:
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    period = Period(years * 12 + months, weeks * 604_800.0 + days * 86_400 + hours * 3_600 + minutes * 60 + seconds)
    return period if period.months <= 12 * 200 else None
