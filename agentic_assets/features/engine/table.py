"""One input table of a build: the rows that can bear on it, read column by column as numbers, each once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import FeatureSet, Look, Lookup, Published
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.partition import Partitions, microseconds
from agentic_assets.features.engine.timeline import NEVER, Integers, take

__all__ = ["Table", "integers"]

# Rows are left out when they are at least this share: below it, leaving them out costs more than it spares.
_WORTH = 0.5


class Table:
    """The rows of `name` whose day lies within the build or its lookback, or a part of them under its own `label`."""

    def __init__(self, definition: FeatureSet, name: str, frame: pl.DataFrame, partitions: Partitions) -> None:
        self.name = self.label = name
        self.day = definition.day
        # A table without days, such as a register to look names up in, is taken whole.
        self.rows = partitions.within(frame, definition.day) if definition.day in frame.columns else frame
        self._definition = definition
        self._partitions = partitions
        self._once = Once()
        # Never itself: a circle would keep all that was read until the collector happens to come by.
        self._whole: Table | None = None
        self._places = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self.rows.height

    @property
    def begins(self) -> Integers:
        """The first instant of each row's day."""
        days = self.rows.get_column(self.day)
        return self._once.get("begins", lambda: self._partitions.begins(days))

    @property
    def too_late(self) -> Integers:
        """The instant from which on each row is left out: see Partitions."""
        days = self.rows.get_column(self.day)
        return self._once.get("too late", lambda: self._partitions.too_late(days, self._definition.reach))

    def of_days(self, first: date, last: date) -> Table:
        """Give the rows of the days from the first to the last, or all rows when those are most of them."""
        return self._part(
            f"{self.name} of the build",
            self.rows.select(pl.col(self.day).is_between(first, last).fill_null(value=False)).to_series().to_numpy(),
        )

    def seen(self, known_at: str | Published, looks: Sequence[Look]) -> Table:
        """Give the rows that an entity of the build can see by these looks, or all rows when those are most of them."""
        eve, known = self._partitions.eve, self.known(known_at)
        seen = known > eve - microseconds(max(look.span for look in looks))
        for look in looks:
            if look.opens is not None:
                seen |= np.maximum(self.instants(look.opens), self.begins) > eve - microseconds(look.span)
        return self._part(f"{self.name} seen by {known_at}", seen)

    def instants(self, column: str) -> Integers:
        """Give an instant column in microseconds UTC; refuse another type, and nulls."""
        return self._once.get(("instants", column), lambda: _instants(self.name, self.rows.get_column(column)))

    def instants_if_ever(self, column: str) -> Integers:
        """Give an instant column in microseconds UTC, with NEVER for null."""
        return self._once.get(
            ("instants if ever", column), lambda: _instants(self.name, self.rows.get_column(column), never=True)
        )

    def by_instant(self, known_at: str | Published) -> tuple[Integers, Integers]:
        """Order the rows by when they became known: their numbers and their instants.

        A fact is known from its known_at on, but never before its own day begins, as no earlier partition holds it.
        One that becomes known too late for every build to hold it (see FeatureSet), or after the last decision of the
        build, gets the instant `horizon`, which no decision reaches. A Published fact counts by its event, which may
        lie behind the horizon.
        """
        return self._once.get(("order", known_at), lambda: self._by_instant(known_at))

    def looked_up(self, wanted: Lookup, other: Table) -> tuple[pl.DataFrame, bool]:
        """Give the columns of another table for each row, null where it lacks the row.

        Where that table has days, only a row of the same day counts: one of another day is there in some builds and
        not in others, or not yet. Says also whether both tables have the same rows in the same order, so that columns
        are taken as they stand.
        """
        return self._once.get(("look up", wanted), lambda: self._look_up(wanted, other))

    def known(self, known_at: str | Published) -> Integers:
        """Say when each row became known, as `by_instant` does, in the order of the table."""
        return self._once.get(("known", known_at), lambda: self._known(known_at))

    def _known(self, known_at: str | Published) -> Integers:
        if isinstance(known_at, Published):
            instants = np.maximum(self.instants(known_at.event), self.begins)
        else:
            instants = np.maximum(self.instants(known_at), self.begins)
            np.minimum(instants, self._partitions.horizon, out=instants)
        late = instants >= self.too_late
        if late.any():
            instants[late] = NEVER if isinstance(known_at, Published) else self._partitions.horizon
        return instants

    def _by_instant(self, known_at: str | Published) -> tuple[Integers, Integers]:
        instants = self.known(known_at)
        order = np.argsort(instants, kind="stable")
        return order, take(instants, order)

    def _part(self, label: str, wanted: npt.NDArray[np.bool_]) -> Table:
        if np.count_nonzero(wanted) > _WORTH * len(wanted):
            return self
        part = copy(self)
        part.label, part._places, part._once = label, np.flatnonzero(wanted), Once()
        part.rows, part._whole = self.rows[part._places], self
        return part

    def _look_up(self, wanted: Lookup, other: Table) -> tuple[pl.DataFrame, bool]:
        on = [*dict.fromkeys([wanted.on, *([self.day] if self.day in other.rows.columns else [])])]
        theirs = other.rows.select(*dict.fromkeys([*on, *wanted.columns]))
        whole = self if self._whole is None else self._whole
        if whole.rows.select(on).equals(theirs.select(on)):
            # The usual case: both cut from one delivery, no row of either set aside.
            found = theirs.select(*wanted.columns)
            return (found, True) if self is whole else (found[self._places], False)
        return _joined(self, wanted, on, other.name, theirs), False


def integers(series: pl.Series) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]:
    """Give an integer, boolean, temporal or categorical series as numbers, 0 for null, and where it is not null.

    None instead of the latter says that it is null nowhere.
    """
    if series.dtype.is_integer():
        numbers = series
    else:  # a cast costs a tenth of `to_physical`, which goes by way of a query
        physical = _PHYSICAL.get(type(series.dtype))
        numbers = series.to_physical() if physical is None else series.cast(physical)
    if not numbers.null_count():
        return numbers.to_numpy(), None
    both = pl.DataFrame({"numbers": numbers}).select_seq(
        pl.col("numbers").fill_null(0), given=pl.col("numbers").is_not_null()
    )
    return both.get_column("numbers").to_numpy(), both.get_column("given").to_numpy()


_PHYSICAL: Final[dict[type[pl.DataType], type[pl.DataType]]] = {
    pl.Boolean: pl.Int8,
    pl.Date: pl.Int32,
    pl.Datetime: pl.Int64,
}


def _joined(table: Table, wanted: Lookup, on: list[str], name: str, theirs: pl.DataFrame) -> pl.DataFrame:
    ours = table.rows.select(on)
    if ours.schema != theirs.select(on).schema:
        raise ConfigInvalid(
            f"`{wanted.on}` is {ours.schema[wanted.on]} in {table.name} and {theirs.schema[wanted.on]} in "
            f"{name}: nothing can be looked up by it",
            hint="deliver it in one type",
        )
    theirs = theirs.drop_nulls(wanted.on)
    if repeated := theirs.height - theirs.select(on).unique().height:
        raise PointInTimeViolation(
            f"{repeated} rows of {name} repeat {', '.join(f'`{column}`' for column in on)}: which of them is "
            "meant is undefined",
            hint="let the contract of the table require it to be unique",
        )
    return ours.join(theirs, on=on, how="left", maintain_order="left")


def _instants(table: str, series: pl.Series, *, never: bool = False) -> Integers:
    if series.dtype != pl.Datetime("us", "UTC"):
        raise PointInTimeViolation(
            f"`{series.name}` of {table} is {series.dtype}, so it cannot say when a fact became known",
            hint="deliver it as Datetime in microseconds, UTC",
        )
    missing = series.null_count()
    if missing and never:
        series = series.cast(pl.Int64).fill_null(NEVER)
    elif missing:
        raise PointInTimeViolation(
            f"{missing} of {len(series)} rows of {table} have no `{series.name}`: when were they known?",
            hint="let the contract of the table require it, so that such rows are set aside",
        )
    return series.cast(pl.Int64).to_numpy()
