"""Arrays for results, cut out of large blocks.

Fresh memory costs more than the arithmetic that fills it, page by page; the system hands large blocks out in large
pages, and a column of a year is too small to get one.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Memory"]

_BLOCK = 2**25
_SLOT = 8


class Memory:
    """Arrays of one length; a block is freed with the last array that was cut out of it."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._columns = _BLOCK // max(1, length * _SLOT)
        self._lock = Lock()
        self._left: list[npt.NDArray[np.uint8]] = []

    def array(self, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Give an array with arbitrary values in it."""
        if self._columns > 64:  # small builds: nothing to gain
            return np.empty(self._length, dtype)
        with self._lock:
            if not self._left:
                columns = max(2, self._columns)
                self._left = list(np.empty((columns, self._length * _SLOT), dtype=np.uint8))
            room = self._left.pop()
        return room.view(dtype)[: self._length]
