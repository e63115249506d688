"""Types: what an ODCS property says, and the one polars type that the lake holds for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

__all__ = ["PHYSICAL", "readable", "resolve"]

UTC: Final = pl.Datetime("us", "UTC")

# Delta Lake has no unsigned, categorical, duration or time type: a contract may only promise what can be stored.
PHYSICAL: Final[dict[str, pl.DataType]] = {
    "string": pl.String(),
    "int16": pl.Int16(),
    "int32": pl.Int32(),
    "int64": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": UTC,
}
_OTHER_NAMES: Final = {
    "text": "string",
    "varchar": "string",
    "char": "string",
    "character varying": "string",
    "str": "string",
    "smallint": "int16",
    "short": "int16",
    "int": "int32",
    "integer": "int32",
    "bigint": "int64",
    "long": "int64",
    "float64": "double",
    "double precision": "double",
    "float": "double",
    "real": "double",
    "bool": "boolean",
    "timestamptz": "timestamp",
    "timestamp with time zone": "timestamp",
    "timestamp_tz": "timestamp",
}
_LOGICAL: Final = {
    "string": ("string", ("string",)),
    "integer": ("int64", ("int16", "int32", "int64")),
    "number": ("double", ("double", "int16", "int32", "int64")),
    "boolean": ("boolean", ("boolean",)),
    "date": ("date", ("date",)),
    "timestamp": ("timestamp", ("timestamp",)),
}
_INTEGER_FORMATS: Final = {"i8": "int16", "u8": "int16", "i16": "int16", "u16": "int32", "i32": "int32"}


def readable(dtype: pl.DataType) -> str:
    """Name a polars type as contracts do."""
    for name, known in PHYSICAL.items():
        if known == dtype:
            return name
    return str(dtype)


def resolve(item: Mapping[str, Any]) -> tuple[str, str, pl.DataType]:
    """Give logical type, physical name and polars type of a property; raise ValueError(what, hint) when there is none.

    The physical type wins where it is one of ours or a common SQL name; any other SQL type falls back on the logical.
    """
    logical = item.get("logicalType")
    physical = item.get("physicalType")
    known = _physical_name(physical) if physical else None
    if logical is None and known is None:
        raise ValueError(
            f"has no type that can be held (physicalType {physical!r})", f"give a logicalType: {', '.join(_LOGICAL)}"
        )
    if logical is not None and logical not in _LOGICAL:
        raise ValueError(
            f"has logicalType {logical}, which a table of the lake does not hold", f"use one of: {', '.join(_LOGICAL)}"
        )
    if logical is None:
        assert known is not None
        logical = next(name for name, (_, fitting) in _LOGICAL.items() if known in fitting)
    default, fitting = _LOGICAL[logical]
    if known is None:
        options = item.get("logicalTypeOptions") or {}
        known = _INTEGER_FORMATS.get(str(options.get("format")), default) if logical == "integer" else default
    if known not in fitting:
        raise ValueError(
            f"says logicalType {logical} and physicalType {physical}, which contradict each other",
            f"use physicalType {' or '.join(fitting)}",
        )
    return logical, known, PHYSICAL[known]


def _physical_name(text: str) -> str | None:
    plain = re.sub(r"\s*\(.*\)$", "", text.strip().lower())
    return plain if plain in PHYSICAL else _OTHER_NAMES.get(plain)
