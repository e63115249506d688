"""One input table of a build: the rows that can bear on it, read column by column as numbers, each once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import FeatureSet, Lookup, Published
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.partition import Partitions
from agentic_assets.features.engine.timeline import NEVER, Integers, take

__all__ = ["Table", "physical"]


class Table:
    """The rows of `name` whose day lies within the build or its lookback."""

    def __init__(self, definition: FeatureSet, name: str, frame: pl.DataFrame, partitions: Partitions) -> None:
        self.name = name
        self.day = definition.day
        # A table without days, such as a register to look names up in, is taken whole.
        self.rows = partitions.within(frame, definition.day) if definition.day in frame.columns else frame
        self._definition = definition
        self._partitions = partitions
        self._once = Once()

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
        return self._once.get(("look up", wanted), lambda: _look_up(self, wanted, other))

    def _by_instant(self, known_at: str | Published) -> tuple[Integers, Integers]:
        if isinstance(known_at, Published):
            instants = np.maximum(self.instants(known_at.event), self.begins)
        else:
            instants = np.maximum(self.instants(known_at), self.begins)
            np.minimum(instants, self._partitions.horizon, out=instants)
        late = instants >= self.too_late
        if late.any():
            instants[late] = NEVER if isinstance(known_at, Published) else self._partitions.horizon
        order = np.argsort(instants, kind="stable")
        return order, take(instants, order)


def physical(series: pl.Series) -> npt.NDArray[np.generic]:
    """Give an integer, boolean or temporal series as numbers, with 0 for null."""
    numbers = series.to_physical()
    if numbers.dtype == pl.Boolean:
        numbers = numbers.cast(pl.Int8)
    return (numbers.fill_null(0) if numbers.null_count() else numbers).to_numpy()


def _look_up(table: Table, wanted: Lookup, other: Table) -> tuple[pl.DataFrame, bool]:
    on = [*dict.fromkeys([wanted.on, *([table.day] if table.day in other.rows.columns else [])])]
    ours, theirs = table.rows.select(on), other.rows.select(*dict.fromkeys([*on, *wanted.columns]))
    if ours.equals(theirs.select(on)):  # the usual case: both cut from one delivery, no row of either set aside
        return theirs.select(*wanted.columns), True
    if ours.schema != theirs.select(on).schema:
        raise ConfigInvalid(
            f"`{wanted.on}` is {ours.schema[wanted.on]} in {table.name} and {theirs.schema[wanted.on]} in "
            f"{other.name}: nothing can be looked up by it",
            hint="deliver it in one type",
        )
    theirs = theirs.drop_nulls(wanted.on)
    if repeated := theirs.height - theirs.select(on).unique().height:
        raise PointInTimeViolation(
            f"{repeated} rows of {other.name} repeat {', '.join(f'`{name}`' for name in on)}: which of them is "
            "meant is undefined",
            hint="let the contract of the table require it to be unique",
        )
    return ours.join(theirs, on=on, how="left", maintain_order="left"), False


def _instants(table: str, series: pl.Series, *, never: bool = False) -> Integers:
    if series.dtype != pl.Datetime("us", "UTC"):
        raise PointInTimeViolation(
            f"`{series.name}` of {table} is {series.dtype}, so it cannot say when a fact became known",
            hint="deliver it as Datetime in microseconds, UTC",
        )
    missing = series.null_count()
    if missing and never:
        series = series.to_physical().fill_null(NEVER)
    elif missing:
        raise PointInTimeViolation(
            f"{missing} of {len(series)} rows of {table} have no `{series.name}`: when were they known?",
            hint="let the contract of the table require it, so that such rows are set aside",
        )
    return series.to_physical().to_numpy()
