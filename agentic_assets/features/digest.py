"""The digest of a feature set: what shapes its values, and nothing else."""

from __future__ import annotations

from functools import lru_cache

from agentic_assets.features import (
    asof,
    build,
    checks,
    facts,
    keyed,
    latest,
    matching,
    memory,
    moments,
    once,
    partition,
    pending,
    table,
    timeline,
    view,
    window,
)
from agentic_assets.features.definition import FeatureSet
from agentic_assets.versions import of_json, of_source

__all__ = ["digest"]

_ENGINE = (
    asof,
    build,
    checks,
    facts,
    keyed,
    latest,
    matching,
    memory,
    moments,
    once,
    partition,
    pending,
    table,
    timeline,
    view,
    window,
)


def digest(definition: FeatureSet) -> str:
    """Digest the declaration, the output schema, the set's code and the engine's; words and comments do not count."""
    entities = definition.entities
    return of_json(
        {
            "name": definition.name,
            "version": definition.version,
            "entities": [entities.table, entities.key, entities.event, str(entities.lead)],
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


@lru_cache(maxsize=1)
def _engine() -> str:
    return of_source(*_ENGINE)
