"""Lines over days, labelled at their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence.report.drawing.axes import Box, Days, Linear, missing, rising, round_scale, time_labels
from agentic_assets.evidence.report.drawing.svg import hint, line, picture, polyline, rectangle, tag, words
from agentic_assets.evidence.report.wording import short_usd

__all__ = ["Mark", "Track", "tracks"]

_DOTTED_UP_TO = 31
_DIP = 0.02


@dataclass(frozen=True)
class Track:
    """One line: its name, in full and in short, its colour class, and its dollars at each day that has a value."""

    name: str
    short: str
    css: str
    values: Mapping[date, float]


@dataclass(frozen=True)
class Mark:
    """Something to point at: days next to each other, and what to say about them, in full and in short."""

    first: date
    last: date
    label: str
    short: str


def tracks(
    lines: Sequence[Track],
    *,
    first: date,
    days: int,
    label: str,
    absent: Sequence[date] = (),
    mark: Mark | None = None,
    hints: Mapping[date, str] | None = None,
    compact: bool = False,
) -> str:
    """Draw dollars over days, one line a track, each with its name and last value at its end."""
    width, height = (380.0, 310.0) if compact else (920.0, 350.0)
    box = Box(44 if compact else 58, 34, width - (66 if compact else 96), height - 34)
    axis = Days(first, days, box.left, box.right)
    every = [value for track in lines for value in track.values.values()]
    lowest, highest = min([0.0, *every]), max([0.0, *every])
    # A line that just dips below zero needs no step of its own there.
    lowest = 0.0 if lowest > -_DIP * highest else lowest
    scale = round_scale(lowest, highest, box.bottom, box.top, about=5, least=1)
    drawn = [missing(axis, absent, box), rising(scale, box, short_usd)]
    if mark:
        drawn.append(_mark(mark, axis, box, compact=compact))
    for track in reversed(lines):
        points = [(axis.middle(day), scale(value)) for day, value in sorted(track.values.items())]
        drawn.append(polyline(points, f"track line-{track.css}"))
        if len(points) <= _DOTTED_UP_TO:
            drawn += [tag("circle", cx=x, cy=y, r=3, class_=f"fill-{track.css}") for x, y in points]
    drawn.append(_ends(lines, axis, scale, box, compact=compact))
    drawn.append(time_labels(axis, height - 10, room=60 if compact else 52))
    drawn += [
        rectangle(axis.edge(axis.place(day)), box.top, axis.step, box.bottom - box.top, "hit", hint(said))
        for day, said in sorted((hints or {}).items())
    ]
    return picture(width, height, label, *drawn)


def _mark(mark: Mark, axis: Days, box: Box, *, compact: bool) -> str:
    left, right = axis.edge(axis.place(mark.first)), axis.edge(axis.place(mark.last) + 1)
    middle = (left + right) / 2
    anchor = "start" if middle < (box.left + box.right) / 2 else "end"
    at = left if anchor == "start" else right
    return (
        rectangle(left, box.top - 8, max(2, right - left), box.bottom - box.top + 8, "mark")
        + line(at, box.top - 12, at, box.top - 4, "mark-line")
        + words(at, box.top - 17, mark.short if compact else mark.label, "mark-label", anchor)
    )


def _ends(lines: Sequence[Track], axis: Days, scale: Linear, box: Box, *, compact: bool) -> str:
    """Label the ends of the lines, pushed apart where they would lie on each other."""
    ends = sorted(
        (scale(track.values[max(track.values)]), place, track) for place, track in enumerate(lines) if track.values
    )
    apart = 32.0
    places: list[float] = []
    for y, _, _ in ends:
        places.append(y if not places else max(y, places[-1] + apart))
    over = max(0.0, places[-1] - (box.bottom - 4)) if places else 0.0
    if over:
        places[-1] -= over
        for place in range(len(places) - 2, -1, -1):
            places[place] = min(places[place], places[place + 1] - apart)
    drawn = []
    for (y, _, track), at in zip(ends, places, strict=True):
        last = max(track.values)
        x = axis.middle(last)
        drawn.append(tag("circle", cx=x, cy=y, r=3.5, class_=f"fill-{track.css}"))
        if abs(at - y) > 6:
            drawn.append(line(x + 4, y, box.right + 6, at - 2, "leader"))
        drawn.append(words(box.right + 10, at - 2, track.short if compact else track.name, f"end text-{track.css}"))
        drawn.append(words(box.right + 10, at + 13, short_usd(track.values[last]), f"end-value text-{track.css}"))
    return "".join(drawn)
