"""The promises of a feature set, checked where they can break: as it is defined, as it is fed, and on what it made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.engine.timeline import Integers
from agentic_assets.features.kinds.kind import KINDS
from agentic_assets.features.purity import check_code
from agentic_assets.features.scope import check_scope

if TYPE_CHECKING:
    from agentic_assets.features.definition import FeatureSet, Source
    from agentic_assets.features.engine.view import View

__all__ = ["check_definition", "check_frame", "check_inputs", "check_views"]


def check_definition(definition: FeatureSet) -> None:
    """Refuse a definition that does not say when its facts are known, or that names a forbidden column."""
    where = f"feature set {definition.name}@{definition.version}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", definition.version):
        raise ConfigInvalid(f"{where}: the version is not of the form 1.2.3")
    check_scope(where, definition.entities, definition.sources, definition.day)
    try:
        ZoneInfo(definition.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigInvalid(
            f"{where}: there is no time zone {definition.zone!r}", hint="name one as America/New_York, or UTC"
        ) from error
    if not 0 < definition.reach < definition.lookback:
        raise ConfigInvalid(
            f"{where}: a reach of {definition.reach} days needs a longer lookback than {definition.lookback} days",
            hint="leave room for facts that become known days after their own day began",
        )
    names = [*definition.schema]
    declared = [feature.name for feature in definition.features]
    if len(names) != 3 + len(declared) + len(definition.view_names):
        raise ConfigInvalid(f"{where}: two columns share a name: {_repeated(declared) or declared}"[:300])
    readable = {definition.entities.table, *definition.inputs}
    for feature in definition.features:
        if feature.kind not in KINDS:
            raise ConfigInvalid(f"{where}: feature `{feature.name}` is of the unknown kind {feature.kind!r}")
        for column in feature.sources:
            table, _, _ = column.rpartition(".")
            if any(fnmatchcase(column, pattern) for pattern in definition.forbidden):
                raise PointInTimeViolation(f"{where}: feature `{feature.name}` rests on `{column}`, which is forbidden")
            if table not in readable:
                raise ConfigInvalid(f"{where}: feature `{feature.name}` rests on `{column}`, a table it does not read")
    _check_forbidden(definition, where)
    _check_described(definition, where)
    check_code(definition)


def _check_forbidden(definition: FeatureSet, where: str) -> None:
    """Refuse to read forbidden columns at all: what is read may enter a value though no feature names it."""
    for table, columns in definition.reads.items():
        for column in columns:
            if any(fnmatchcase(f"{table}.{column}", pattern) for pattern in definition.forbidden):
                raise PointInTimeViolation(
                    f"{where}: it reads `{table}.{column}`, which is forbidden",
                    hint="leave the column out of sources, look-ups and entities",
                )


def _check_described(definition: FeatureSet, where: str) -> None:
    """Refuse features that are described otherwise than their view declares them."""
    from agentic_assets.features.declaring import Declared

    named = {source.name: source for source in definition.sources}
    for view in definition.views:
        if isinstance(view, Declared):
            declared = view.features(definition.entities, named, day=definition.day, reach=definition.reach)
            if declared != tuple(feature for feature in definition.features if feature.view == view.name):
                raise ConfigInvalid(
                    f"{where}: the features of view {view.name!r} are not those that it declares",
                    hint="define the set with `feature_set`, which takes them from the views",
                )


def check_frame(what: str, frame: object) -> None:
    """Refuse what is no polars frame: a plan that is not collected yet, a frame of another library, a list of rows."""
    if not isinstance(frame, pl.DataFrame):
        hints = {"LazyFrame": "collect it: `.collect()`", "Table": "convert it with `polars.from_arrow`"}
        kind = type(frame)
        hint = hints.get(
            kind.__name__, f"convert it with `polars.{'from_pandas' if _is_pandas(kind) else 'DataFrame'}`"
        )
        raise ConfigInvalid(f"{what} is a {kind.__module__.partition('.')[0]} {kind.__name__}", hint=hint)


def _is_pandas(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "pandas"


def check_inputs(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame]) -> None:
    """Refuse inputs that lack a table or a column, or whose instants are not instants."""
    where = f"feature set {definition.name}@{definition.version}"
    for table, columns in definition.reads.items():
        if table not in inputs:
            raise PointInTimeViolation(
                f"{where} reads {table}, which is not among its inputs", hint=f"give {', '.join(definition.inputs)}"
            )
        check_frame(f"{where}: the input {table}", inputs[table])
        if missing := [name for name in columns if name not in inputs[table].columns]:
            instants = {source.known_at for source in definition.sources if source.table == table}
            raise PointInTimeViolation(
                f"{table} lacks {', '.join(f'`{name}`' for name in missing[:8])}, which feature set "
                f"{definition.name}@{definition.version} declares",
                hint="without the column that says when a fact became known, the fact cannot be used"
                if instants & {*missing}
                else f"deliver it; {table} has {', '.join(inputs[table].columns[:12]) or 'no columns'}"[:300],
            )
    keys = inputs[definition.entities.table].get_column(definition.entity)
    if keys.dtype != pl.String:
        raise ConfigInvalid(
            f"`{keys.name}` of {definition.entities.table} is {keys.dtype}: entities are named by text",
            hint="deliver the key as text",
        )
    for table in dict.fromkeys([definition.entities.table, *(source.table for source in definition.sources)]):
        _check_days(table, inputs[table].get_column(definition.day))
    _check_event(definition, inputs[definition.entities.table])
    for source in definition.sources:
        _check_instants(definition, source, inputs[source.table])


def _check_event(definition: FeatureSet, rows: pl.DataFrame) -> None:
    event, table = definition.entities.event, definition.entities.table
    if rows.schema[event] != pl.Datetime("us", "UTC"):
        raise PointInTimeViolation(
            f"`{event}` of {table} is {rows.schema[event]}, so it cannot say when to decide",
            hint="deliver it as Datetime in microseconds, UTC",
        )


def _check_days(table: str, days: pl.Series) -> None:
    if days.dtype != pl.Date:
        raise ConfigInvalid(f"`{days.name}` of {table} is {days.dtype}: a row's day is a Date", hint="deliver a Date")
    if missing := days.null_count():
        raise ConfigInvalid(
            f"{missing} of {len(days)} rows of {table} have no `{days.name}`: no partition holds them",
            hint="let the contract of the table require it, so that such rows are set aside",
        )


def _check_instants(definition: FeatureSet, source: Source, rows: pl.DataFrame) -> None:
    """Refuse to read, with a fact, when something else will become known: that is told only once it has come."""
    others = {other.known_at for other in definition.sources if other.table == source.table}
    others |= {
        instant for other in definition.sources if other.table == source.table for instant in other.later.values()
    }
    for column in source.columns:
        if column in others and column != source.known_at and isinstance(source.known_at, str):
            known = pl.max_horizontal(source.known_at, column) == pl.col(source.known_at)
            early = rows.height - int(rows.select(known.fill_null(value=False).sum()).item())
            if early:
                raise PointInTimeViolation(
                    f"source {source.name!r} ({source.table}) reads `{column}` from `{source.known_at}` on, in {early} "
                    f"of {rows.height} rows before that instant has come: it would tell the future",
                    hint=f"leave it out, or give it a source whose known_at is `{column}`",
                )


def check_views(definition: FeatureSet, views: tuple[View, ...], decided: Integers) -> None:
    """Refuse what was made if a column is missing, undeclared, or rests on something later than the decision."""
    where = f"feature set {definition.name}@{definition.version}"
    made = {(view.name, column) for view in views for column in view.columns}
    declared = {(feature.view, feature.name) for feature in definition.features}
    if made != declared or len(views) != len(definition.view_names):
        lacking = sorted(f"{view}.{name}" for view, name in declared - made)
        undeclared = sorted(f"{view}.{name}" for view, name in made - declared)
        raise ConfigInvalid(
            f"{where}: its code makes other columns than it declares; lacking {lacking[:5]}, "
            f"undeclared {undeclared[:5]}"
        )
    for view in views:
        if view.known_at.shape != decided.shape or view.known_at.dtype != decided.dtype:
            raise ConfigInvalid(
                f"{where}: view {view.name!r} proves {view.known_at.shape} instants of {view.known_at.dtype} for "
                f"{len(decided)} entities",
                hint="give when its newest fact became known, one int64 an entity, as `Window.known_at` does",
            )
        for name, column in view.columns.items():
            if len(column) != len(decided):
                raise ConfigInvalid(f"{where}: `{name}` has {len(column)} values for {len(decided)} entities")
        if late := int((view.known_at > decided).sum()):
            raise PointInTimeViolation(
                f"{where}: view {view.name!r} rests, in {late} of {len(decided)} rows, on facts not yet known then",
                hint="nothing was published; look only at windows that end at the decision",
            )


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})[:5]
