"""ROC and precision-recall curves of scores in whole basis points."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

__all__ = ["Curves", "curves", "wilson"]

_GRID = 400


@dataclass(frozen=True)
class Curves:
    """Points (x, y) from the highest threshold down, thinned to what a screen can show."""

    roc: list[tuple[float, float]]
    """False alarms of all good ones, hits of all bad ones."""
    precision_recall: list[tuple[float, float]]
    """Recall, precision."""
    base_rate: float


def curves(bad: npt.NDArray[np.bool_], score_bp: npt.NDArray[np.int64]) -> Curves | None:
    """Trace both curves exactly; None where only good or only bad outcomes are known."""
    hits = np.bincount(score_bp[bad], minlength=10_001)[::-1].cumsum()
    alarms = np.bincount(score_bp[~bad], minlength=10_001)[::-1].cumsum()
    if not hits[-1] or not alarms[-1]:
        return None
    recall, false = hits / hits[-1], alarms / alarms[-1]
    flagged = hits + alarms
    some = flagged > 0
    precision = hits[some] / flagged[some]
    return Curves(
        roc=[(0.0, 0.0), *_thinned(false, recall)],
        precision_recall=_thinned(recall[some], precision),
        base_rate=float(hits[-1] / flagged[-1]),
    )


def _thinned(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    cells = np.stack([np.round(x * _GRID), np.round(y * _GRID)])
    moved = np.ones(x.size, dtype=bool)
    moved[1:-1] = (np.diff(cells, axis=1) != 0).any(axis=0)[:-1]
    return [(float(a), float(b)) for a, b in zip(x[moved], y[moved], strict=True)]


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Give the 95 % interval of a share after Wilson (1927); it never leaves 0 to 1."""
    if not whole:
        return 0.0, 1.0
    share, weight = part / whole, z * z / whole
    centre = (share + weight / 2) / (1 + weight)
    spread = z * sqrt(share * (1 - share) / whole + weight / whole / 4) / (1 + weight)
    return max(0.0, centre - spread), min(1.0, centre + spread)
