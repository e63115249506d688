"""The moments at which facts are looked at: each (key, instant) of the entities once, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agentic_assets.features.engine.memory import Memory
from agentic_assets.features.engine.timeline import Integers, Order, take

__all__ = ["Moments", "runs"]

# Numbering equal moments costs a few passes; it pays when it saves this share of the rows.
_WORTH = 0.75
# A table of all pairs of key and instant spares the sorting, as long as it is not much longer than the rows.
_DENSE = 2


class Moments:
    """The keys and instants of entities, sorted by both, each pair once where many entities share one.

    `begins` is the first instant of the moment's day. `back` brings values, one a moment, to the entities.
    """

    keys: Integers
    instants: Integers
    begins: Integers
    _slots: Integers | None

    def __init__(self, keys: Integers, instants: Integers, begins: Integers, key_count: int, memory: Memory) -> None:
        """Take one row an entity, sorted by instant; key numbers lie below `key_count`."""
        self.key_count = key_count
        self._memory = memory
        starts = runs(instants, begins)
        distinct = int(np.count_nonzero(starts))
        if 0 < (key_count + 1) * distinct <= _DENSE * len(keys) and not (instants[1:] < instants[:-1]).any():
            self._tabulate(keys, instants, begins, starts, distinct)
        else:
            self._sort(keys, instants, begins)

    def _tabulate(
        self, keys: Integers, instants: Integers, begins: Integers, starts: npt.NDArray[np.bool_], distinct: int
    ) -> None:
        pairs = np.cumsum(starts, dtype=np.int64)
        pairs += (keys + 1) * distinct - 1  # NO_KEY, which is -1, comes first
        taken = np.zeros((self.key_count + 1) * distinct, dtype=np.bool_)
        taken[pairs] = True
        numbers = np.cumsum(taken, dtype=np.int64) - 1
        self._slots = take(numbers, pairs, out=self._memory.array(np.int64))
        self.keys, which = np.divmod(np.flatnonzero(taken), distinct)
        self.keys -= 1
        self.instants, self.begins = take(instants[starts], which), take(begins[starts], which)

    def _sort(self, keys: Integers, instants: Integers, begins: Integers) -> None:
        order = Order(keys, self.key_count)
        self.keys, self.instants, self.begins = order.keys, order.forward(instants), order.forward(begins)
        starts = runs(self.instants, self.keys, self.begins)
        fewer = np.count_nonzero(starts) < _WORTH * len(keys)
        if fewer:
            self.keys, self.instants, self.begins = self.keys[starts], self.instants[starts], self.begins[starts]
        numbers = np.cumsum(starts, dtype=np.int64) - 1 if fewer else np.arange(len(keys), dtype=np.int64)
        self._slots = numbers if fewer else None
        if not order.same:
            self._slots = self._memory.array(np.int64)
            self._slots[order.places] = numbers

    def __len__(self) -> int:
        return len(self.keys)

    def back(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Bring values, one a moment, into the order of the entities."""
        return values if self._slots is None else take(values, self._slots, out=self._memory.array(values.dtype))


def runs(*columns: Integers) -> npt.NDArray[np.bool_]:
    """Say where a row differs from the one before it, in any of the columns; the first row does."""
    starts = np.ones(len(columns[0]), dtype=np.bool_)
    for column in columns:
        if column is columns[0]:
            np.not_equal(column[1:], column[:-1], out=starts[1:])
        else:
            starts[1:] |= column[1:] != column[:-1]
    return starts
