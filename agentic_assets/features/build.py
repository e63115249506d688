"""Build partitions of a feature set, and check that the rows keep its promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.asof import AsOf
from agentic_assets.features.checks import check_inputs, check_views
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.timeline import UNKNOWN

__all__ = ["build"]


def build(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], days: tuple[date, date]) -> pl.DataFrame:
    """Build all days from the first to the last: see FeatureSet.compute."""
    check_inputs(definition, inputs)
    at = AsOf(definition, inputs, *days)
    try:
        views = definition.views(at)
    except pl.exceptions.ColumnNotFoundError as error:
        hidden = ", ".join(f"`{name}`" for name in definition.entities.after_the_fact)
        raise PointInTimeViolation(
            f"feature set {definition.name}@{definition.version} reads a column that it may not see: "
            f"{str(error).partition(chr(10))[0][:120]}",
            hint=f"declare the column; what is recorded after the fact ({hidden}) can only select facts",
        ) from error
    check_views(definition, views, at.decided)
    named = {view.name: view for view in views}
    columns = [at.entities.get_column(name) for name in (definition.entity, definition.day, DECIDED_AT)]
    columns += [
        named[feature.view].columns[feature.name].cast(feature.dtype).alias(feature.name)
        for feature in definition.features
    ]
    for name in definition.view_names:
        known = pl.Series(f"{name}_known_at", named[name].known_at)
        columns.append(known.replace(UNKNOWN, None).cast(pl.Datetime("us", "UTC")))
    return pl.DataFrame(columns)
