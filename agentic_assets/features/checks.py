"""The promises of a feature set, checked where they can break: as it is defined, as it is fed, and on what it made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.engine.timeline import Integers
from agentic_assets.features.kinds.kind import KINDS

if TYPE_CHECKING:
    from agentic_assets.features.definition import FeatureSet
    from agentic_assets.features.engine.view import View

__all__ = ["check_definition", "check_inputs", "check_views"]


def check_definition(definition: FeatureSet) -> None:
    """Refuse a definition that does not say when its facts are known, or that names a forbidden column."""
    where = f"feature set {definition.name}@{definition.version}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", definition.version):
        raise ConfigInvalid(f"{where}: the version is not of the form 1.2.3")
    for source in definition.sources:
        if source.known_at is None:
            raise PointInTimeViolation(
                f"{where}: source {source.name!r} ({source.table}) does not declare when its facts become known",
                hint="give its `known_at` column, or Published(event, before) for what is known ahead by declaration",
            )
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


def check_inputs(definition: FeatureSet, inputs: Mapping[str, pl.DataFrame]) -> None:
    """Refuse inputs that lack a table or a column, or whose instants are not instants."""
    for table, columns in definition.reads.items():
        if table not in inputs:
            raise PointInTimeViolation(
                f"feature set {definition.name}@{definition.version} reads {table}, which is not among its inputs",
                hint=f"give {', '.join(definition.inputs)}",
            )
        if missing := [name for name in columns if name not in inputs[table].columns]:
            raise PointInTimeViolation(
                f"{table} lacks {', '.join(f'`{name}`' for name in missing[:8])}, which feature set "
                f"{definition.name}@{definition.version} declares",
                hint="without the column that says when a fact became known, the fact cannot be used",
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
