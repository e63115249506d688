"""Counts by day: panels of stacked bars over one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence.report.drawing.axes import Box, Days, Linear, missing, rising, round_scale, time_labels
from agentic_assets.evidence.report.drawing.svg import hint, number, picture, rectangle, tag, words
from agentic_assets.evidence.report.wording import count

__all__ = ["Layer", "Panel", "daily"]

_APART_FROM = 5.0


@dataclass(frozen=True)
class Layer:
    """One colour of the bars."""

    name: str
    css: str
    values: Mapping[date, int]


@dataclass(frozen=True)
class Panel:
    """Bars of one kind: its layers lie on top of each other, the first at the bottom."""

    title: str
    layers: tuple[Layer, ...]


def daily(
    panels: Sequence[Panel],
    *,
    first: date,
    days: int,
    label: str,
    absent: Sequence[date] = (),
    hints: Mapping[date, str] | None = None,
    compact: bool = False,
) -> str:
    """Draw the panels below each other."""
    width = 380.0 if compact else 920.0
    each, between = (92.0, 40.0) if compact else (104.0, 42.0)
    left, right = (44.0, width - 6) if compact else (58.0, width - 10)
    axis = Days(first, days, left, right)
    drawn, top = [], 28.0
    for panel in panels:
        box = Box(left, top, right, top + each)
        drawn += [words(left, top - 10, panel.title, "panel-title"), missing(axis, absent, box)]
        drawn.append(_bars(panel, axis, box))
        top += each + between
    bottom = top - between
    drawn.append(time_labels(axis, bottom + 22, room=60 if compact else 52))
    drawn += [
        rectangle(axis.edge(axis.place(day)), 20, axis.step, bottom - 20, "hit", hint(said))
        for day, said in sorted((hints or {}).items())
    ]
    return picture(width, bottom + 32, label, *drawn)


def _bars(panel: Panel, axis: Days, box: Box) -> str:
    every = axis.all()
    totals = [0] * len(every)
    stack: list[tuple[Layer, list[int]]] = []
    for layer in panel.layers:
        totals = [below + layer.values.get(day, 0) for below, day in zip(totals, every, strict=True)]
        stack.append((layer, totals))
    scale = round_scale(0, max([1, *totals]), box.bottom, box.top, about=3, least=1, tight=True)
    # The highest first: each lower layer covers what is not its own.
    shapes = [_shape(heights, axis, scale, f"fill-{layer.css}") for layer, heights in reversed(stack)]
    return "".join([rising(scale, box, count), *shapes])


def _shape(heights: Sequence[int], axis: Days, scale: Linear, css: str) -> str:
    base = scale(0)
    if axis.step >= _APART_FROM:
        gap = min(axis.step * 0.16, 6)
        return "".join(
            rectangle(axis.edge(place) + gap, scale(height), axis.step - 2 * gap, base - scale(height), css)
            for place, height in enumerate(heights)
            if height
        )
    # So narrow bars would show seams: one outline instead.
    path, last = [f"M{number(axis.left)} {number(base)}"], 0
    for place, height in enumerate(heights):
        if height != last:
            path.append(f"H{number(axis.edge(place))}V{number(scale(height))}")
            last = height
    path.append(f"H{number(axis.right)}V{number(base)}Z")
    return tag("path", d="".join(path), class_=css)
