"""Measures by month, and bars of how much they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence.report.drawing.axes import Box, Linear, rising, round_scale
from agentic_assets.evidence.report.drawing.svg import hint, picture, polyline, rectangle, tag, words
from agentic_assets.evidence.report.wording import count, short_month

__all__ = ["Measure", "monthly"]


@dataclass(frozen=True)
class Measure:
    """A figure between 0 and 1 for each month (YYYY-MM) that has one; `hollow` tells its dots from filled ones."""

    name: str
    css: str
    values: Mapping[str, float]
    hollow: bool = False


def monthly(
    months: Sequence[str],
    measures: Sequence[Measure],
    bars: Mapping[str, int],
    *,
    bars_title: str,
    empty: Mapping[str, str],
    label: str,
    compact: bool = False,
) -> str:
    """Draw measures as dots over months, bars below; the months of `empty` are hatched and say why."""
    width = 380.0 if compact else 920.0
    box = Box(44 if compact else 58, 14, width - 8, 224)
    low = Box(box.left, 268, box.right, 330)
    step = (box.right - box.left) / max(1, len(months))
    y = Linear(0, 1, box.bottom, box.top, (0.0, 0.25, 0.5, 0.75, 1.0))
    drawn = [rising(y, box, "{:.2f}".format)]
    middle = {month: box.left + (place + 0.5) * step for place, month in enumerate(months)}
    for month in months:
        if month in empty:
            left = middle[month] - step / 2
            drawn.append(rectangle(left, box.top, step, box.bottom - box.top, "missing", hint(empty[month])))
            drawn.append(_why(middle[month], (box.top + box.bottom) / 2, "no model", upright=step < 60))
    for measure in measures:
        points = [(middle[month], y(measure.values[month])) for month in months if month in measure.values]
        drawn.append(polyline(points, f"track thin line-{measure.css}{' faint' if measure.hollow else ''}"))
        kind = f"hollow line-{measure.css}" if measure.hollow else f"fill-{measure.css}"
        drawn += [
            tag(
                "circle",
                hint(f"{month}: {measure.name} {measure.values[month]:.3f}"),
                cx=middle[month],
                cy=y(measure.values[month]),
                r=4.5,
                class_=kind,
            )
            for month in months
            if month in measure.values
        ]
    scale = round_scale(0, max([1, *bars.values()]), low.bottom, low.top, about=3, least=1, tight=True)
    drawn += [words(low.left, low.top - 12, bars_title, "panel-title"), rising(scale, low, _thousands)]
    for month in months:
        top = scale(bars.get(month, 0))
        bar_width = min(step * 0.62, 44)
        said = hint(f"{month}: {count(bars.get(month, 0))}")
        drawn.append(rectangle(middle[month] - bar_width / 2, top, bar_width, low.bottom - top, "fill-quiet", said))
        drawn.append(words(middle[month], low.bottom + 20, _month(month, step), "tick", "middle"))
    return picture(width, low.bottom + 30, label, *drawn)


def _why(x: float, y: float, said: str, *, upright: bool) -> str:
    if not upright:
        return words(x, y, said, "missing-label", "middle")
    turned = f"rotate(-90 {x:.1f} {y:.1f})"
    return tag("text", said, x=x + 4, y=y, class_="missing-label", text_anchor="middle", transform=turned)


def _month(month: str, step: float) -> str:
    name = short_month(date.fromisoformat(f"{month}-01"))
    return name if step >= 24 else name[:1]


def _thousands(value: float) -> str:
    return f"{value / 1000:.0f}k" if value >= 1000 else count(value)
