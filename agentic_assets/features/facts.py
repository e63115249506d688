"""The facts of one declared source, in the order in which they became known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import FeatureSet, Published, Source
from agentic_assets.features.partition import Partitions, microseconds
from agentic_assets.features.timeline import Integers

__all__ = ["Facts", "gather_facts"]


class Facts:
    """Rows that may enter a build, sorted by `instants`.

    An instant is when the fact became known; for a Published source, which is known ahead, it is its event.
    """

    def __init__(self, source: Source, frame: pl.DataFrame, instants: Integers, begins: Integers) -> None:
        order = np.argsort(instants, kind="stable")
        self.source = source
        self.instants: Integers = instants[order]
        self._begins = begins[order]
        self._frame = frame
        self._order = order

    def __len__(self) -> int:
        return len(self.instants)

    def series(self, name: str) -> pl.Series:
        """Give one declared column, in the order of the instants."""
        return self._column(name).gather(self._order)

    def take(self, name: str, rows: pl.Series) -> pl.Series:
        """Give one declared column for these rows, numbered in the order of the instants; null gives null."""
        frame_rows = pl.Series(self._order).gather(rows) if len(self) else rows
        return self._column(name).gather(frame_rows)

    def _column(self, name: str) -> pl.Series:
        if name not in self._frame.columns:
            raise PointInTimeViolation(
                f"source {self.source.name!r} ({self.source.table}) is asked for `{name}`, which it does not declare",
                hint=f"declare it among its columns; declared are {', '.join(self._frame.columns)}"[:300],
            )
        return self._frame.get_column(name)

    def opening(self, column: str) -> Integers:
        """Give an instant column, but never an instant before the fact's own day begins."""
        return np.maximum(_instants(self.source, self._frame, column)[self._order], self._begins)

    def integers(self, name: str) -> tuple[Integers, Integers | None]:
        """Give one column as integers with 0 for null, and where it is not null (None: nowhere null).

        Sums of doubles depend on the order of addition; so a column of another type is refused.
        """
        series = self.series(name)
        if not (series.dtype.is_integer() or series.dtype == pl.Boolean):
            raise TypeError(
                f"`{name}` of source {self.source.name!r} is {series.dtype}: sums are formed over integers only; "
                "derive a scaled integer, e.g. hundredths"
            )
        given = None if series.null_count() == 0 else series.is_not_null().to_numpy().astype(np.int64)
        return series.cast(pl.Int64).fill_null(0).to_numpy(), given


def gather_facts(
    definition: FeatureSet, source: Source, inputs: Mapping[str, pl.DataFrame], partitions: Partitions
) -> Facts:
    """Take the rows of a source that may enter the build.

    A fact is known from its known_at on, but never before its own day begins, as no earlier partition holds it; one
    that becomes known too late for every build to hold it (see FeatureSet), or after the last decision of the build,
    gets the instant `partitions.horizon`, which no decision reaches. Raises PointInTimeViolation when a row does not
    say when it became known.
    """
    frame = partitions.within(_prepared(definition, source, inputs), definition.day)
    begins = partitions.begins(frame.get_column(definition.day))
    column = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
    assert column is not None  # the definition was checked
    instants = np.maximum(_instants(source, frame, column), begins)
    if not isinstance(source.known_at, Published):
        late = begins + microseconds(timedelta(days=definition.lookback - definition.reach))
        instants = np.where(instants < late, instants, partitions.horizon)
    return Facts(source, frame, np.minimum(instants, partitions.horizon), begins)


def _prepared(definition: FeatureSet, source: Source, inputs: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    frame = inputs[source.table]
    times = [source.known_at.event] if isinstance(source.known_at, Published) else [source.known_at]
    joined = source.look_up.on if source.look_up else None
    wanted = dict.fromkeys([*source.columns, definition.day, *times, *([joined] if joined else [])])
    frame = frame.select(name for name in wanted if name is not None)
    if source.look_up is not None:
        other = inputs[source.look_up.table].select(source.look_up.on, *source.look_up.columns)
        frame = frame.join(other, on=source.look_up.on, how="left", validate="m:1")
    if source.derive:
        frame = frame.with_columns(**source.derive)
    return frame if source.where is None else frame.filter(source.where)


def _instants(source: Source, frame: pl.DataFrame, column: str) -> Integers:
    series = frame.get_column(column)
    if series.dtype != pl.Datetime("us", "UTC"):
        raise PointInTimeViolation(
            f"`{column}` of {source.table} is {series.dtype}, so it cannot say when a fact became known",
            hint="deliver it as Datetime in microseconds, UTC",
        )
    if missing := series.null_count():
        raise PointInTimeViolation(
            f"{missing} of {len(series)} rows of {source.table} have no `{column}`: when were they known?",
            hint="let the contract of the table require it, so that such rows are set aside",
        )
    return series.to_physical().to_numpy()
