"""The digest of a feature set: what shapes its values, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Final

import polars as pl

from agentic_assets.features import kinds
from agentic_assets.features.declaring import Declared
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.engine import build
from agentic_assets.versions import of_bytes, of_code, of_json, of_source

__all__ = ["digest"]

_WORDS: Final = frozenset({"description", "unit", "who", "since"})


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
            "views": [_declared(view) for view in definition.views if isinstance(view, Declared)],
            "code": of_source(*definition.code),
            "engine": _engine(),
        }
    )


def _declared(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        told = {part.name: _declared(getattr(value, part.name)) for part in fields(value) if part.name not in _WORDS}
        return [type(value).__name__, told]
    if isinstance(value, pl.Expr):
        return _expression(value)
    if isinstance(value, tuple):
        return [_declared(item) for item in value]
    return value if isinstance(value, int | str | None) else str(value)


def _derived(expressions: Mapping[str, pl.Expr]) -> dict[str, str]:
    return {name: _expression(expression) for name, expression in expressions.items()}


def _expression(expression: pl.Expr) -> str:
    # An expression's text leaves out the middle of long lists. Its serialized form is exact; another release of polars
    # may write it differently, and then the set's version has to be raised, which errs on the safe side.
    return of_bytes(expression.meta.serialize())


@lru_cache(maxsize=1)
def _engine() -> str:
    return of_code(build, kinds)
