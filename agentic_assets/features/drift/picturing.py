"""Choose what the picture of a day shows: the operational means, and what moved most."""

from __future__ import annotations

from datetime import date

import numpy as np

from agentic_assets.features.drift.chart import Line, Picture
from agentic_assets.features.drift.judging import Verdict
from agentic_assets.features.drift.measuring import AGE, MEAN, PSI, Stretch
from agentic_assets.features.drift.settings import Settings

__all__ = ["picture_of"]

_MOST = 4
_OPERATIONS = "Operations: daily means"
_DIVERGENCES = "Moved most: how far each distribution is from the weeks before"


def picture_of(stretch: Stretch, day: int, found: Verdict, settings: Settings) -> Picture:
    """Show the means and what moved most, on the days that their thresholds rest on: the same alone as in a range."""
    first = max(0, day - settings.history)
    lines = []
    for at in [*stretch.places(MEAN), *_moved_most(stretch, day)]:
        one = stretch.statistics[at]
        limit = stretch.threshold[at, day]
        values = [None if np.isnan(value) else value for value in stretch.value[at, first : day + 1].tolist()]
        about = f"newest fact of view {one.view}" if one.measure == AGE else f"view {one.view}"
        group = _OPERATIONS if one.measure == MEAN else _DIVERGENCES
        lines.append(Line(group, one.feature, about, values, None if np.isnan(limit) else float(limit)))
    return Picture(date.fromisoformat(stretch.days[day]), found.verdict, found.reason, lines)


def _moved_most(stretch: Stretch, day: int) -> list[int]:
    """Give the distributions that moved farthest by their own measure; of those that moved as one, only the first."""
    times = stretch.times[:, day]
    known = [at for at in stretch.places(PSI, AGE) if not np.isnan(times[at])]
    apart: dict[tuple[float, float], int] = {}
    for at in sorted(known, key=lambda at: (-times[at], at)):
        apart.setdefault((float(stretch.value[at, day]), float(stretch.threshold[at, day])), at)
    return [*apart.values()][:_MOST]
