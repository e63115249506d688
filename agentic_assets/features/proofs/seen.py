"""The facts of a source as a plain table: when each became known, and nothing else of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from agentic_assets.features.definition import FeatureSet, Published, Source

__all__ = ["BEGINS", "KNOWN_AT", "begins", "facts_of"]

KNOWN_AT: Final = "\x01known_at"
BEGINS: Final = "\x01begins"


def facts_of(definition: FeatureSet, source: Source, inputs: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the facts of a source with `KNOWN_AT` and the beginning of their day, derived and looked up columns too.

    A fact counts from the beginning of its own day at the earliest; one that becomes known too late for a build of
    one day to hold it is left out.
    """
    rows = inputs[source.table].with_columns(begins(definition).alias(BEGINS))
    if source.look_up is not None:
        looked = inputs[source.look_up.table].select(source.look_up.on, *source.look_up.columns)
        rows = rows.drop(source.look_up.columns, strict=False).join(looked, on=source.look_up.on, how="left")
    known_at = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
    rows = rows.with_columns(pl.max_horizontal(pl.col(str(known_at)), BEGINS).alias(KNOWN_AT))
    if not isinstance(source.known_at, Published):
        room = timedelta(days=definition.lookback - definition.reach)
        rows = rows.filter(pl.col(KNOWN_AT) < pl.col(BEGINS) + room)
    rows = rows.with_columns(**source.derive)
    return rows if source.where is None else rows.filter(source.where.fill_null(value=False))


def begins(definition: FeatureSet) -> pl.Expr:
    """Give the first instant of a row's day, in UTC."""
    midnight = pl.col(definition.day).cast(pl.Datetime("us"))
    return midnight.dt.replace_time_zone(definition.zone, ambiguous="earliest").dt.convert_time_zone("UTC")
