"""The facts of one declared source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import Published, Source
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.table import Table, physical
from agentic_assets.features.engine.timeline import Integers, take

__all__ = ["Awaited", "Facts"]


@dataclass(frozen=True)
class Awaited:
    """One end of the facts' waiting, sorted by `instants`; `order` numbers the facts, `opened` is when each opened."""

    order: Integers
    instants: Integers
    opened: Integers


class Facts:
    """The rows of a table that a source takes, in the order in which they became known.

    `rows` numbers them in the table, `instants` says when each became known; those at the horizon never did.
    """

    def __init__(self, source: Source, table: Table, other: Table | None = None) -> None:
        """Take the facts of a source out of its table; `other` is the table that it looks columns up in."""
        assert source.known_at is not None  # the definition was checked
        self.source = source
        self.table = table
        self.rows, self.instants = table.by_instant(source.known_at)
        self._owners = dict.fromkeys(source.columns, table.name)
        declared = table.rows.select(*dict.fromkeys((*source.columns, table.day)))
        columns = {name: declared.get_column(name) for name in declared.columns}
        if source.look_up is not None and other is not None:
            found, as_they_stand = table.looked_up(source.look_up, other)
            columns |= {name: found.get_column(name) for name in source.look_up.columns}
            self._owners |= dict.fromkeys(source.look_up.columns, other.name if as_they_stand else source.name)
        self._columns = columns | {
            name: declared.select(made.alias(name)).to_series() for name, made in source.derive.items()
        }
        if source.where is not None:
            taken = declared.select(source.where.fill_null(value=False)).to_series().to_numpy()[self.rows]
            self.rows, self.instants = self.rows[taken], self.instants[taken]
        self._once = Once()
        self._lock = Lock()
        self._patterns: list[npt.NDArray[np.bool_]] = []

    def column(self, name: str) -> pl.Series:
        """Give a declared column, in the order of the table."""
        if name in self.source.later:
            raise PointInTimeViolation(
                f"`{name}` of source {self.source.name!r} ({self.source.table}) becomes known only at "
                f"`{self.source.later[name]}`, after the fact itself",
                hint="take it as a value of the latest fact, or declare a source whose known_at is that column",
            )
        if name not in self._columns:
            raise PointInTimeViolation(
                f"source {self.source.name!r} ({self.source.table}) is asked for `{name}`, which it does not declare",
                hint=f"declare it among its columns; declared are {', '.join(self._columns)}"[:300],
            )
        return self._columns[name]

    def owner(self, name: str) -> str:
        """Name the table that a column is taken from as it stands; otherwise what only this source has."""
        return self._owners.get(name, self.source.name)

    def later(self, name: str) -> pl.Series:
        """Give a column that becomes known after the fact, in the order of the table."""
        return self.table.rows.get_column(name)

    def measure(self, name: str) -> npt.NDArray[np.generic]:
        """Give a column as integers with 0 for null, in the table's order.

        Sums of doubles depend on the order of addition; so a column of another type is refused.
        """
        series = self.column(name)
        if not (series.dtype.is_integer() or series.dtype == pl.Boolean):
            raise TypeError(
                f"`{name}` of source {self.source.name!r} is {series.dtype}: sums are formed over integers only; "
                "derive a scaled integer, e.g. hundredths"
            )
        return self._once.get(("measure", name), lambda: physical(series))

    def given(self, name: str) -> tuple[int, npt.NDArray[np.bool_]]:
        """Say where a column is not null, in the table's order, and number that pattern: many columns share one."""
        return self._once.get(("given", name), lambda: self._pattern(self.column(name)))

    def _pattern(self, series: pl.Series) -> tuple[int, npt.NDArray[np.bool_]]:
        if not series.null_count():
            return 0, np.empty(0, dtype=np.bool_)
        given = series.is_not_null().to_numpy()
        with self._lock:
            for number, known in enumerate(self._patterns, 1):
                if np.array_equal(known, given):
                    return number, known
            self._patterns.append(given)
            return len(self._patterns), given

    @property
    def published_before(self) -> timedelta:
        """How long before the beginning of their day the facts are known, for a Published source."""
        if isinstance(self.source.known_at, Published):
            return self.source.known_at.before
        raise PointInTimeViolation(
            f"source {self.source.name!r} ({self.source.table}) is not known ahead", hint="declare it as Published"
        )

    def opening(self, column: str) -> Integers:
        """Give an instant column in the order of the table, but never an instant before the fact's day begins."""
        return self._once.get(("opening", column), lambda: np.maximum(self.table.instants(column), self.table.begins))

    def awaited(self, opens: str, at_most: int) -> tuple[Awaited, Awaited]:
        """Give when the facts open and when they close: at once known, or `at_most` later at the latest."""
        return self._once.get(("awaited", opens, at_most), lambda: self._awaited(opens, at_most))

    def _awaited(self, opens: str, at_most: int) -> tuple[Awaited, Awaited]:
        opened = take(self.opening(opens), self.rows)
        closed = np.minimum(np.maximum(self.instants, opened), opened + at_most)
        sides = []
        for instants in (opened, closed):
            order = np.argsort(instants, kind="stable")
            sides.append(Awaited(order, take(instants, order), take(opened, order)))
        return sides[0], sides[1]
