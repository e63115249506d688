"""Build partitions of a feature set, and check that the rows keep its promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import polars as pl
from polars import selectors as cs

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.checks import check_inputs, check_views
from agentic_assets.features.definition import DECIDED_AT, Feature, FeatureSet
from agentic_assets.features.engine.asof import ASKED_ROW, AsOf, check_unique
from agentic_assets.features.engine.spans import joined, spans
from agentic_assets.features.engine.timeline import UNKNOWN
from agentic_assets.features.engine.view import View
from agentic_assets.features.purity import check_code

__all__ = ["build"]

_WORTH_THREADS = 40_000


def build(
    definition: FeatureSet,
    inputs: Mapping[str, pl.DataFrame],
    days: tuple[date, date],
    asked: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Build all days from the first to the last: see FeatureSet.compute; `asked` stands in for the entities' table."""
    if wrong := [day for day in days if not isinstance(day, date) or isinstance(day, datetime)]:
        raise ConfigInvalid(
            f"the range of days holds {wrong[0]!r:.60}, which is a {type(wrong[0]).__name__}",
            hint="give (first, last) as datetime.date, days of the set's own time zone",
        )
    check_code(definition)  # a name may stand for something else than when the set was defined
    check_inputs(definition, inputs)
    # What is not declared cannot be read, not even by code that digs for it.
    inputs = {
        table: inputs[table].select(cs.by_name(*columns) | cs.by_name(definition.day, require_all=False))
        for table, columns in definition.reads.items()
    }
    entities = inputs[definition.entities.table] if asked is None else asked
    cut = spans(entities.get_column(definition.day), *days, definition.lookback)
    if len(cut) == 1:
        return _built(definition, inputs, days, asked)
    if asked is None:
        check_unique(definition, entities.filter(pl.col(definition.day).is_between(*days)))
    parts = [
        _built(
            definition, inputs, span, None if asked is None else asked.filter(pl.col(definition.day).is_between(*span))
        )
        for span in cut
    ]
    return joined(parts, definition.entity)


def _built(
    definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], days: tuple[date, date], asked: pl.DataFrame | None
) -> pl.DataFrame:
    at, views = _made(definition, inputs, days, asked)
    check_views(definition, views, at.decided)
    named = {view.name: view for view in views}
    own = (definition.entity, definition.day, DECIDED_AT, *(() if at.on_time else (ASKED_ROW,)))
    columns = [at.entities.get_column(name) for name in own]
    columns += [
        _typed(definition, feature, named[feature.view].columns[feature.name]) for feature in definition.features
    ]
    return pl.DataFrame([*columns, *_proofs(named[name] for name in definition.view_names)])


def _made(
    definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], days: tuple[date, date], asked: pl.DataFrame | None
) -> tuple[AsOf, tuple[View, ...]]:
    """Make the views, which do not depend on each other, side by side where polars may use several threads.

    Twice as many threads as polars has: half of them wait for polars at any time.
    """
    threads = min(2 * pl.thread_pool_size(), len(definition.views))
    if pl.thread_pool_size() < 2 or inputs[definition.entities.table].height < _WORTH_THREADS:
        at = AsOf(definition, inputs, *days, asked=asked)
        return at, tuple(_view(definition, make, at) for make in definition.views)
    with ThreadPoolExecutor(threads) as pool:
        at = AsOf(definition, inputs, *days, pool, asked)
        return at, tuple(pool.map(lambda make: _view(definition, make, at), definition.views))


def _view(definition: FeatureSet, make: Callable[[AsOf], View], at: AsOf) -> View:
    try:
        return make(at)
    except pl.exceptions.ColumnNotFoundError as error:
        hidden = ", ".join(f"`{name}`" for name in definition.entities.after_the_fact) or "nothing"
        raise PointInTimeViolation(
            f"feature set {definition.name}@{definition.version} reads a column that it may not see: "
            f"{str(error).partition(chr(10))[0][:120]}",
            hint=f"declare the column; what is recorded after the fact ({hidden}) can only select facts",
        ) from error


def _typed(definition: FeatureSet, feature: Feature, column: pl.Series) -> pl.Series:
    if column.dtype == feature.dtype:
        return column.alias(feature.name)
    try:
        if column.dtype.is_float() and not feature.dtype.is_float():
            raise pl.exceptions.InvalidOperationError("digits after the point would be lost")
        if (column.dtype == pl.String) != (feature.dtype == pl.String) and column.dtype != pl.Null:
            raise pl.exceptions.InvalidOperationError("text is no number, and what it says may change with the data")
        return column.cast(feature.dtype).alias(feature.name)
    except pl.exceptions.PolarsError as error:
        raise ConfigInvalid(
            f"feature set {definition.name}@{definition.version}: `{feature.name}` is declared as {feature.dtype} and "
            f"made as {column.dtype}: {str(error).partition(chr(10))[0][:160]}",
            hint="declare the type of its column, or derive a column of the declared type",
        ) from error


def _proofs(views: Iterable[View]) -> list[pl.Series]:
    known = pl.DataFrame({f"{view.name}_known_at": view.known_at for view in views})
    return known.select(pl.when(pl.all() != UNKNOWN).then(pl.all().cast(pl.Datetime("us", "UTC")))).get_columns()
