"""How sure a mean over days is: a bootstrap with a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

__all__ = ["Interval", "mean_interval"]

SEED = 20130101


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval, in the unit of the values, rounded to whole ones; None without values."""

    values: int
    mean: int | None
    low: int | None
    high: int | None


def mean_interval(values: pl.Series, *, draws: int = 4_000, seed: int = SEED) -> Interval:
    """Bootstrap the mean of one figure a day: percentiles 2.5 and 97.5 of the means of resampled days.

    The seed is fixed, so the same values in the same order give the same interval. Days are drawn as if independent;
    a storm of two days makes the true interval somewhat wider.
    """
    known = values.drop_nulls().to_numpy().astype(np.float64)
    if not known.size:
        return Interval(0, None, None, None)
    random = np.random.Generator(np.random.PCG64(seed))
    # One draw at a time: the memory stays small whatever the number of days.
    means = np.sort([known[random.integers(0, known.size, known.size)].mean() for _ in range(draws)])
    low, high = means[int(draws * 0.025)], means[min(draws - 1, int(draws * 0.975))]
    return Interval(int(known.size), round(float(known.mean())), round(float(low)), round(float(high)))
