"""The newest fact before each decision."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.engine.timeline import UNKNOWN, Integers, take

if TYPE_CHECKING:
    from agentic_assets.features.engine.keyed import Keyed

__all__ = ["Latest"]

_MINUTE = 60_000_000


class Latest:
    """The newest fact of each entity's key that became known up to the decision, and not `within` or longer before."""

    def __init__(self, keyed: Keyed, within: int) -> None:
        moments = keyed.moments
        places, known = keyed.timeline.newest(moments.keys, keyed.now)
        found = known > moments.instants - within
        self._decided = pl.Series(keyed.at.decided)
        self.facts = keyed.facts
        self.known_at: Integers = moments.back(np.where(found, known, UNKNOWN))
        """When the fact became known; UNKNOWN where there is none."""
        taken = take(keyed.rows, places) if len(keyed.rows) else places
        rows = pl.Series(moments.back(np.where(found, taken, -1)))
        self._rows = pl.select(pl.when(rows >= 0).then(rows)).to_series()

    def value(self, column: str) -> pl.Series:
        """Give a column of the fact; null where there is no fact, or where the column was not yet known."""
        return self.values((column,))[column]

    def values(self, columns: Iterable[str]) -> dict[str, pl.Series]:
        """Give columns of the fact at once, each as `value` does."""
        later = self.facts.source.later
        taken = {name: self.facts.later(name) if name in later else self.facts.column(name) for name in columns}
        found = pl.DataFrame(taken).select(pl.all().gather(pl.lit(self._rows)))
        values = {name: found.get_column(name) for name in found.columns}
        for name in taken.keys() & later.keys():
            known = pl.Series(self.later(name))
            values[name] = pl.select(pl.when(known != UNKNOWN).then(values[name]).alias(name)).to_series()
        return values

    def later(self, column: str) -> Integers:
        """Say when a column that becomes known after the fact did so; UNKNOWN if not by the decision."""
        known_at = self.facts.source.later[column]
        instants = pl.Series(self.facts.later_instants(known_at)).gather(self._rows)
        return pl.select(pl.when(instants <= self._decided).then(instants).otherwise(UNKNOWN)).to_series().to_numpy()

    def minutes_since(self, column: str) -> pl.Series:
        """Give the whole minutes from an instant in the fact to the decision, as Int32."""
        instants = self.value(column).cast(pl.Int64)
        return ((self._decided - instants) // _MINUTE).cast(pl.Int32)

    def not_older(self, minutes: int, than: str) -> Latest:
        """Give the same facts, without those whose instant `than` lies more than these minutes before the decision."""
        fresh = copy(self)
        ages = self.minutes_since(than)
        fresh._rows = pl.select(pl.when(ages <= minutes).then(self._rows)).to_series()
        fresh.known_at = np.where((ages <= minutes).fill_null(value=False).to_numpy(), self.known_at, UNKNOWN)
        return fresh
