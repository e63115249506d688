"""Facts of each key in the order in which they became known, and the place of an instant among them.

The place of (key, instant) is the number of facts that stand at or before it: an as-of join. With running sums over
the same order, the sum over a window is one subtraction between two places: exact, since all sums are of integers,
and the same for any order of rows and any number of threads.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["NEVER", "NO_KEY", "UNKNOWN", "Integers", "Order", "Timeline", "take"]

NO_KEY = -1
"""The number of a key that matches nothing."""

NEVER = int(np.iinfo(np.int64).max)
"""The instant of what has not become known, and may never."""

UNKNOWN = int(np.iinfo(np.int64).min)
"""The instant of a fact that is not there."""

Integers = npt.NDArray[np.int64]

_ROOM = 2**62
_RADIX_KEYS = 2**16
_FEW = 10_000


def take(values: npt.NDArray[Any], places: Integers, out: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
    """Gather values at places that are known to lie within them, which spares numpy the check."""
    return np.take(values, places, out=out, mode="clip")


class Order:
    """Rows brought from an order by instant into one by (key, instant)."""

    places: Integers
    keys: Integers

    def __init__(self, keys: Integers, key_count: int) -> None:
        self.same = key_count == 1 and not (len(keys) and keys.min() < 0)
        if self.same:  # one key: already in order
            self.places, self.keys = np.arange(len(keys)), keys
            return
        # numpy sorts 16-bit integers by radix, ten times faster than wider ones; NO_KEY comes first, as 0.
        narrow = (keys + 1).astype(np.uint16) if key_count < _RADIX_KEYS - 1 else keys
        self.places = np.argsort(narrow, kind="stable")
        self.keys = take(keys, self.places)

    def forward(self, values: Integers) -> Integers:
        """Bring values into this order."""
        return values if self.same else take(values, self.places)


class Timeline:
    """Facts sorted by (key, instant); keys are integers from 0 to `key_count - 1`, instants microseconds UTC."""

    def __init__(self, keys: Integers, instants: Integers, key_count: int) -> None:
        """Take facts that are sorted by instant already."""
        order = Order(keys, key_count)
        self.order: Integers = order.places
        self.keys: Integers = order.keys
        self.instants = order.forward(instants)
        self._first = int(instants[0]) if len(instants) else 0
        self._span = int(instants[-1]) - self._first + 1 if len(instants) else 1
        self._ranks: Integers | None = None
        if key_count * self._span >= _ROOM:  # too wide for one integer: number the distinct instants instead
            self._ranks = np.unique(instants)
            self._span = len(self._ranks) + 1
        self._codes = self.keys * self._span + self._offsets(self.instants)

    def places(self, keys: Integers, instants: Integers) -> Integers:
        """Count the facts at or before each (key, instant), with those of all smaller keys; NO_KEY has none.

        Those that come sorted by (key, instant) are found in one pass, others by binary search.
        """
        wanted = keys * self._span
        wanted += self._offsets(instants)
        if len(wanted) < _FEW or (wanted[1:] < wanted[:-1]).any():
            return np.searchsorted(self._codes, wanted, side="right").astype(np.int64)
        found = pl.DataFrame({"code": wanted}).join_asof(self._counted, on="code").get_column("place")
        return (found.fill_null(0) if found.null_count() else found).to_numpy()

    def newest(self, keys: Integers, places: Integers) -> tuple[Integers, Integers]:
        """Give the fact right before each place and its instant; UNKNOWN where the key has none before it."""
        if not len(self.keys):
            return np.zeros(len(places), dtype=np.int64), np.full(len(places), UNKNOWN, dtype=np.int64)
        facts = np.maximum(places - 1, 0)
        own = (take(self.keys, facts) == keys) & (places > 0)
        return facts, np.where(own, take(self.instants, facts), UNKNOWN)

    def tied(self) -> Integers:
        """Give the facts, numbered in this order, that share key and instant with a neighbour."""
        same = self._codes[1:] == self._codes[:-1]
        if not same.any():
            return np.array([], dtype=np.int64)
        return np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)).astype(np.int64)

    def run(self, facts: Integers) -> Integers:
        """Give key and instant of facts as one number, equal for those that share both."""
        return self._codes[facts]

    def _offsets(self, instants: Integers) -> Integers:
        if self._ranks is not None:
            return np.searchsorted(self._ranks, instants, side="right").astype(np.int64) - 1
        offsets = instants - self._first
        if len(offsets) and (offsets.min() < 0 or offsets.max() >= self._span):
            # An instant before the first fact gets -1: behind all facts of the key before, before all of its own.
            np.clip(offsets, -1, self._span - 1, out=offsets)
        return offsets

    @cached_property
    def _counted(self) -> pl.DataFrame:
        return pl.DataFrame({"code": self._codes, "place": np.arange(1, len(self._codes) + 1)})
