"""Scales and axes: values to coordinates, round ticks, days along the bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10

from agentic_assets.evidence.report.drawing.svg import line, rectangle, words
from agentic_assets.evidence.report.wording import short_day, short_month

__all__ = ["Box", "Days", "Linear", "across", "missing", "rising", "round_scale", "time_labels"]


@dataclass(frozen=True)
class Box:
    """Where the marks of a chart lie."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Linear:
    """Map values from `low` to `high` onto `start` to `end`; `ticks` are round values."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """Give the coordinate of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def round_scale(
    low: float, high: float, start: float, end: float, *, about: int = 4, least: float = 0.0, tight: bool = False
) -> Linear:
    """Give a range about so many round steps, none below `least`, and extend it to the next one unless `tight`."""
    # Ticks must differ by more than a float and a rounded label can tell apart.
    if high - low < max(abs(low), abs(high), 1.0) * 1e-6:
        high = low + max(least, abs(low), 1.0)
    rough = (high - low) / max(1, about)
    power = 10.0 ** floor(log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    step = max(step, least)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = tuple(round(place * step, 10) for place in range(first, last + 1))
    if tight:
        return Linear(low, high, start, end, tuple(tick for tick in ticks if low <= tick <= high))
    return Linear(ticks[0], ticks[-1], start, end, ticks)


def rising(scale: Linear, box: Box, write: Callable[[float], str], *, labels: Iterable[float] | None = None) -> str:
    """Draw the value axis: faint lines across the box, and their values at its left."""
    shown = set(scale.ticks if labels is None else labels)
    drawn = []
    for tick in scale.ticks:
        y = scale(tick)
        drawn.append(line(box.left, y, box.right, y, "zero" if tick == 0 else "grid"))
        if tick in shown:
            drawn.append(words(box.left - 8, y + 4, write(tick), "tick", "end"))
    return "".join(drawn)


def across(scale: Linear, box: Box, write: Callable[[float], str]) -> str:
    """Draw a value axis along the bottom."""
    drawn = []
    for tick in scale.ticks:
        x = scale(tick)
        drawn.append(line(x, box.top, x, box.bottom, "zero" if tick == 0 else "grid"))
        drawn.append(words(x, box.bottom + 18, write(tick), "tick", "middle"))
    return "".join(drawn)


@dataclass(frozen=True)
class Days:
    """Map the days of a range onto equal bands."""

    first: date
    number: int
    left: float
    right: float

    @property
    def step(self) -> float:
        """The width of a day."""
        return (self.right - self.left) / self.number

    def place(self, day: date) -> int:
        """Give the position of a day in the range."""
        return (day - self.first).days

    def edge(self, place: float) -> float:
        """Give the left edge of a day, by its position."""
        return self.left + place * self.step

    def middle(self, day: date) -> float:
        """Give the middle of a day."""
        return self.edge(self.place(day) + 0.5)

    def all(self) -> list[date]:
        """Name every day."""
        return [self.first + timedelta(days=place) for place in range(self.number)]


def time_labels(days: Days, y: float, *, room: float = 52) -> str:
    """Label the days: each day, weeks or months, whichever leaves `room` for a label."""
    every = days.all()
    if days.number > 92:
        months = [day for day in every if day.day == 1]
        skip = max(1, ceil(room * 0.7 / (days.step * 30.4)))
        drawn = []
        for place, day in enumerate(months):
            x = days.edge(days.place(day))
            drawn.append(line(x, y - 14, x, y - 10, "axis"))
            if place % skip == 0 and x + 26 < days.right + 12:
                year = f" {day.year}" if place and day.month == 1 else ""
                drawn.append(words(x, y, short_month(day) + year, "tick"))
        return "".join(drawn)
    skip = max(1, ceil(room / days.step))
    skip = skip if skip <= 2 else max(7, ceil(skip / 7) * 7)
    return "".join(
        words(days.middle(day), y, short_day(day), "tick", "middle") for day in every[:: min(skip, days.number)]
    )


def missing(days: Days, absent: Iterable[date], box: Box) -> str:
    """Hatch the days on which nothing was decided."""
    places = sorted(days.place(day) for day in absent)
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][1] == place:
            runs[-1][1] = place + 1
        else:
            runs.append([place, place + 1])
    return "".join(
        rectangle(days.edge(start), box.top, days.edge(end) - days.edge(start), box.bottom - box.top, "missing")
        for start, end in runs
    )
