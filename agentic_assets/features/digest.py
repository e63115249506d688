"""The digest of a feature set: what shapes its values, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final

import polars as pl

from agentic_assets.features import kinds
from agentic_assets.features.declaring import Coded, Declared
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.engine import build
from agentic_assets.features.purity import reached
from agentic_assets.versions import of_bytes, of_code, of_json, of_source

__all__ = ["digest", "said"]

_PLAIN: Final = (bool, int, float, str, bytes, date, time, timedelta, tzinfo, Decimal, Enum, type(None), pl.DataType)
_WORDS: Final = frozenset({"description", "unit", "who", "since"})


def digest(definition: FeatureSet) -> str:
    """Digest the declaration, the output schema, the set's code and the engine's; words and comments do not count."""
    return of_json(
        {"name": definition.name, "version": definition.version, **said(definition), "engine": _engine()},
    )


def said(definition: FeatureSet) -> dict[str, Any]:
    """Tell what shapes the set's values and is its own: all but its number and the library's code."""
    entities = definition.entities
    return {
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
        "code": of_source(*(part for part in definition.code if not isinstance(part, partial))),
        "reached": [_reached(view) for view in definition.views if isinstance(view, Coded)],
    }


def _declared(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        told = {part.name: _declared(getattr(value, part.name)) for part in fields(value) if part.name not in _WORDS}
        return [type(value).__name__, told]
    if isinstance(value, pl.Expr):
        return _expression(value)
    if isinstance(value, tuple):
        return [_declared(item) for item in value]
    return value if isinstance(value, int | str | None) else str(value)


def _reached(view: Coded) -> list[Any]:
    """Tell the functions that a coded view rests on, and the constants that stand behind the names it uses."""
    found = reached(view.make)
    # One name can stand for several values: two defaults of a function, or what two closures of one factory hold.
    constants: dict[str, list[str]] = {}
    for way, named in found.uses:
        told = _constant(named.value)
        if told is not None:
            constants.setdefault(f"{'.'.join(code.__qualname__ for code in way)}: {named.name}", []).append(told)
    return [of_source(*found.functions), sorted(constants.items())]


def _constant(value: Any) -> str | None:
    """Write a constant as text; None for what is told by its code, or is none."""
    if isinstance(value, pl.Expr):
        return _expression(value)
    if isinstance(value, tuple | list):
        return str([_constant(item) for item in value])
    if isinstance(value, set | frozenset):
        return str(sorted(str(_constant(item)) for item in value))
    if isinstance(value, Mapping):
        return str({str(_constant(key)): _constant(held) for key, held in value.items()})
    return repr(value) if isinstance(value, _PLAIN) else None


def _derived(expressions: Mapping[str, pl.Expr]) -> dict[str, str]:
    return {name: _expression(expression) for name, expression in expressions.items()}


def _expression(expression: pl.Expr) -> str:
    # An expression's text leaves out the middle of long lists. Its serialized form is exact; another release of polars
    # may write it differently, and then the set's version has to be raised, which errs on the safe side.
    return of_bytes(expression.meta.serialize())


@lru_cache(maxsize=1)
def _engine() -> str:
    return of_code(build, kinds)
