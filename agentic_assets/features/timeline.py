"""Facts of each key in the order in which they became known, and the place of an instant among them.

The place of (key, instant) is the number of facts that stand at or before it, found by binary search. With running
sums over the same order, the sum over a window is one subtraction between two places: exact, since all sums are of
integers, and the same for any order of rows and any number of threads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["UNKNOWN", "Integers", "Order", "Timeline"]

UNKNOWN = int(np.iinfo(np.int64).min)
"""The instant of a fact that is not there."""

Integers = npt.NDArray[np.int64]

_ROOM = 2**62
_RADIX_KEYS = 2**16


class Order:
    """Rows sorted by (key, instant), given rows that are sorted by instant already."""

    def __init__(self, keys: Integers) -> None:
        # numpy sorts 16-bit integers by radix, ten times faster than wider ones.
        narrow = keys.astype(np.uint16) if len(keys) and keys.min() >= 0 and keys.max() < _RADIX_KEYS else keys
        self.places = np.argsort(narrow, kind="stable")
        self.keys = keys[self.places]

    def forward(self, values: Integers) -> Integers:
        """Bring values into this order."""
        return values[self.places]

    def back(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Bring values from this order into that of the rows."""
        out = np.empty_like(values)
        out[self.places] = values
        return out


class Timeline:
    """Facts sorted by (key, instant); keys are integers from 0 to `key_count - 1`, instants microseconds UTC."""

    def __init__(self, keys: Integers, instants: Integers, key_count: int) -> None:
        """Take facts that are sorted by instant."""
        self.order = Order(keys)
        self.instants = self.order.forward(instants)
        self._first = int(instants[0]) if len(instants) else 0
        self._span = int(instants[-1]) - self._first + 1 if len(instants) else 1
        self._ranks: Integers | None = None
        if key_count * self._span >= _ROOM:  # too wide for one integer: number the distinct instants instead
            self._ranks = np.unique(instants)
            self._span = len(self._ranks) + 1
        self._codes = self.order.keys * self._span + self._offsets(self.instants)

    def places(self, keys: Integers, instants: Integers) -> Integers:
        """Count the facts at or before each (key, instant), with those of all smaller keys; key -1 has none."""
        return np.searchsorted(self._codes, keys * self._span + self._offsets(instants), side="right").astype(np.int64)

    def running(self, values: Integers) -> Integers:
        """Give the running sums of values, which come in the order of the facts as given; starts with 0."""
        sums = np.zeros(len(values) + 1, dtype=np.int64)
        np.cumsum(self.order.forward(values), out=sums[1:])
        return sums

    def newest(self, low: Integers, high: Integers) -> Integers:
        """Give the last instant between two places; UNKNOWN where none stands there."""
        if not len(self.instants):
            return np.full(len(high), UNKNOWN, dtype=np.int64)
        return np.where(high > low, self.instants[np.maximum(high - 1, 0)], UNKNOWN)

    def tied(self) -> Integers:
        """Give the places, counted from 0, of facts that share key and instant with a neighbour."""
        same = self._codes[1:] == self._codes[:-1]
        return np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if same.any() else np.array([], int)

    def run(self, places: Integers) -> Integers:
        """Give the key and instant of facts as one number, equal for those that share both."""
        return self._codes[places]

    def _offsets(self, instants: Integers) -> Integers:
        if self._ranks is not None:
            return np.searchsorted(self._ranks, instants, side="right").astype(np.int64) - 1
        # An instant before the first fact gets -1: it falls behind all facts of the key before, before all of its own.
        return np.clip(instants - self._first, -1, self._span - 1)
