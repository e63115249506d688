"""The facts of a source as a plain table: when each became known, and nothing else of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from agentic_assets.features.definition import FeatureSet, Published, Source

__all__ = ["BEGINS", "KNOWN_AT", "TOO_LATE", "begins", "facts_of"]

KNOWN_AT: Final = "\x01known_at"
BEGINS: Final = "\x01begins"
TOO_LATE: Final = "\x01too_late"

_HOURS: Final = 3


def facts_of(definition: FeatureSet, source: Source, inputs: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the facts of a source with `KNOWN_AT`, the beginning of their day, and when they are too late to count.

    Derived and looked up columns are there too. A fact counts from the beginning of its own day at the earliest; one
    that becomes known too late for a build of one day to hold it is never known: its `KNOWN_AT` is null.
    """
    alone = (definition.lookback + 1) * timedelta(days=1)
    rows = inputs[source.table].with_columns(
        begins(definition).alias(BEGINS),
        # The first day that does not hold it, less its eve, less the longest window.
        (begins(definition, alone) - timedelta(days=definition.reach + 1)).alias(TOO_LATE),
    )
    if source.look_up is not None:
        other = inputs[source.look_up.table]
        on = [*dict.fromkeys([source.look_up.on, *({definition.day} & {*other.columns})])]
        rows = rows.drop(source.look_up.columns, strict=False).join(
            other.select(dict.fromkeys([*on, *source.look_up.columns]).keys()), on=on, how="left"
        )
    known_at = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
    counts = pl.max_horizontal(pl.col(str(known_at)), BEGINS)
    rows = rows.with_columns(pl.when(counts < pl.col(TOO_LATE)).then(counts).alias(KNOWN_AT))
    rows = rows.with_columns(**source.derive)
    return rows if source.where is None else rows.filter(source.where.fill_null(value=False))


def begins(definition: FeatureSet, later: timedelta = timedelta(0)) -> pl.Expr:
    """Give the first instant of a row's day, or of one some days later, in UTC."""
    midnight = pl.col(definition.day).cast(pl.Datetime("us")) + later
    # Where clocks are put forward at midnight, the day begins at the first time that they show.
    shown = [
        (midnight + timedelta(hours=hours)).dt.replace_time_zone(
            definition.zone, ambiguous="earliest", non_existent="null"
        )
        for hours in range(_HOURS)
    ]
    return pl.coalesce(shown).dt.convert_time_zone("UTC")
