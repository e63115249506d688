"""The bounds within which a statistic is expected: fixed ones, or those of its own history."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agentic_assets.contracts import Fixed, Trailing

__all__ = ["Floats", "limits", "rounded"]

Floats = NDArray[np.float64]

_NORMAL = 1.4826  # makes the median absolute deviation of normal values their standard deviation


def limits(values: Floats, at: Sequence[int], bounds: Fixed | Trailing) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Give the lowest and the highest expected value at some positions, and how many earlier values they rest on.

    `values` holds one value a partition in the order of the calendar, NaN where there is none. A bound is NaN where
    none is set, and where there is too little history to judge.
    """
    low, high = np.full(len(at), np.nan), np.full(len(at), np.nan)
    history = np.zeros(len(at), dtype=np.int32)
    if isinstance(bounds, Fixed):
        low[:] = np.nan if bounds.low is None else bounds.low
        high[:] = np.nan if bounds.high is None else bounds.high
        return low, high, history
    for number, position in enumerate(at):
        first = max(position - bounds.window, 0)
        earlier = values[position - bounds.every : first - 1 if first else None : -bounds.every]
        earlier = earlier[~np.isnan(earlier)] if position >= bounds.every else earlier[:0]
        history[number] = len(earlier)
        if len(earlier) >= bounds.history:
            median = float(np.median(earlier))
            spread = _NORMAL * float(np.median(np.abs(earlier - median)))
            distance = max(bounds.deviations * spread, bounds.slack, bounds.slack_share * abs(median))
            low[number] = median - distance if bounds.side != "high" else np.nan
            high[number] = median + distance if bounds.side != "low" else np.nan
    return rounded(low), rounded(high), history


def rounded(values: Floats) -> Floats:
    """Round to 12 significant digits, as all published figures are."""
    return np.array([float(f"{value:.12g}") for value in values.tolist()], dtype=np.float64)
