"""The parts of a JSON Schema for a declaration in YAML: one for each reader of `Declaration`, and as strict."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "Shape",
    "choice",
    "day",
    "document",
    "items",
    "mapping",
    "optional",
    "section",
    "text",
    "texts",
    "whole",
]

Shape = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LARGEST = 2**63 - 1


def text(description: str, pattern: re.Pattern[str] | None = None) -> Shape:
    """Give what `Declaration.text` reads."""
    return {
        "description": description,
        "type": "string",
        "pattern": r"\S" if pattern is None else f"^(?:{pattern.pattern})$",
    }


def choice(description: str, choices: Sequence[str]) -> Shape:
    """Give what `Declaration.choice` reads."""
    return {"description": description, "enum": list(choices)}


def whole(description: str, minimum: int, maximum: int = _LARGEST) -> Shape:
    """Give what `Declaration.integer` reads."""
    return {"description": description, "type": "integer", "minimum": minimum, "maximum": maximum}


def day(description: str) -> Shape:
    """Give what `Declaration.day` reads."""
    return {"description": description, "type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def texts(description: str, *, containing: str | None = None) -> Shape:
    """Give what `Declaration.texts` reads; `containing` must be among them."""
    item = {"type": "string", "pattern": r"\S"}
    shape = {"description": description, "type": "array", "items": item, "minItems": 1, "uniqueItems": True}
    return shape if containing is None else {**shape, "contains": {"const": containing}}


def section(description: str, required: Mapping[str, Shape], may: Mapping[str, Shape] | None = None) -> Shape:
    """Give a mapping of these keys and no other; those of `may` can be left out."""
    may = may or {}
    return {
        "description": description,
        "type": "object",
        "properties": {**required, **{key: optional(shape) for key, shape in may.items()}},
        "required": list(required),
        "additionalProperties": False,
    }


def mapping(description: str, keys: re.Pattern[str], values: Shape, *, least: int = 0) -> Shape:
    """Give a mapping from names that a user chooses."""
    return {
        "description": description,
        "type": "object",
        "propertyNames": {"pattern": f"^(?:{keys.pattern})$"},
        "additionalProperties": values,
        "minProperties": least,
    }


def items(description: str, item: Shape, *, least: int = 0, most: int | None = None) -> Shape:
    """Give what `Declaration.sections` reads."""
    shape = {"description": description, "type": "array", "items": item, "minItems": least}
    return shape if most is None else {**shape, "maxItems": most}


def optional(shape: Shape) -> Shape:
    """Give a shape in whose place nothing may stand, which counts as if the key were not there."""
    inner = {key: part for key, part in shape.items() if key != "description"}
    return {"description": shape["description"], "anyOf": [inner, {"type": "null"}]}


def dependent(shape: Shape, *rules: Shape) -> Shape:
    """Add what depends on another key of the same mapping."""
    return {**shape, "allOf": list(rules)}


def document(title: str, shape: Shape) -> Shape:
    """Give the schema of a whole file."""
    return {"$schema": _DIALECT, "title": title, **shape}
