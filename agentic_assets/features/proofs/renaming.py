"""Rename what is recorded after the fact: whoever only selects facts by it makes the same features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import polars as pl

from agentic_assets.features.declaring import Declared
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.kinds import Newest, Rates, Windowed

__all__ = ["only_selecting", "renamed"]

_OTHER = "\x01"


def renamed(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Give the inputs with other names in the columns that may only select facts: equal ones stay equal.

    Where an entity has none, it gets one that nothing else has: so that it is null cannot be told either.
    """
    other = dict(inputs)
    for column in only_selecting(definition):
        for table in _holding(definition, column):
            values = other[table].get_column(column)
            unique = table == definition.entities.table and values.null_count() > 0
            other[table] = other[table].with_columns(_other(column, values, unique=unique).alias(column))
    return other


def only_selecting(definition: FeatureSet) -> tuple[str, ...]:
    """Name the columns recorded after the fact that nothing declared reads as a value of a known fact."""
    return tuple(name for name in definition.entities.after_the_fact if name not in {*_read(definition)})


def _holding(definition: FeatureSet, column: str) -> set[str]:
    found = {definition.entities.table}
    for source in definition.sources:
        found |= {source.table} if column in source.columns else set()
        found |= {source.look_up.table} if source.look_up is not None and column in source.look_up.columns else set()
    return found


def _read(definition: FeatureSet) -> Iterator[str]:
    """Name what is read of facts beside their keys, and what cannot be renamed."""
    for source in definition.sources:
        yield from (*source.derive, *source.later, *source.tie)
        yield from [source.look_up.on] if source.look_up is not None else []
        for expression in (*source.derive.values(), *([source.where] if source.where is not None else [])):
            yield from expression.meta.root_names()
    for view in definition.views:
        for part in view.parts if isinstance(view, Declared) else ():
            if isinstance(part, Newest):
                yield from (column for value in part.values for column in value.reads)
                yield from [part.dated] if part.dated else []
            elif isinstance(part, Windowed):
                yield from (column for aggregate in part.aggregates for column in aggregate.reads)
            elif isinstance(part, Rates):
                yield part.measure


def _other(column: str, values: pl.Series, *, unique: bool) -> pl.Expr:
    value, number = pl.col(column), pl.int_range(pl.len())
    if values.dtype == pl.String:
        other = value + _OTHER
        return pl.when(value.is_null()).then(_OTHER + number.cast(pl.String)).otherwise(other) if unique else other
    if values.dtype.is_integer():
        top = int(values.max() or 0) | 1  # type: ignore[arg-type]
        room = top + len(values) < values.dtype.max() if hasattr(values.dtype, "max") else True
        other = value ^ 1
        fresh = (number + top + 1).cast(values.dtype)
        return pl.when(value.is_null()).then(fresh).otherwise(other) if unique and room else other
    return value + timedelta(days=1) if values.dtype == pl.Date else value
