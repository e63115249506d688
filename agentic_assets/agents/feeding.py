"""The input contract of an agent: one version of a feature set, the columns of it that it reads, and their types."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.agents.spec import Spec
from agentic_assets.errors import ConfigInvalid, PartitionRefused
from agentic_assets.features import FeatureSet
from agentic_assets.language import fits

__all__ = ["check_feed", "fed"]

_SHOWN = 8


def check_feed(spec: Spec, feature_set: FeatureSet) -> None:
    """Refuse, before anything runs, a feature set that is not the version that the agent names, or lacks what it reads.

    Raises ConfigInvalid.
    """
    offered = f"{feature_set.name}@{feature_set.version}"
    if (spec.feature_set, spec.entity) != (offered, feature_set.entity):
        raise ConfigInvalid(
            f"agent {spec.id} reads {spec.feature_set} by `{spec.entity}`, and is given {offered} by "
            f"`{feature_set.entity}`",
            hint="give it the version that it was made for, or raise its own version together with the one it reads",
        )
    breaches = _breaches(spec, feature_set.schema)
    if breaches:
        raise ConfigInvalid(
            f"agent {spec.id} does not find in {offered} what its input declares:\n{breaches}",
            hint="correct `input.columns` of the spec",
        )


def fed(features: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """Give the entity and the declared columns of the features, and nothing else; all of them when none is declared.

    Raises PartitionRefused for a column that is missing or of another type.
    """
    breaches = _breaches(spec, features.schema)
    if breaches:
        raise PartitionRefused(
            f"agent {spec.id} is not given what its input declares:\n{breaches}",
            hint=f"give it the columns of {spec.feature_set}",
        )
    return features.select(spec.entity, *spec.columns) if spec.columns else features


def _breaches(spec: Spec, schema: Mapping[str, pl.DataType]) -> str:
    found = [] if schema.get(spec.entity) == pl.String else [f"no text column `{spec.entity}`, which names the entity"]
    for name, type_ in spec.columns.items():
        if name not in schema:
            found.append(f"no column `{name}`")
        elif not fits(schema[name], type_):
            found.append(f"`{name}` is {schema[name]}, not {type_}")
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "\n".join(f"  - {breach}" for breach in [*found[:_SHOWN], *more])
