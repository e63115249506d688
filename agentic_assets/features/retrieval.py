"""Features of entities as of any moment, for training and analysis: one row out for each row in, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from agentic_assets.errors import ConfigInvalid, NotFound, PointInTimeViolation
from agentic_assets.features.checks import check_frame, check_inputs
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.engine.asof import ASKED_ROW, repeated_keys
from agentic_assets.features.engine.build import build
from agentic_assets.features.engine.partition import DAY

__all__ = ["asked_rows", "check_hidden", "days_of", "described", "reaches_back", "retrieve"]

_INSTANT: Final = pl.Datetime("us", "UTC")
_NAMES: Final = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def retrieve(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> pl.DataFrame:
    """Give the features of the entities asked about, beside the columns that were asked with.

    `asked` names each entity by its key; `decided_at` (Datetime with a time zone) says as of when, by default as the
    feature set does. The same entity may be asked about at many moments. `inputs` are those of `compute`, over the days
    of the entities and the lookback before them. Raises NotFound for entities that no row describes, and
    PointInTimeViolation for moments before the eve of the entity's day or after the day's end.
    """
    wanted = asked_rows(definition, asked)
    check_inputs(definition, inputs)
    check_hidden(definition, asked, {*definition.schema})
    rows = described(inputs[definition.entities.table], wanted, definition.entity, definition.entities.table)
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
    made = build(definition, inputs, days, rows)
    del rows
    order = made.get_column(ASKED_ROW).arg_sort()
    kept = [name for name in made.columns if name not in (ASKED_ROW, definition.entity, *asked.columns)]
    own = [DECIDED_AT] if DECIDED_AT in asked.columns else []
    # Column by column, each dropped once it is in order: many rows are not held twice.
    return asked.with_columns(made.drop_in_place(name).gather(order) for name in [*own, *kept])


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


def asked_rows(definition: FeatureSet, asked: pl.DataFrame) -> pl.DataFrame:
    """Read what is asked: the key as text, the moment in UTC where one is given, and the number of each row.

    Raises ConfigInvalid for rows that name no entity, and
    PointInTimeViolation for moments that do not say in which time zone they are meant.
    """
    where = f"feature set {definition.name}@{definition.version}"
    check_frame(f"{where}: what is asked about", asked)
    if definition.entity not in asked.columns:
        raise ConfigInvalid(
            f"{where}: the entities are named by `{definition.entity}`, which is not among the columns "
            f"{', '.join(f'`{name}`' for name in asked.columns[:8]) or '(there are none)'}",
            hint=f"give a column `{definition.entity}`, and `{DECIDED_AT}` where another moment is meant",
        )
    named = asked.schema[definition.entity]
    if not (named.is_integer() or named in _NAMES):
        raise ConfigInvalid(
            f"{where}: `{definition.entity}` is {named}, which names no entity", hint="name the entities by text"
        )
    columns = [pl.col(definition.entity).cast(pl.String)]
    if DECIDED_AT in asked.columns:
        dtype = asked.schema[DECIDED_AT]
        if dtype != pl.Null and (not isinstance(dtype, pl.Datetime) or dtype.time_zone is None):
            raise PointInTimeViolation(
                f"{where}: `{DECIDED_AT}` is {dtype}, which does not say in which time zone it is meant",
                hint="give instants with an offset, e.g. 2013-07-10T12:00:00Z; in polars, a Datetime with a time zone",
            )
        moment = pl.col(DECIDED_AT)
        columns.append((moment if dtype == pl.Null else moment.dt.convert_time_zone("UTC")).cast(_INSTANT))
    rows = asked.select(columns).with_row_index(ASKED_ROW)
    missing = rows.get_column(definition.entity).null_count()
    if missing:
        raise ConfigInvalid(
            f"{where}: {missing:,} of {rows.height:,} rows name no entity, "
            f"e.g. row {rows.filter(pl.col(definition.entity).is_null()).item(0, ASKED_ROW) + 1:,}",
            hint=f"drop them, or fill in `{definition.entity}`",
        )
    return rows


def check_hidden(definition: FeatureSet, asked: pl.DataFrame, made: set[str]) -> None:
    """Refuse columns that are named as what is to be retrieved: whose values would come out under the name?"""
    own = {definition.entity, definition.day, DECIDED_AT}
    if hidden := [name for name in asked.columns if name in made - own]:
        raise ConfigInvalid(
            f"feature set {definition.name}@{definition.version}: {len(hidden)} of the columns asked with are named as "
            f"what is to be retrieved: {', '.join(f'`{name}`' for name in hidden[:5])}",
            hint="drop or rename them; keep the key, the moment, and columns of your own such as a label",
        )


def described(entities: pl.DataFrame, wanted: pl.DataFrame, key: str, table: str) -> pl.DataFrame:
    """Add to each row what a table says of its entity, null where it lacks it; refuse a table that says it twice."""
    ours, keys = wanted.get_column(key), entities.get_column(key)
    if not repeated_keys(keys):
        if ours.equals(keys):  # all that there are, as they stand: nothing has to be looked up
            return wanted.hstack(entities.drop(wanted.columns, strict=False))
        return wanted.join(entities, on=key, how="left", maintain_order="left")
    theirs = entities.join(wanted.select(key), on=key, how="semi")
    if repeated := int(theirs.get_column(key).is_duplicated().sum()):
        raise PointInTimeViolation(
            f"{repeated:,} rows of {table} share a `{key}` that is asked about: which of them is meant is undefined",
            hint="let the contract of the table require it to be unique",
        )
    return wanted.join(theirs, on=key, how="left", maintain_order="left")
