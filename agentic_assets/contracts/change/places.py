"""Find the line of a contract file at which something stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentic_assets.contracts.change.change import Spot
from agentic_assets.contracts.odcs.document import Document, Place

__all__ = ["line_of"]


def line_of(document: Document, dataset: str, spot: Spot) -> int:
    """Give the line (from 1) of a spot in a file, or of the nearest place around it that is there."""
    table = _table(document, dataset)
    if spot.column is not None:
        index = _named(_items(document.value, table, "properties"), spot.column)
        if index is None:
            return document.line((*table, "properties"))
        return _line(document, (*table, "properties", index), spot)
    keys = spot.key.split(".")
    if keys[0] == "slaProperties":
        number = _where(document.value.get("slaProperties") or (), "property", keys[1])
        return document.line(("slaProperties",) if number is None else ("slaProperties", number))
    if spot.rule is None and spot.key in document.value:
        return document.line((spot.key,))
    return _line(document, table, spot)


def _line(document: Document, around: Place, spot: Spot) -> int:
    if spot.key == "quality" and spot.rule is not None:
        items = _items(document.value, around, "quality")
        name = spot.rule.partition("#")[0]
        number = _where(items, "id", name)
        number = _where(items, "name", name) if number is None else number
        number = _where(items, "metric", name.partition("(")[0]) if number is None else number
        return document.line((*around, "quality") if number is None else (*around, "quality", number))
    return document.line((*around, *spot.key.split(".")) if spot.key else around)


def _table(document: Document, dataset: str) -> Place:
    index = _named(document.value.get("schema") or (), dataset)
    return ("schema", index or 0)


def _items(value: Any, place: Place, key: str) -> Sequence[Any]:
    for part in (*place, key):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ()
    return value if isinstance(value, list) else ()


def _named(items: Sequence[Any], name: str) -> int | None:
    return _where(items, "name", name)


def _where(items: Sequence[Any], key: str, value: str) -> int | None:
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and str(item.get(key)) == value:
            return index
    return None
