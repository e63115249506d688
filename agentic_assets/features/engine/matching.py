"""Number the keys by which facts are matched to entities: each column once, then the columns together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.table import Table, integers
from agentic_assets.features.engine.timeline import NO_KEY, Integers, take

__all__ = ["Matching"]

# Integers further apart than this are numbered anew, and so are keys of several columns with room for more than these:
# numbers of keys are multiplied with numbers of instants.
_WIDE: Final = 2**24
_ROOM: Final = 2**36


@dataclass(frozen=True)
class _Column:
    """One key column of the entities: numbers from 0 to `width - 1`, NO_KEY where it is null."""

    dtype: pl.DataType
    numbers: Integers
    low: int
    width: int
    coded: pl.Series | None = None
    distinct: npt.NDArray[np.generic] | None = None


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
        numbers, count, _ = self._once.get(("key", key), lambda: self._combined(key))
        return numbers, count

    def facts(self, facts: Facts, key: tuple[str, ...]) -> Integers:
        """Number the keys of facts, in their order; NO_KEY for those that no entity can have."""
        parts = [
            self._once.get(("facts", facts.source.name, name), partial(self._of_facts, facts, name)) for name in key
        ]
        *_, steps = self._once.get(("key", key), lambda: self._combined(key))
        return self._together(key, parts, len(facts.rows), steps)

    def _combined(self, key: tuple[str, ...]) -> tuple[Integers, int, dict[int, Integers]]:
        """Number the entities' keys, and where there is too much room between numbers say which of them there are."""
        parts = [self._ours(name).numbers for name in key]
        count, steps = 1, dict[int, Integers]()
        for place, name in enumerate(key):
            width = self._ours(name).width
            if place and count * width > _ROOM:
                so_far = self._together(key[:place], parts[:place], self._entities.height, steps)
                steps[place] = np.unique(so_far[so_far >= 0])
                count = max(1, len(steps[place]))
            count *= width
        return self._together(key, parts, self._entities.height, steps), count, steps

    def _together(
        self, key: tuple[str, ...], parts: list[Integers], rows: int, steps: Mapping[int, Integers]
    ) -> Integers:
        numbers = np.zeros(rows, dtype=np.int64)
        lacking = np.zeros(0, dtype=np.bool_)
        for place, (name, part) in enumerate(zip(key, parts, strict=True)):
            if place in steps:
                numbers = _among(numbers, steps[place])
                lacking = numbers < 0 if not len(lacking) else lacking | (numbers < 0)
            numbers = part if place == 0 else numbers * self._ours(name).width + part
        if len(parts) > 1:
            for part in parts:
                if len(part) and part.min() < 0:
                    numbers[part < 0] = NO_KEY
            if len(lacking):
                numbers[lacking] = NO_KEY
        return numbers

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
            raise ConfigInvalid(
                f"key `{name}` is {series.dtype} in {self._table.name}: keys are text, integers, dates or Booleans",
                hint="derive a column of such a type, in the entities and in the source",
            )
        numbers, given = integers(series)
        low, width = _spread(numbers, given)
        if width > _WIDE:  # far apart, such as account numbers: their places among each other will do
            distinct = np.unique(numbers if given is None else numbers[given])
            return _Column(series.dtype, _places(series, distinct), 0, len(distinct), distinct=distinct)
        return _Column(series.dtype, _within(numbers, given, low, width), low, width)

    def _coded(self, name: str) -> _Column:
        """Number texts in the table of the entities, so that facts of the same table share the numbers."""
        whole = name in self._table.rows.columns and name not in self._derived
        series = self._table.rows.get_column(name) if whole else self._entities.get_column(name)
        coded = series.cast(pl.Categorical(pl.Categories.random()))
        codes, given = integers(coded)
        low, width = _spread(codes, given)
        numbers = _within(codes, given, low, width)
        if whole:
            self._once.get(("texts", self._table.label, name), lambda: numbers)
            numbers = take(numbers, self._places)
        # polars forgets the numbers with the last series that uses them: so one is kept.
        return _Column(series.dtype, numbers, low, width, coded)

    def _of_facts(self, facts: Facts, name: str) -> Integers:
        return take(self._theirs(facts, name), facts.rows)

    def _theirs(self, facts: Facts, name: str) -> Integers:
        ours, series = self._ours(name), facts.column(name)
        if series.dtype != ours.dtype:
            raise ConfigInvalid(
                f"key `{name}` is {series.dtype} in source {facts.source.name!r} ({facts.source.table}), {ours.dtype} "
                f"in {self._table.name}",
                hint="deliver or derive it in one type",
            )
        if ours.distinct is not None:
            return _places(series, ours.distinct)
        if ours.coded is None:
            return _numbers(series, ours.low, ours.width)
        dtype = ours.coded.dtype
        return self._once.get(
            ("texts", facts.owner(name), name), lambda: _numbers(series.cast(dtype), ours.low, ours.width)
        )


def _spread(numbers: npt.NDArray[Any], given: npt.NDArray[np.bool_] | None) -> tuple[int, int]:
    """Give the least of the numbers, and how many there are from it to the largest."""
    known = numbers if given is None else numbers[given]
    return (int(known.min()), int(known.max()) - int(known.min()) + 1) if len(known) else (0, 1)


def _places(series: pl.Series, distinct: npt.NDArray[np.generic]) -> Integers:
    """Give the place of each value among the distinct ones of the entities; NO_KEY for any other, and for null."""
    numbers, given = integers(series)
    places = _among(numbers, distinct)
    if given is not None:
        places[~given] = NO_KEY
    return places


def _among(values: npt.NDArray[np.generic], distinct: npt.NDArray[np.generic]) -> Integers:
    if not len(distinct):
        return np.full(len(values), NO_KEY, dtype=np.int64)
    places = np.searchsorted(distinct, values).astype(np.int64)
    return np.where(distinct[np.minimum(places, len(distinct) - 1)] == values, places, NO_KEY)


def _numbers(series: pl.Series, low: int, width: int) -> Integers:
    return _within(*integers(series), low, width)


def _within(numbers: npt.NDArray[Any], given: npt.NDArray[np.bool_] | None, low: int, width: int) -> Integers:
    values: Integers = numbers.astype(np.int64)
    if low:
        values -= low
    if len(values) and (values.min() < 0 or values.max() >= width):
        values[(values < 0) | (values >= width)] = NO_KEY
    if given is not None:
        values[~given] = NO_KEY
    return values
