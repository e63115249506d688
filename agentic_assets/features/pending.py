"""What is awaited but not yet there: facts whose time has come, and that are not known to have happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.facts import Facts
from agentic_assets.features.partition import microseconds
from agentic_assets.features.timeline import Integers, Order, Timeline

if TYPE_CHECKING:
    from agentic_assets.features.asof import AsOf

__all__ = ["Pending"]

_MINUTE = 60_000_000


class Pending:
    """Facts awaited at each decision: opened at or before T, and closed after it.

    A fact opens at the instant `opens` (never before its day begins) and closes when it becomes known, at the latest
    `at_most` after it opened; so one that never closes is forgotten, in every build alike.
    """

    def __init__(self, at: AsOf, facts: Facts, key: tuple[str, ...], opens: str, at_most: timedelta) -> None:
        at.check_reach(at_most, facts)
        self._at = at
        theirs, ours, count = at.number(facts, key)
        opened = facts.opening(opens)
        closed = np.minimum(np.maximum(facts.instants, opened), opened + microseconds(at_most))
        keep = theirs >= 0
        self._entities = Order(ours)
        decided = self._entities.forward(at.decided)
        counts, waits, newest = [], [], []
        for instants in (opened, closed):
            order = np.argsort(instants[keep], kind="stable")
            timeline = Timeline(theirs[keep][order], instants[keep][order], count)
            places = timeline.places(self._entities.keys, decided)
            low = timeline.places(self._entities.keys, decided - microseconds(at_most))
            counts.append(places)
            # The sums may overflow; the difference between two of them is small, and exact modulo 2^64.
            waits.append(timeline.running(opened[keep][order])[places])
            newest.append(timeline.newest(low, places))
        self._counts = counts[0] - counts[1]
        self._waits = decided * self._counts - (waits[0] - waits[1])
        self.known_at: Integers = self._entities.back(np.maximum(*newest)).astype(np.int64)
        """When the newest opening or closing became known, of the last `at_most`."""

    def count(self) -> pl.Series:
        """Count the facts that are awaited."""
        return pl.Series(self._entities.back(self._counts)).cast(pl.Int32)

    def mean_wait(self) -> pl.Series:
        """Average how long they have been awaited, in minutes; null where nothing is awaited."""
        values = np.full(len(self._counts), np.nan)
        np.divide(self._waits, self._counts * _MINUTE, out=values, where=self._counts > 0)
        return pl.Series(self._entities.back(values)).fill_nan(None)
