"""Plant another future: change whatever a feature set says was not known at an instant, and nothing that was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce

import polars as pl

from agentic_assets.features.declaring import Declared
from agentic_assets.features.definition import FeatureSet, Published, Source
from agentic_assets.features.kinds import Awaited
from agentic_assets.features.proofs.seen import begins

__all__ = ["planted"]

_LATER = timedelta(hours=3)


def planted(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], now: datetime) -> dict[str, pl.DataFrame]:
    """Give the inputs with other values wherever they became known after `now`, and with facts that never were.

    A column counts as known from the earliest instant at which any source may read it. Tables that are published
    ahead, that hold the entities, or that columns are looked up in are left as they are.
    """
    fixed = {definition.entities.table}
    fixed |= {source.table for source in definition.sources if isinstance(source.known_at, Published)}
    fixed |= {source.look_up.table for source in definition.sources if source.look_up is not None}
    return {name: rows if name in fixed else _other(definition, name, rows, now) for name, rows in inputs.items()}


def _other(definition: FeatureSet, table: str, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    instants = _readable_from(definition, table)
    day = begins(definition)
    changes = []
    for name, dtype in rows.schema.items():
        known = instants.get(name)
        if name == definition.day or not known:
            continue
        first = reduce(pl.min_horizontal, [pl.max_horizontal(column, day) for column in known])
        changes.append(pl.when(first > now).then(_different(name, dtype)).otherwise(name).alias(name))
    other = rows.with_columns(changes)
    every = sorted({column for known in instants.values() for column in known})
    # Facts that never were: copies of those of which nothing at all was known.
    ghosts = other.filter(pl.all_horizontal(pl.max_horizontal(column, day) > now for column in every))
    return pl.concat([other, ghosts])


def _readable_from(definition: FeatureSet, table: str) -> dict[str, set[str]]:
    """Say for each column of a table by which instant columns it may be known."""
    found: dict[str, set[str]] = {}
    for source in definition.sources:
        if source.table != table or not isinstance(source.known_at, str):
            continue
        for column in (*source.columns, source.known_at):
            found.setdefault(column, set()).add(source.known_at)
        for column, known_at in source.later.items():
            found.setdefault(column, set()).add(known_at)
            found.setdefault(known_at, set()).add(known_at)
        if source.look_up is not None:
            found.setdefault(source.look_up.on, set()).add(source.known_at)
        for opens, columns in _awaited(definition, source):
            for column in columns:
                found.setdefault(column, set()).add(opens)
    return found


def _awaited(definition: FeatureSet, source: Source) -> list[tuple[str, set[str]]]:
    """What is awaited is seen since it opened: its key and that instant are known before the fact is."""
    found = []
    for view in definition.views:
        for part in view.parts if isinstance(view, Declared) else ():
            if isinstance(part, Awaited) and part.source == source.name:
                roots = {part.opens}
                for name in part.by:
                    derived = source.derive.get(name)
                    roots |= {name} if derived is None else set(derived.meta.root_names())
                found.append((part.opens, roots))
    return found


def _different(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if dtype == pl.Boolean:
        return ~value
    if dtype == pl.String:
        return value + "?"
    if dtype.is_temporal():
        return value + _LATER
    if dtype.is_integer():
        return (value + 977).cast(dtype)
    return value + 977.5 if dtype.is_float() else value
