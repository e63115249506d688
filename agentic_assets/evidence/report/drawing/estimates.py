"""Means with their intervals, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentic_assets.evidence.report.drawing.axes import Box, across, round_scale
from agentic_assets.evidence.report.drawing.svg import hint, line, picture, tag, words
from agentic_assets.evidence.report.wording import interval, short_usd, usd

__all__ = ["Estimate", "estimates"]


@dataclass(frozen=True)
class Estimate:
    """A mean in dollars with its 95 % interval."""

    name: str
    css: str
    mean: float
    low: float
    high: float


def estimates(rows: Sequence[Estimate], *, label: str, compact: bool = False) -> str:
    """Draw each mean as a dot on its interval, with a line where zero is."""
    width, each = (380.0, 54.0) if compact else (920.0, 40.0)
    box = Box(10 if compact else 190, 10, width - (12 if compact else 200), 14 + each * len(rows))
    ends = [value for row in rows for value in (row.low, row.high)]
    inset = 16.0
    scale = round_scale(
        min([0.0, *ends]), max([0.0, *ends]), box.left + inset, box.right - inset, about=3 if compact else 5, least=1
    )
    drawn = [across(scale, box, short_usd)]
    for place, row in enumerate(rows):
        y = box.top + each * (place + 0.5) + (8 if compact else 0)
        said = f"{usd(row.mean)} {interval(row.low, row.high)}"
        drawn += [
            tag(
                "g",
                hint(f"{row.name}: {said}"),
                line(scale(row.low), y, scale(row.high), y, f"whisker line-{row.css}"),
                tag("circle", cx=scale(row.mean), cy=y, r=6, class_=f"fill-{row.css}"),
            ),
        ]
        if compact:
            drawn.append(words(box.left, y - 14, f"{row.name}  {said}", "row-label"))
        else:
            drawn.append(words(box.left - 14, y + 4, row.name, "row-label", "end"))
            drawn.append(words(box.right + 14, y + 4, said, "row-value"))
    return picture(width, box.bottom + 28, label, *drawn)
