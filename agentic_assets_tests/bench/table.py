"""The rows of the benchmark table: every figure is a ratio to a floor measured in the same run."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Row", "timed"]


@dataclass(frozen=True)
class Row:
    """One measured thing beside its floor; `bar` is the ratio that it must not exceed, None where none is set."""

    topic: str
    what: str
    seconds: float
    floor: str
    floor_seconds: float
    bar: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Seconds over the floor's seconds."""
        return self.seconds / self.floor_seconds

    @property
    def holds(self) -> bool:
        """Whether the ratio is within the bar."""
        return self.bar is None or self.ratio <= self.bar


def timed(run: Callable[[], object], repeat: int = 3) -> float:
    """Give the median of `repeat` wall times of `run`, in seconds."""
    seconds = []
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
