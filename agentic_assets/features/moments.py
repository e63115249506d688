"""The moments at which facts are looked at: each (key, instant) of the entities once, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agentic_assets.features.timeline import Integers, Order

__all__ = ["Moments"]

# Numbering equal moments costs a few passes; it pays when it saves this share of the rows.
_WORTH = 0.75


class Moments:
    """The keys and instants of entities, sorted by both, each pair once where many entities share one.

    `begins` is the first instant of the moment's day. `back` brings values, one a moment, to the entities.
    """

    def __init__(self, keys: Integers, instants: Integers, begins: Integers, key_count: int) -> None:
        """Take one row an entity, sorted by instant; key numbers lie below `key_count`."""
        self.key_count = key_count
        order = Order(keys, key_count)
        self.keys, self.instants, self.begins = order.keys, order.forward(instants), order.forward(begins)
        self._slots: Integers | None = None if order.same else np.empty(len(keys), dtype=np.int64)
        new = np.ones(len(keys), dtype=np.bool_)
        new[1:] = self.instants[1:] != self.instants[:-1]
        for other in (self.keys, self.begins):
            new[1:] |= other[1:] != other[:-1]
        if np.count_nonzero(new) < _WORTH * len(keys):
            self.keys, self.instants, self.begins = self.keys[new], self.instants[new], self.begins[new]
            numbers = np.cumsum(new, dtype=np.int64) - 1
        else:
            numbers = np.arange(len(keys), dtype=np.int64)
        if self._slots is not None:
            self._slots[order.places] = numbers
        elif len(self.keys) < len(keys):
            self._slots = numbers

    def __len__(self) -> int:
        return len(self.keys)

    def back(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Bring values, one a moment, into the order of the entities."""
        return values if self._slots is None else values[self._slots]
