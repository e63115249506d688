"""Measure a stretch of days of a feature set: every distribution, the age of every view's facts, operational means."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.drift.divergence import Integers, Moved, comparable, moved
from agentic_assets.features.drift.settings import Settings
from agentic_assets.features.drift.thresholds import trailing_quantile
from agentic_assets.quality.bounds import Floats, rounded

__all__ = ["AGE", "MEAN", "PSI", "Statistic", "Stretch", "measure"]

Measure = Literal["psi", "age", "mean"]

PSI: Measure = "psi"
"""The divergence of a feature's distribution."""
AGE: Measure = "age"
"""The divergence of how old a view's newest fact is at the decision."""
MEAN: Measure = "mean"
"""The mean of an operational feature."""


@dataclass(frozen=True)
class Statistic:
    """One number a day: what is measured, of which column, and to which view that belongs."""

    measure: Measure
    feature: str
    view: str


@dataclass(frozen=True)
class Stretch:
    """The statistics of consecutive days: each array has a row a statistic and a column a day, NaN for unknown.

    `outside` is the share of rows outside of what the reference days held; for an age only that on the older side.
    `far` is the share outside by more than the reference days lie apart.
    """

    days: tuple[str, ...]
    statistics: tuple[Statistic, ...]
    rows: Integers
    value: Floats
    threshold: Floats
    history: Integers
    nulls: Floats
    most_nulls: Floats
    outside: Floats
    far: Floats

    @property
    def over(self) -> np.ndarray:
        """Whether a value lies over its threshold; never where either is unknown."""
        return self.value > self.threshold

    @property
    def times(self) -> Floats:
        """How many times its threshold a value is; NaN where that is unknown, or 0."""
        known = self.threshold > 0
        return np.where(known, self.value / np.where(known, self.threshold, 1.0), np.nan)

    def places(self, *measures: Measure) -> list[int]:
        """Give the rows of some kinds of statistics."""
        return [at for at, statistic in enumerate(self.statistics) if statistic.measure in measures]


def measure(
    definition: FeatureSet, frame: pl.DataFrame, days: Sequence[str], counts: Sequence[int], settings: Settings
) -> Stretch:
    """Measure consecutive days of a built feature set.

    `frame` holds their rows, one day after the other, and `counts` says how many belong to each, 0 where a day is not
    published. The statistics of a day are the same whatever else is there, as long as `settings.back` days before it
    are.
    """
    number = np.asarray(counts, dtype=np.int64)
    distributions: list[tuple[Statistic, pl.Series]] = [
        (Statistic(PSI, feature.name, feature.view), frame.get_column(feature.name))
        for feature in definition.features
        if comparable(feature.dtype)
    ]
    known_at = {f"{view}_known_at": view for view in definition.view_names}
    ages = frame.select((pl.col(DECIDED_AT) - pl.col(name)).dt.total_minutes().alias(name) for name in known_at)
    distributions += [(Statistic(AGE, name, view), ages.get_column(name)) for name, view in known_at.items()]
    # Sorting leaves the interpreter to others, and no column depends on another: the same bytes in any order.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as workers:
        found = list(
            workers.map(
                lambda one: moved(one[1], number, reference=settings.reference, bins=settings.bins), distributions
            )
        )
    psi = _rows([_steady(one.psi) for one in found], len(number))
    limit, history = trailing_quantile(
        psi, history=settings.history, least=settings.least, quantile=settings.psi_quantile
    )
    means = _rows([_means(frame.get_column(name), number) for name in settings.operations], len(number))
    mean_limit, mean_history = trailing_quantile(
        means, history=settings.history, least=settings.least, quantile=settings.mean_quantile
    )
    view_of = {feature.name: feature.view for feature in definition.features}
    operations = [Statistic(MEAN, name, view_of[name]) for name in settings.operations]
    days_in = len(number)

    def shares(of: Callable[[Moved], Floats]) -> Floats:
        return np.vstack([_rows([_steady(of(one)) for one in found], days_in), np.full_like(means, np.nan)])

    older_only = {at for at, (statistic, _) in enumerate(distributions) if statistic.measure == AGE}
    below = _rows([np.zeros(days_in) if at in older_only else one.below for at, one in enumerate(found)], days_in)
    return Stretch(
        days=tuple(days),
        statistics=(*(statistic for statistic, _ in distributions), *operations),
        rows=number,
        value=np.vstack([psi, means]),
        threshold=np.vstack([np.maximum(_steady(limit), settings.psi_floor), _steady(mean_limit)]),
        history=np.vstack([history, mean_history]),
        nulls=shares(lambda one: one.nulls),
        most_nulls=shares(lambda one: one.most_nulls),
        outside=_steady(shares(lambda one: one.above) + np.vstack([below, np.zeros_like(means)])),
        far=shares(lambda one: one.far),
    )


def _means(column: pl.Series, counts: Integers) -> Floats:
    values = column.cast(pl.Float64).fill_nan(None).to_numpy()
    found = np.full(len(counts), np.nan)
    for day, (end, count) in enumerate(zip(np.cumsum(counts).tolist(), counts.tolist(), strict=True)):
        known = values[end - count : end]
        known = known[~np.isnan(known)]
        if len(known):
            found[day] = known.sum() / len(known)
    return _steady(found)


def _rows(arrays: Sequence[Floats], days: int) -> Floats:
    return np.vstack(arrays) if arrays else np.empty((0, days))


def _steady(values: Floats) -> Floats:
    return rounded(values.ravel()).reshape(values.shape)
