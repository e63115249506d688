"""A contract as JSON Schema (draft 2020-12) of one row as a JSON object."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.contract import Column, Contract
from agentic_assets.contracts.export.patterns import portable
from agentic_assets.contracts.export.unsaid import Unsaid, Unsayable, parts, sayable
from agentic_assets.contracts.odcs.patterns import FORMATS
from agentic_assets.contracts.promise import (
    Finite,
    Format,
    Length,
    Matches,
    MultipleOf,
    NoneOf,
    OneOf,
    Present,
    Promise,
    Range,
    Typed,
)

__all__ = ["to_json_schema"]

_BITS: Final = {"Int8": 8, "Int16": 16, "Int32": 32}
_NARROWER: Final = (("minimum", max), ("maximum", min))
_DATE: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"


def to_json_schema(contract: Contract) -> dict[str, Any]:
    """Give the schema of one row: dates and timestamps as ISO 8601 text, null where a value is not required.

    An object is refused for a column that is not in the contract, or that lacks a required one. What JSON Schema
    cannot say (keys, conditions over several columns, ranges of dates) is named in `$comment`.
    """
    unsaid = Unsaid()
    said: dict[str, list[dict[str, Any]]] = {column.name: [] for column in contract.columns}
    required = {column.name for column in contract.columns if column.required}
    for rule in sayable(contract, unsaid):
        try:
            if rule.key or rule.reference is not None:
                raise Unsayable("one object cannot be compared with others")
            if rule.column is None:
                raise Unsayable("values of one object cannot be compared with each other")
            column = contract.column(rule.column)
            for promise in parts(rule.promise):
                if isinstance(promise, Present | NoneOf):
                    required.add(column.name)
                said[column.name] += _said(promise, column)
        except Unsayable as reason:
            unsaid.note(rule, str(reason))
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{contract.name} {contract.version}",
    }
    if contract.description:
        schema["description"] = contract.description
    if unsaid.lines:
        schema["$comment"] = "Not said here, but in the contract: " + "; ".join(unsaid.lines)
    return schema | {
        "type": "object",
        "properties": {
            column.name: _property(column, said[column.name], nullable=column.name not in required)
            for column in contract.columns
        },
        "required": [column.name for column in contract.columns if column.name in required],
        "additionalProperties": False,
    }


def _property(column: Column, said: list[dict[str, Any]], *, nullable: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if column.description:
        schema["description"] = column.description
    schema |= _of_type(column.dtype)
    if nullable:
        schema["type"] = [schema["type"], "null"]
    also: list[dict[str, Any]] = []
    for constraint in said:
        keywords = {"enum": [*constraint["enum"], None]} if nullable and "enum" in constraint else constraint
        # The width of the type is a range as well: the narrower bound counts. Nothing else may be overwritten.
        bounds = {
            key: narrower(schema[key], keywords[key])
            for key, narrower in _NARROWER
            if key in schema.keys() & keywords.keys()
        }
        if (schema.keys() & keywords.keys()) - bounds.keys():
            also.append(keywords)
        else:
            schema |= keywords | bounds
    if also:
        schema["allOf"] = also
    if column.examples and not column.masked:
        schema["examples"] = list(column.examples)
    return schema


def _of_type(dtype: pl.DataType) -> dict[str, Any]:
    if dtype.is_integer():
        bits = _BITS.get(str(dtype), 64)
        return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    if dtype.is_numeric():
        return {"type": "number"}
    if dtype == pl.Boolean:
        return {"type": "boolean"}
    if dtype == pl.Date:
        return {"type": "string", "format": "date", "pattern": _DATE}
    if isinstance(dtype, pl.Datetime):
        return {"type": "string", "format": "date-time", "pattern": _MOMENT}
    if dtype == pl.Time:
        return {"type": "string", "format": "time"}
    if isinstance(dtype, pl.List):
        return {"type": "array", "items": _nullable(_instance(dtype.inner))}
    if isinstance(dtype, pl.Struct):
        return {
            "type": "object",
            "properties": {field.name: _nullable(_instance(field.dtype)) for field in dtype.fields},
            "additionalProperties": False,
        }
    return {"type": "string"}


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


def _nullable(dtype: pl.DataType) -> dict[str, Any]:
    schema = _of_type(dtype)
    return schema | {"type": [schema["type"], "null"]}


def _said(promise: Promise, column: Column) -> list[dict[str, Any]]:
    match promise:
        case Typed() | Finite() | Present():
            return []  # the type says it: JSON has no NaN
        case Range():
            return [_range(promise, column)]
        case MultipleOf(step):
            return [{"multipleOf": step}]
        case Length(shortest, longest):
            found = {"minLength": shortest, "maxLength": longest}
            return [{key: value for key, value in found.items() if value is not None}]
        case Matches(pattern):
            return [{"pattern": portable(pattern)}]
        case Format(name) if name in FORMATS:
            return [{"format": name, "pattern": portable(FORMATS[name])}]
        case OneOf(values):
            return [{"enum": [_json(value) for value in values]}]
        case NoneOf(values):
            return [{"not": {"enum": [_json(value) for value in values]}}] if values else []
    raise Unsayable("JSON Schema has no words for it")


def _range(promise: Range, column: Column) -> dict[str, Any]:
    if not column.dtype.is_numeric():
        raise Unsayable("JSON Schema bounds numbers only")
    low, high = promise.minimum, promise.maximum
    found = {
        "exclusiveMinimum" if promise.open_left else "minimum": low,
        "exclusiveMaximum" if promise.open_right else "maximum": high,
    }
    return {key: _json(value) for key, value in found.items() if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        raise Unsayable("one moment can be written in many ways")
    return value.isoformat() if isinstance(value, dt.date) else value
