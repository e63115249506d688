"""The digest of a feature set: what shapes its values, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from agentic_assets.features import build
from agentic_assets.features.definition import FeatureSet
from agentic_assets.versions import of_bytes, of_code, of_json, of_source

__all__ = ["digest"]


def digest(definition: FeatureSet) -> str:
    """Digest the declaration, the output schema, the set's code and the engine's; words and comments do not count."""
    entities = definition.entities
    return of_json(
        {
            "name": definition.name,
            "version": definition.version,
            "entities": [entities.table, entities.key, entities.event, str(entities.lead), _derived(entities.derive)],
            "readable": [*entities.columns],
            "after_the_fact": [*entities.after_the_fact],
            "sources": [
                [
                    source.name,
                    source.table,
                    repr(source.known_at),
                    *source.columns,
                    repr(source.look_up),
                    *source.tie,
                    {**source.later},
                    _derived(source.derive),
                    None if source.where is None else _expression(source.where),
                ]
                for source in definition.sources
            ],
            "partition": [definition.zone, definition.day, definition.lookback, definition.reach],
            "forbidden": [*definition.forbidden],
            "schema": [[name, str(dtype)] for name, dtype in definition.schema.items()],
            "code": of_source(*definition.code),
            "engine": _engine(),
        }
    )


def _derived(expressions: Mapping[str, pl.Expr]) -> dict[str, str]:
    return {name: _expression(expression) for name, expression in expressions.items()}


def _expression(expression: pl.Expr) -> str:
    # An expression's text leaves out the middle of long lists. Its serialized form is exact; another release of polars
    # may write it differently, and then the set's version has to be raised, which errs on the safe side.
    return of_bytes(expression.meta.serialize())


@lru_cache(maxsize=1)
def _engine() -> str:
    return of_code(build)
