"""Number the keys by which facts are matched to entities: each column once, then the columns together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.table import Table, physical
from agentic_assets.features.engine.timeline import NO_KEY, Integers, take

__all__ = ["Matching"]


@dataclass(frozen=True)
class _Column:
    """One key column of the entities: numbers from 0 to `width - 1`, NO_KEY where it is null."""

    dtype: pl.DataType
    numbers: Integers
    low: int
    width: int
    coded: pl.Series | None = None


class Matching:
    """The keys of the entities of a build, and the same numbers for the facts that share them.

    Numbers differ between runs; only their equality means anything. A key with a null in it matches nothing.
    """

    def __init__(self, entities: pl.DataFrame, table: Table, places: Integers, derived: frozenset[str]) -> None:
        """Take the entities, the table that they are rows of, the number of each in it, and what it does not hold."""
        self._entities = entities
        self._derived = derived
        self._table, self._places = table, places
        self._once = Once()

    def entities(self, key: tuple[str, ...]) -> tuple[Integers, int]:
        """Number the keys of the entities, and give how many numbers there is room for."""
        parts = [self._ours(name).numbers for name in key]
        return self._together(key, parts, self._entities.height)

    def facts(self, facts: Facts, key: tuple[str, ...]) -> Integers:
        """Number the keys of facts, in their order; NO_KEY for those that no entity can have."""
        parts = [
            self._once.get(("facts", facts.source.name, name), partial(self._of_facts, facts, name)) for name in key
        ]
        return self._together(key, parts, len(facts.rows))[0]

    def _together(self, key: tuple[str, ...], parts: list[Integers], rows: int) -> tuple[Integers, int]:
        numbers, count = np.zeros(rows, dtype=np.int64), 1
        for place, (name, part) in enumerate(zip(key, parts, strict=True)):
            width = self._ours(name).width
            numbers = part if place == 0 else numbers * width + part
            count *= width
        if len(parts) > 1:
            for part in parts:
                if len(part) and part.min() < 0:
                    numbers[part < 0] = NO_KEY
        return numbers, count

    def _ours(self, name: str) -> _Column:
        return self._once.get(("ours", name), lambda: self._numbered(name))

    def _numbered(self, name: str) -> _Column:
        here = name in self._entities.columns
        series = self._entities.get_column(name) if here else self._table.rows.get_column(name)
        if series.dtype == pl.String:
            return self._coded(name)
        if not here:  # recorded after the fact: it may select facts, nothing else
            series = series.gather(self._places)
        if not (series.dtype.is_integer() or series.dtype in (pl.Date, pl.Boolean)):
            raise TypeError(f"key `{name}` is {series.dtype}: keys are text, integers, dates or booleans")
        low, high = _ends(series)
        return _Column(series.dtype, _numbers(series, low, high - low + 1), low, high - low + 1)

    def _coded(self, name: str) -> _Column:
        """Number texts in the table of the entities, so that facts of the same table share the numbers."""
        whole = name in self._table.rows.columns and name not in self._derived
        series = self._table.rows.get_column(name) if whole else self._entities.get_column(name)
        coded = series.cast(pl.Categorical(pl.Categories.random()))
        low, high = _ends(coded)
        numbers = _numbers(coded, low, high - low + 1)
        if whole:
            self._once.get(("texts", self._table.name, name), lambda: numbers)
            numbers = take(numbers, self._places)
        # polars forgets the numbers with the last series that uses them: so one is kept.
        return _Column(series.dtype, numbers, low, high - low + 1, coded)

    def _of_facts(self, facts: Facts, name: str) -> Integers:
        return take(self._theirs(facts, name), facts.rows)

    def _theirs(self, facts: Facts, name: str) -> Integers:
        ours, series = self._ours(name), facts.column(name)
        if series.dtype != ours.dtype:
            raise TypeError(
                f"key `{name}` is {series.dtype} in source {facts.source.name!r}, {ours.dtype} in the entities"
            )
        if ours.coded is None:
            return _numbers(series, ours.low, ours.width)
        dtype = ours.coded.dtype
        return self._once.get(
            ("texts", facts.owner(name), name), lambda: _numbers(series.cast(dtype), ours.low, ours.width)
        )


def _ends(series: pl.Series) -> tuple[int, int]:
    given = series.to_physical().drop_nulls()
    return (int(given.min()), int(given.max())) if len(given) else (0, 0)  # type: ignore[arg-type]


def _numbers(series: pl.Series, low: int, width: int) -> Integers:
    values: npt.NDArray[np.int64] = physical(series).astype(np.int64)
    if low:
        values -= low
    if len(values) and (values.min() < 0 or values.max() >= width):
        values[(values < 0) | (values >= width)] = NO_KEY
    if series.null_count():
        values[series.is_null().to_numpy()] = NO_KEY
    return values
