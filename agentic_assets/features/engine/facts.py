"""The facts of one declared source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import Look, Published, Source
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.table import Table, integers
from agentic_assets.features.engine.timeline import Integers, take

__all__ = ["Awaited", "Facts"]

_SUMMED: Final = frozenset({pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32})
_MOST: Final = 2**63 - 1


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

    def __init__(
        self, source: Source, table: Table, other: Table | None = None, looks: tuple[Look, ...] | None = None
    ) -> None:
        """Take the facts of a source out of its table; `other` is the table that it looks columns up in.

        `looks` says what views look at: other facts may lack. None when that is not known, and no fact lacks.
        """
        assert source.known_at is not None  # the definition was checked
        self.source = source
        self.table = table
        self.looks = looks
        self.rows, self.instants = table.by_instant(source.known_at)
        self._owners = dict.fromkeys(source.columns, table.label)
        declared = table.rows.select(*dict.fromkeys((*source.columns, table.day)))
        columns = {name: declared.get_column(name) for name in declared.columns}
        if source.look_up is not None and other is not None:
            found, as_they_stand = table.looked_up(source.look_up, other)
            columns |= {name: found.get_column(name) for name in source.look_up.columns}
            self._owners |= dict.fromkeys(source.look_up.columns, other.label if as_they_stand else source.name)
        self._columns = columns | {name: self._made(declared, name, made) for name, made in source.derive.items()}
        if source.where is not None:
            taken = self._made(declared, "where", source.where.fill_null(value=False)).to_numpy()[self.rows]
            self.rows, self.instants = self.rows[taken], self.instants[taken]
        self._once = Once()
        self._lock = Lock()
        self._patterns: list[npt.NDArray[np.bool_]] = []

    def _made(self, declared: pl.DataFrame, name: str, expression: pl.Expr) -> pl.Series:
        try:
            made = declared.select(expression.alias(name)).to_series()
        except pl.exceptions.PolarsError as error:
            raise ConfigInvalid(
                f"`{name}` of source {self.source.name!r} ({self.source.table}) cannot be derived: "
                f"{str(error).partition(chr(10))[0][:200]}",
                hint="derive what holds for every row that the contract of the table lets through",
            ) from error
        if len(made) == 1 != len(declared):  # an expression of literals only
            made = made.new_from_index(0, len(declared))
        return made

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

    def later_instants(self, column: str) -> Integers:
        """Give when such columns become known, never before the fact's day begins; NEVER where it is null."""
        return self._once.get(
            ("later", column), lambda: np.maximum(self.table.instants_if_ever(column), self.table.begins)
        )

    def measure(self, name: str) -> npt.NDArray[np.generic]:
        """Give a column as integers with 0 for null, in the table's order.

        Sums of doubles depend on the order of addition; so a column of another type is refused, and so are integers
        whose sum might not fit into 64 bits.
        """
        series = self.column(name)
        if series.dtype not in _SUMMED:
            raise ConfigInvalid(
                f"`{name}` of source {self.source.name!r} ({self.source.table}) is {series.dtype}: sums are formed "
                "over integers and Booleans only, since the sum of doubles depends on their order",
                hint=f'derive a scaled integer, e.g. {{"{name}_e2": (pl.col("{name}") * 100).round().cast(pl.Int64)}}, '
                "and give Total(..., per=100)",
            )
        return self._once.get(("measure", name), lambda: self._summed(name, series))

    def check_boolean(self, name: str) -> None:
        """Refuse to count where a column is true that is not Boolean."""
        dtype = self.column(name).dtype
        if dtype != pl.Boolean:
            raise ConfigInvalid(
                f"`{name}` of source {self.source.name!r} ({self.source.table}) is {dtype}: a rate and a CountIf count "
                "where a Boolean column is true",
                hint=f'derive one, e.g. {{"{name}_high": pl.col("{name}") > 0}}, or take Total or Mean',
            )

    def _summed(self, name: str, series: pl.Series) -> npt.NDArray[np.generic]:
        values = self._integers(name, series)[0]
        if series.dtype in (pl.Int64, pl.UInt32) and len(values):
            largest = max(abs(int(values.min())), abs(int(values.max())))
            if largest * len(values) > _MOST:
                raise ConfigInvalid(
                    f"`{series.name}` of source {self.source.name!r} ({self.source.table}) holds {largest:,}: the sum "
                    f"of {len(values):,} such facts may not fit into 64 bits",
                    hint="let the contract of the table bound the column, or derive it in a larger unit",
                )
        return values

    def _integers(self, name: str, series: pl.Series) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]:
        return self._once.get(("integers", name), lambda: integers(series))

    def given(self, name: str) -> tuple[int, npt.NDArray[np.bool_]]:
        """Say where a column is not null, in the table's order, and number that pattern: many columns share one."""
        return self._once.get(("given", name), lambda: self._pattern(name))

    def _pattern(self, name: str) -> tuple[int, npt.NDArray[np.bool_]]:
        given = self._integers(name, self.column(name))[1]
        if given is None:
            return 0, np.empty(0, dtype=np.bool_)
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
        # A fact that opens too late would be held by some builds and not by others: it never opens.
        facts = np.flatnonzero(opened < take(self.table.too_late, self.rows))
        opened, closed = opened[facts], closed[facts]
        sides = []
        for instants in (opened, closed):
            order = np.argsort(instants, kind="stable")
            sides.append(Awaited(take(facts, order), take(instants, order), take(opened, order)))
        return sides[0], sides[1]
