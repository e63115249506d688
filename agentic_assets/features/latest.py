"""The newest fact before each decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from agentic_assets.features.timeline import UNKNOWN, Integers

if TYPE_CHECKING:
    from agentic_assets.features.keyed import Keyed

__all__ = ["Latest"]

_MINUTE = 60_000_000


class Latest:
    """The newest fact of each entity's key that became known up to the decision, and not `within` or longer before."""

    def __init__(self, keyed: Keyed, within: int) -> None:
        places, known = keyed.timeline.newest(keyed.entities.keys, keyed.decision)
        found = known > keyed.decided - within
        self._decided = keyed.at.decided
        self._facts = keyed.facts
        self.known_at: Integers = keyed.entities.back(np.where(found, known, UNKNOWN))
        """When the fact became known; UNKNOWN where there is none."""
        rows = keyed.rows[places] if len(keyed.rows) else places
        rows = keyed.entities.back(np.where(found, rows, -1))
        self._rows = pl.select(pl.when(pl.Series(rows) >= 0).then(pl.Series(rows))).to_series()

    def value(self, column: str) -> pl.Series:
        """Give a column of the fact; null where there is no fact."""
        return self._facts.column(column).gather(self._rows)

    def minutes_since(self, column: str) -> pl.Series:
        """Give the whole minutes from an instant in the fact to the decision, as Int32."""
        instants = self.value(column).to_physical()
        return ((pl.Series(self._decided) - instants) // _MINUTE).cast(pl.Int32)
