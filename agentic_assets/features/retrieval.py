"""Features of entities as of any moment, for training and analysis: one row out for each row in, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from agentic_assets.errors import ConfigInvalid, NotFound, PointInTimeViolation
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.engine.asof import ASKED_ROW
from agentic_assets.features.engine.build import build
from agentic_assets.features.engine.partition import DAY

__all__ = ["days_of", "reaches_back", "retrieve"]

_INSTANT: Final = pl.Datetime("us", "UTC")


def retrieve(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> pl.DataFrame:
    """Give the features of the entities asked about, beside the columns that were asked with.

    `asked` names each entity by its key; `decided_at` (Datetime with a time zone) says as of when, by default as the
    feature set does. The same entity may be asked about at many moments. `inputs` are those of `compute`, over the days
    of the entities and the lookback before them. Raises NotFound for entities that no row describes, and
    PointInTimeViolation for moments before the eve of the entity's day or after the day's end.
    """
    rows = _asked(definition, asked).join(
        inputs[definition.entities.table], on=definition.entity, how="left", maintain_order="left", validate="m:1"
    )
    unknown = rows.filter(pl.col(definition.day).is_null()).get_column(definition.entity)
    if len(unknown):
        raise NotFound(
            f"{len(unknown):,} of {rows.height:,} entities are not in {definition.entities.table}, e.g. "
            f"{', '.join(map(repr, unknown.head(3).to_list()))}"[:400],
            hint=f"check the column `{definition.entity}`, and that the days of these entities were loaded",
        )
    days = days_of(definition, rows)
    if days is None:
        return asked.with_columns(
            pl.Series(name, [], dtype) for name, dtype in definition.schema.items() if name not in asked.columns
        )
    lead = (pl.col(definition.entities.event) - definition.entities.lead).cast(_INSTANT)
    rows = rows.with_columns((pl.coalesce(DECIDED_AT, lead) if DECIDED_AT in rows.columns else lead).alias(DECIDED_AT))
    made = build(definition, inputs, days, rows).sort(ASKED_ROW)
    kept = [name for name in made.columns if name not in (ASKED_ROW, definition.entity) and name not in asked.columns]
    decided = made.select(DECIDED_AT) if DECIDED_AT in asked.columns else made.select()
    return asked.with_columns(*decided.iter_columns(), *made.select(kept).iter_columns())


def days_of(definition: FeatureSet, rows: pl.DataFrame) -> tuple[date, date] | None:
    """Give the first and the last day of entities; None when there are none."""
    days = rows.get_column(definition.day).drop_nulls()
    if days.is_empty():
        return None
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first, last


def reaches_back(definition: FeatureSet, first: date) -> date:
    """Give the first day of the inputs that entities of a day may rest on."""
    return first - definition.lookback * DAY


def _asked(definition: FeatureSet, asked: pl.DataFrame) -> pl.DataFrame:
    where = f"feature set {definition.name}@{definition.version}"
    if definition.entity not in asked.columns:
        raise ConfigInvalid(
            f"{where}: the entities are named by `{definition.entity}`, which is not among the columns "
            f"{', '.join(f'`{name}`' for name in asked.columns[:8])}",
            hint=f"give a column `{definition.entity}`, and `{DECIDED_AT}` where another moment is meant",
        )
    columns = [pl.col(definition.entity).cast(pl.String)]
    if DECIDED_AT in asked.columns:
        dtype = asked.schema[DECIDED_AT]
        if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
            raise PointInTimeViolation(
                f"{where}: `{DECIDED_AT}` is {dtype}, which does not say in which time zone it is meant",
                hint="give instants with an offset, e.g. 2013-07-10T12:00:00Z",
            )
        columns.append(pl.col(DECIDED_AT).dt.convert_time_zone("UTC").cast(_INSTANT))
    rows = asked.select(columns).with_row_index(ASKED_ROW)
    missing = rows.get_column(definition.entity).null_count()
    if missing:
        raise ConfigInvalid(f"{where}: {missing} of {rows.height} rows name no entity", hint="drop them, or name it")
    return rows
