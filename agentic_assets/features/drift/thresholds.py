"""Thresholds from a statistic's own past."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from agentic_assets.features.drift.divergence import Integers
from agentic_assets.quality.bounds import Floats

__all__ = ["trailing_quantile"]


def trailing_quantile(values: Floats, *, history: int, least: int, quantile: float) -> tuple[Floats, Integers]:
    """Give for each value of a row the quantile of the `history` before it, and how many of them there are.

    Linear between two values, as in numpy; NaN where fewer than `least` are known. The value itself is never among
    them, or a jump would raise its own threshold.
    """
    padded = np.concatenate([np.full((values.shape[0], history), np.nan), values], axis=1)[:, :-1]
    earlier = np.sort(sliding_window_view(padded, history, axis=1), axis=2)
    known = np.count_nonzero(~np.isnan(earlier), axis=2)
    place = quantile * np.maximum(known - 1, 0)
    lower = np.floor(place).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(known - 1, 0))
    low, high = (np.take_along_axis(earlier, at[..., None], axis=2)[..., 0] for at in (lower, upper))
    found = low + (high - low) * (place - lower)
    return np.where(known >= least, found, np.nan), known
