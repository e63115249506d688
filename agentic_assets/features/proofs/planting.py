"""Plant another future: change whatever a feature set says was not known at an instant, and nothing that was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Final

import polars as pl

from agentic_assets.features.definition import FeatureSet, Published
from agentic_assets.features.kinds.awaited import seen_while_awaited
from agentic_assets.features.proofs.seen import begins

__all__ = ["planted"]

_NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)
_LATER: Final = timedelta(hours=3)
_EVERY: Final = 3
_PATTERN: Final = 85


def planted(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], now: datetime) -> dict[str, pl.DataFrame]:
    """Give the inputs with other values wherever they became known after `now`, and with facts that never were.

    A column counts as known from the earliest instant at which any source may read it. What is published ahead, what
    the entities are told by, and what is looked up is left as it is. Where a column has nulls, values become null and
    nulls become values too.
    """
    return {name: _other(definition, name, rows, now) for name, rows in inputs.items()}


def _other(definition: FeatureSet, table: str, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    instants, fixed = _readable_from(definition, table), _fixed(definition, table)
    every = sorted({column for known in instants.values() for column in known})
    if not every:
        return rows
    day = begins(definition)
    changes = []
    for name, dtype in rows.schema.items():
        known = instants.get(name)
        if name in fixed or not known:
            continue
        first = reduce(pl.min_horizontal, [_known(column, day) for column in sorted(known)])
        value = _different(name, dtype, nullable=name not in every and rows.get_column(name).null_count() > 0)
        changes.append(pl.when(first > now).then(value).otherwise(name).alias(name))
    other = rows.with_columns(changes)
    if fixed - {definition.day}:  # rows of their own are published here: there can be no others
        return other
    # Facts that never were: copies of those of which nothing at all was known, each at an instant of its own.
    ghosts = other.filter(pl.all_horizontal(_known(column, day) > now for column in every))
    shift = pl.duration(microseconds=pl.int_range(rows.height, rows.height + pl.len()))
    return pl.concat([other, ghosts.with_columns(pl.col(column) + shift for column in every)])


def _known(column: str, day: pl.Expr) -> pl.Expr:
    """Give when a fact counts from: never before its day, and never at all where that is not known."""
    return pl.when(pl.col(column).is_null()).then(pl.lit(_NEVER)).otherwise(pl.max_horizontal(column, day))


def _fixed(definition: FeatureSet, table: str) -> set[str]:
    """Name the columns of a table that are known ahead, or have no instant."""
    own, fixed = definition.entities, {definition.day}
    if table == own.table:
        fixed |= {own.key, own.event, *own.columns, *own.after_the_fact}
    for source in definition.sources:
        if source.table == table and isinstance(source.known_at, Published):
            fixed |= {source.known_at.event, *source.columns}
            fixed |= {source.look_up.on} if source.look_up is not None else set()
        if source.look_up is not None and source.look_up.table == table:
            fixed |= {source.look_up.on, *source.look_up.columns}
    return fixed


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
        for opens, columns in seen_while_awaited(definition, source):
            for column in columns:
                found.setdefault(column, set()).add(opens)
    return found


def _different(name: str, dtype: pl.DataType, *, nullable: bool) -> pl.Expr:
    value = pl.col(name)
    if dtype == pl.Boolean:
        other, filled = ~value, pl.lit(value=True)
    elif dtype == pl.String:
        # What stands elsewhere can be read as what it is; a text that is always the same gets another.
        other, filled = pl.when(value.n_unique() > 1).then(value.reverse()).otherwise(value + "?"), pl.lit("?")
    elif dtype == pl.Date:
        other, filled = value + timedelta(days=1), pl.lit(_NEVER.date())
    elif dtype.is_temporal():
        # Each at an instant of its own: keys change places too, and nothing would say which of two facts is newer.
        other, filled = value + _LATER + pl.duration(microseconds=pl.int_range(pl.len())), pl.lit(None)
    elif dtype.is_integer():  # other bits fit into every width
        other, filled = value ^ _PATTERN, pl.lit(_PATTERN)
    elif dtype.is_float():
        other, filled = value + 977.5, pl.lit(977.5)
    else:
        return value
    if not nullable:
        return other
    gone = pl.int_range(pl.len()) % _EVERY == 0
    return pl.when(value.is_null()).then(filled.cast(dtype)).when(gone).then(None).otherwise(other)
