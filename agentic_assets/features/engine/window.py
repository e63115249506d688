"""A window of facts for each entity, and what can be said of it with integer sums."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.engine.timeline import UNKNOWN, Integers, take

if TYPE_CHECKING:
    from agentic_assets.features.engine.keyed import Keyed

__all__ = ["Window"]


class Window:
    """The facts between two places of a timeline, for each entity."""

    def __init__(self, keyed: Keyed, low: Integers, high: Integers) -> None:
        self._keyed, self._low, self._high = keyed, low, high
        self._givens: dict[int, Integers] = {}

    def count(self, less: int = 0) -> pl.Series:
        """Count the facts, as Int32; `less` leaves out the entity itself, where it is one of them."""
        counts = self._counts - less if less else self._counts
        return pl.Series(self._keyed.moments.back(counts.astype(np.int32)))

    def total(self, measure: str) -> pl.Series:
        """Sum an integer measure, as Int64, or count where a Boolean one is true, as Int32; null adds nothing."""
        total = self._sum(measure)
        if self._keyed.facts.column(measure).dtype == pl.Boolean:
            return pl.Series(self._keyed.moments.back(total.astype(np.int32)))
        return pl.Series(self._keyed.moments.back(total))

    def count_if(self, measure: str) -> pl.Series:
        """Count the facts for which a Boolean measure is true, as Int32; refuse another type."""
        self._keyed.facts.check_boolean(measure)
        return self.total(measure)

    def scaled(self, measure: str, per: int) -> pl.Series:
        """Sum a measure that counts in parts, `per` to the unit, as Float64; null where no fact has it."""
        values = self._sum(measure) / per
        values[self._given(self._keyed.given(measure)) == 0] = np.nan
        return pl.Series(self._keyed.moments.back(values), nan_to_null=True)

    def mean(self, measure: str) -> pl.Series:
        """Average an integer measure over the facts that have it; null where there are none."""
        with np.errstate(invalid="ignore"):
            averages = self._sum(measure) / self._given(self._keyed.given(measure))
        return pl.Series(self._keyed.moments.back(averages), nan_to_null=True)

    def rate(self, measure: str, prior: tuple[int, int]) -> pl.Series:
        """Give the share of facts with the measure, with `prior` = (hits, trials) added, so that few say little."""
        hits, trials = prior
        above, below = self._sum(measure), self._counts + trials
        above += hits
        return pl.Series(self._keyed.moments.back(above / below))

    @cached_property
    def known_at(self) -> Integers:
        """Say when the newest fact of the window became known; UNKNOWN where there is none."""
        instants = self._keyed.timeline.instants
        newest = np.full(len(self._high), UNKNOWN, dtype=np.int64)
        if len(instants):
            some = self._counts > 0
            newest = np.where(some, take(instants, np.maximum(self._high - 1, 0)), newest)
        return self._keyed.moments.back(newest)

    @cached_property
    def _counts(self) -> Integers:
        return self._high - self._low

    def _given(self, pattern: int) -> Integers:
        """Count the facts that are given in this pattern; measures that share it share the count."""
        if pattern == 0:
            return self._counts
        if pattern not in self._givens:
            self._givens[pattern] = self._sum(pattern)
        return self._givens[pattern]

    def _sum(self, measure: str | int) -> Integers:
        sums = self._keyed.sums(measure)
        difference = take(sums, self._low)
        if self._high is self._keyed.now:  # all windows that end there share the other side
            np.subtract(self._keyed.sums_now(measure), difference, out=difference)
        else:
            np.subtract(take(sums, self._high), difference, out=difference)
        return difference
