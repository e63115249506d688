"""Days with a verdict each: a strip of cells, marks below it, and lines with the thresholds they are held against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence.report.drawing.axes import Box, Days, missing, rising, round_scale, time_labels
from agentic_assets.evidence.report.drawing.svg import hint, number, picture, polyline, rectangle, tag, words

__all__ = ["Gauge", "watched"]

_DOTTED_UP_TO = 62
_LEAST = 3.0


@dataclass(frozen=True)
class Gauge:
    """A figure of each day that has one, the threshold that it had then, and how its axis writes values."""

    title: str
    values: Mapping[date, float]
    thresholds: Mapping[date, float]
    write: Callable[[float], str] = "{:g}".format


def watched(
    verdicts: Mapping[date, str],
    gauges: Sequence[Gauge],
    *,
    first: date,
    days: int,
    label: str,
    strip: str,
    marks: str = "",
    marked: Collection[date] = (),
    hints: Mapping[date, str] | None = None,
    compact: bool = False,
) -> str:
    """Draw the verdict of each day as a cell in the colour class it names, marked days below, then a panel a gauge.

    `strip` and `marks` title cells and marks; without the latter there is no row of marks. Days without a verdict are
    hatched; a value over its threshold is a dot.
    """
    width = 380.0 if compact else 920.0
    each, between = (72.0, 40.0) if compact else (84.0, 42.0)
    left, right = (44.0, width - 6) if compact else (58.0, width - 10)
    axis = Days(first, days, left, right)
    cells = Box(left, 24, right, 48)
    drawn = [words(left, 14, strip, "panel-title"), missing(axis, [d for d in axis.all() if d not in verdicts], cells)]
    drawn += _cells(verdicts, axis, cells)
    top = cells.bottom
    if marks:
        top += 26
        drawn.append(words(left, top - 6, marks, "panel-title"))
        drawn += [_mark(axis.middle(day), top + 4, min(5.0, max(2.2, axis.step * 0.42))) for day in sorted(marked)]
        top += 16
    top += between
    for gauge in gauges:
        box = Box(left, top, right, top + each)
        drawn += [words(left, top - 12, gauge.title, "panel-title"), *_gauge(gauge, axis, box)]
        top += each + between
    bottom = top - between
    drawn.append(time_labels(axis, bottom + 22, room=60 if compact else 52))
    drawn += [
        rectangle(axis.edge(axis.place(day)), 20, axis.step, bottom - 20, "hit", hint(said))
        for day, said in sorted((hints or {}).items())
    ]
    return picture(width, bottom + 32, label, *drawn)


def _cells(verdicts: Mapping[date, str], axis: Days, box: Box) -> list[str]:
    """Draw neighbours of one colour as one shape: narrow ones would show seams. A single day can still be seen."""
    runs: list[tuple[int, int, str]] = []
    for day, css in sorted(verdicts.items()):
        place = axis.place(day)
        if runs and runs[-1][1] == place and runs[-1][2] == css:
            runs[-1] = (runs[-1][0], place + 1, css)
        else:
            runs.append((place, place + 1, css))
    # The long stretches first, so that what is short lies on top of them.
    drawn = []
    for start, end, css in sorted(runs, key=lambda run: run[0] - run[1]):
        span = max(axis.edge(end) - axis.edge(start), _LEAST)
        left = min(axis.edge(start), box.right - span)
        drawn.append(rectangle(left, box.top, span, box.bottom - box.top, f"fill-{css}"))
    return drawn


def _mark(x: float, y: float, half: float) -> str:
    path = f"M{number(x - half)} {number(y + 2 * half)}H{number(x + half)}L{number(x)} {number(y)}Z"
    return tag("path", d=path, class_="fill-bad")


def _gauge(gauge: Gauge, axis: Days, box: Box) -> list[str]:
    highest = max([0.0, *gauge.values.values(), *gauge.thresholds.values()])
    scale = round_scale(0, highest or 1.0, box.bottom, box.top, about=3)
    limits = "".join(
        polyline([(axis.middle(day), scale(value)) for day, value in run], "limit") for run in _runs(gauge.thresholds)
    )
    lines = "".join(
        polyline([(axis.middle(day), scale(value)) for day, value in run], "track thin line-agent")
        for run in _runs(gauge.values)
    )
    over = [day for day, value in sorted(gauge.values.items()) if value > gauge.thresholds.get(day, float("inf"))]
    radius = 3.0 if axis.number <= _DOTTED_UP_TO else 2.2
    dots = [
        tag("circle", cx=axis.middle(day), cy=scale(gauge.values[day]), r=radius, class_="fill-escalate")
        for day in over
    ]
    return [rising(scale, box, gauge.write), limits, lines, *dots]


def _runs(values: Mapping[date, float]) -> list[list[tuple[date, float]]]:
    """Cut days into stretches without a gap: no line is drawn over days of which nothing is known."""
    runs: list[list[tuple[date, float]]] = []
    for day, value in sorted(values.items()):
        if runs and (day - runs[-1][-1][0]).days == 1:
            runs[-1].append((day, value))
        else:
            runs.append([(day, value)])
    return runs
