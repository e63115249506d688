"""A window of facts for each entity, and what can be said of it with integer sums."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.timeline import UNKNOWN, Integers

if TYPE_CHECKING:
    from agentic_assets.features.keyed import Keyed

__all__ = ["Window", "share"]


class Window:
    """The facts between two places of a timeline, for each entity."""

    def __init__(self, keyed: Keyed, low: Integers, high: Integers) -> None:
        self._keyed, self._low, self._high = keyed, low, high

    def count(self, less: int = 0) -> pl.Series:
        """Count the facts, as Int32; `less` leaves out the entity itself, where it is one of them."""
        counts = self._counts - less if less else self._counts
        return pl.Series(self._keyed.entities.back(counts.astype(np.int32)))

    def total(self, measure: str) -> pl.Series:
        """Sum an integer measure, as Int64; null counts as 0."""
        return pl.Series(self._keyed.entities.back(self._difference(self._keyed.sums(measure)[0])))

    def mean(self, measure: str, per: int = 1) -> pl.Series:
        """Average an integer measure over the facts that have it, in units of `per`; null where there are none."""
        sums, given = self._keyed.sums(measure)
        counts = self._counts if given is None else self._difference(given)
        return share(self._keyed, self._difference(sums), counts * per if per != 1 else counts)

    def rate(self, measure: str, prior: tuple[int, int]) -> pl.Series:
        """Give the share of facts with the measure, with `prior` = (hits, trials) added, so that few say little."""
        hits, trials = prior
        above = self._difference(self._keyed.sums(measure)[0]) + hits
        return pl.Series(self._keyed.entities.back(above / (self._counts + trials)))

    @cached_property
    def known_at(self) -> Integers:
        """Say when the newest fact of the window became known; UNKNOWN where there is none."""
        _, instants = self._keyed.timeline.newest(self._keyed.entities.keys, self._high)
        known = self._keyed.entities.back(np.where(self._counts > 0, instants, UNKNOWN))
        return known.astype(np.int64, copy=False)

    @cached_property
    def _counts(self) -> Integers:
        return self._high - self._low

    def _difference(self, sums: Integers) -> Integers:
        difference: Integers = sums[self._high] - sums[self._low]
        return difference


def share(keyed: Keyed, above: Integers, below: Integers) -> pl.Series:
    """Divide, giving null for nothing divided by nothing."""
    with np.errstate(invalid="ignore"):
        return pl.Series(keyed.entities.back(above / below)).fill_nan(None)
