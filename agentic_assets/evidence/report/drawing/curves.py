"""Square charts about a score: is it honest, and how well does it rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from agentic_assets.evidence.report.drawing.axes import Box, Linear, across, rising
from agentic_assets.evidence.report.drawing.svg import hint, line, picture, polyline, tag, words

__all__ = ["Band", "Spot", "calibration", "curve"]

_SIZE = 360.0
_BOX = Box(46, 14, _SIZE - 12, _SIZE - 46)
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Band:
    """Decisions with about the same score: how many, what was said, what came true and its 95 % interval."""

    rows: int
    said: float
    came_true: float
    low: float
    high: float
    hint: str


@dataclass(frozen=True)
class Spot:
    """One point worth a name."""

    name: str
    css: str
    x: float
    y: float
    hint: str


def calibration(bands: Sequence[Band], *, label: str) -> str:
    """Draw what came true over what was said; on the diagonal a score is honest. The area of a dot is its decisions."""
    x, y = _scales()
    most = max((band.rows for band in bands), default=1)
    drawn = [_grid(x, y, "risk that the agent stated", "share that came true"), _diagonal(x, y)]
    drawn.append(polyline([(x(band.said), y(band.came_true)) for band in bands], "track thin line-agent"))
    for band in bands:
        across_at = x(band.said)
        drawn.append(
            tag(
                "g",
                hint(band.hint),
                line(across_at, y(band.low), across_at, y(band.high), "whisker thin line-agent"),
                tag(
                    "circle",
                    cx=across_at,
                    cy=y(band.came_true),
                    r=max(3.0, 13 * sqrt(band.rows / most)),
                    class_="dot fill-agent",
                ),
            )
        )
    return picture(_SIZE, _SIZE, label, *drawn)


def curve(
    points: Sequence[tuple[float, float]],
    *,
    across_name: str,
    rising_name: str,
    label: str,
    chance: float | None = None,
    spots: Sequence[Spot] = (),
) -> str:
    """Draw one curve in the unit square; `chance` is the height of a blind guess, None for the diagonal."""
    x, y = _scales()
    blind = _diagonal(x, y) if chance is None else line(x(0), y(chance), x(1), y(chance), "chance")
    drawn = [_grid(x, y, across_name, rising_name), blind]
    drawn.append(polyline([(x(across_at), y(up)) for across_at, up in points], "track line-agent"))
    for place, spot in enumerate(spots):
        right = spot.x < 0.7
        # Labels of neighbours would lie on each other: the earlier one goes up, the later one down.
        shift = 18 if _near(spot, spots[:place]) else -10 if _near(spot, spots[place + 1 :]) else 4
        drawn.append(
            tag(
                "g",
                hint(spot.hint),
                tag("circle", cx=x(spot.x), cy=y(spot.y), r=5.5, class_=f"spot fill-{spot.css}"),
                words(
                    x(spot.x) + (10 if right else -10),
                    y(spot.y) + shift,
                    spot.name,
                    f"spot-label text-{spot.css}",
                    "start" if right else "end",
                ),
            )
        )
    return picture(_SIZE, _SIZE, label, *drawn)


def _near(spot: Spot, others: Sequence[Spot]) -> bool:
    return any(abs(spot.x - other.x) < 0.25 and abs(spot.y - other.y) < 0.05 for other in others)


def _scales() -> tuple[Linear, Linear]:
    return Linear(0, 1, _BOX.left, _BOX.right, _TICKS), Linear(0, 1, _BOX.bottom, _BOX.top, _TICKS)


def _grid(x: Linear, y: Linear, across_name: str, rising_name: str) -> str:
    return (
        rising(y, _BOX, _percent)
        + across(x, _BOX, _percent)
        + words((_BOX.left + _BOX.right) / 2, _SIZE - 6, across_name, "axis-name", "middle")
        + words(_BOX.left + 6, _BOX.top + 12, rising_name, "axis-name")
    )


def _diagonal(x: Linear, y: Linear) -> str:
    return line(x(0), y(0), x(1), y(1), "chance")


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %"
