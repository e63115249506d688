"""What is awaited but not yet there: facts whose time has come, and that are not known to have happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.partition import microseconds
from agentic_assets.features.engine.timeline import UNKNOWN, Integers, Timeline, take

if TYPE_CHECKING:
    from agentic_assets.features.engine.asof import AsOf

__all__ = ["Pending"]

_MINUTE = 60_000_000


class Pending:
    """Facts awaited at each decision: opened at or before T, and closed after it.

    A fact opens at the instant `opens` (never before its day begins) and closes when it becomes known, at the latest
    `at_most` after it opened; so one that never closes is forgotten, in every build alike.
    """

    def __init__(self, at: AsOf, facts: Facts, key: tuple[str, ...], opens: str, at_most: timedelta) -> None:
        at.check_reach(at_most, facts, opens)
        self._moments = moments = at.moments(key)
        keys = at.matched(facts, key)
        counts, waits, newest = [], [], []
        for side in facts.awaited(opens, microseconds(at_most)):
            numbers, instants, opened = keys[side.order], side.instants, side.opened
            if len(numbers) and numbers.min() < 0:
                known = numbers >= 0
                numbers, instants, opened = numbers[known], instants[known], opened[known]
            timeline = Timeline(numbers, instants, moments.key_count)
            places = timeline.places(moments.keys, moments.instants)
            counts.append(places)
            # The sums may overflow; the difference between two of them is small, and exact modulo 2^64.
            sums = np.zeros(len(opened) + 1, dtype=np.int64)
            np.cumsum(opened[timeline.order], out=sums[1:])
            waits.append(take(sums, places))
            newest.append(timeline.newest(moments.keys, places)[1])
        self._counts: Integers = counts[0] - counts[1]
        self._waits: Integers = moments.instants * self._counts - (waits[0] - waits[1])
        known = np.maximum(*newest)
        known = np.where(known > moments.instants - microseconds(at_most), known, UNKNOWN)
        self.known_at: Integers = self._moments.back(known)
        """When the newest opening or closing became known, of the last `at_most`."""

    def count(self) -> pl.Series:
        """Count the facts that are awaited, as Int32."""
        return pl.Series(self._moments.back(self._counts.astype(np.int32)))

    def mean_wait(self) -> pl.Series:
        """Average how long they have been awaited, in minutes; null where nothing is awaited."""
        with np.errstate(invalid="ignore"):
            values = self._waits / (self._counts * _MINUTE)
        return pl.Series(self._moments.back(values), nan_to_null=True)
