"""The facts of one declared source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import Published, Source
from agentic_assets.features.once import Once
from agentic_assets.features.table import Table, physical
from agentic_assets.features.timeline import Integers

__all__ = ["Facts"]


class Facts:
    """The rows of a table that a source takes, in the order in which they became known.

    `rows` numbers them in the table, `instants` says when each became known; those at the horizon never did.
    """

    def __init__(self, source: Source, table: Table, inputs: Mapping[str, pl.DataFrame]) -> None:
        assert source.known_at is not None  # the definition was checked
        self.source = source
        self.table = table
        self.rows, self.instants = table.by_instant(source.known_at)
        declared = table.rows.select(*dict.fromkeys((*source.columns, table.day)))
        columns = {name: declared.get_column(name) for name in declared.columns}
        if source.look_up is not None:
            found = table.looked_up(source.look_up, inputs[source.look_up.table])
            columns |= {name: found.get_column(name) for name in source.look_up.columns}
        self._columns = columns | {
            name: declared.select(made.alias(name)).to_series() for name, made in source.derive.items()
        }
        if source.where is not None:
            taken = declared.select(source.where.fill_null(value=False)).to_series().to_numpy()[self.rows]
            self.rows, self.instants = self.rows[taken], self.instants[taken]
        self._once = Once()

    def column(self, name: str) -> pl.Series:
        """Give a declared column, in the order of the table."""
        if name not in self._columns:
            raise PointInTimeViolation(
                f"source {self.source.name!r} ({self.source.table}) is asked for `{name}`, which it does not declare",
                hint=f"declare it among its columns; declared are {', '.join(self._columns)}"[:300],
            )
        return self._columns[name]

    def measure(self, name: str) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]:
        """Give a column as integers with 0 for null, and where it is given (None: everywhere), in the table's order.

        Sums of doubles depend on the order of addition; so a column of another type is refused.
        """
        series = self.column(name)
        if not (series.dtype.is_integer() or series.dtype == pl.Boolean):
            raise TypeError(
                f"`{name}` of source {self.source.name!r} is {series.dtype}: sums are formed over integers only; "
                "derive a scaled integer, e.g. hundredths"
            )
        given = series.is_not_null().to_numpy() if series.null_count() else None
        return self._once.get(name, lambda: physical(series)), given

    @property
    def published_before(self) -> timedelta:
        """How long before the beginning of their day the facts are known, for a Published source."""
        if isinstance(self.source.known_at, Published):
            return self.source.known_at.before
        raise PointInTimeViolation(
            f"source {self.source.name!r} ({self.source.table}) is not known ahead", hint="declare it as Published"
        )

    def opening(self, column: str) -> Integers:
        """Give an instant column in the order of the facts, but never an instant before the fact's day begins."""
        return np.maximum(self.table.instants(column), self.table.begins)[self.rows]
