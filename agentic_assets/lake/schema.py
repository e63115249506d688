"""The physical types of the lake, and the exact comparison of schemas.

Delta checks nothing when files are added by name: with a Float64 file in an Int64 column polars fails, DuckDB truncates
in silence, and `write_deltalake` casts. Equality is therefore exact, and checked here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from agentic_assets.errors import LakeBroken

if TYPE_CHECKING:
    import deltalake

__all__ = ["PARTITION", "Columns", "from_delta", "lacking", "normalized", "require_equal", "require_types", "to_delta"]

PARTITION = "partition"
"""The Delta partition column: a String that is in the log and in the folder names, never in the files."""

Columns = Mapping[str, pl.DataType]

_DELTA_NAMES: dict[pl.DataType, str] = {
    pl.String(): "string",
    pl.Int16(): "short",
    pl.Int32(): "integer",
    pl.Int64(): "long",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
    pl.Datetime("us"): "timestamp_ntz",
    pl.Float32(): "float",
    pl.Binary(): "binary",
}
_POLARS_TYPES = {name: dtype for dtype, name in _DELTA_NAMES.items()}
_SHOWN = 8


def normalized(schema: Mapping[str, pl.DataType | type[pl.DataType]], *, where: str) -> dict[str, pl.DataType]:
    """Instantiate the types and refuse what Delta, or another engine on it, would change or reject.

    Raises:
        LakeBroken: a column has a type outside the lake's, the partition column's name, or there is no column.
    """
    columns = {name: dtype() if isinstance(dtype, type) else dtype for name, dtype in schema.items()}
    if not columns:
        raise LakeBroken(f"{where} would have no column")
    if PARTITION in columns:
        raise LakeBroken(
            f"{where} may not have a column named `{PARTITION}`: Delta keeps the partition's name under it",
            hint="rename the column",
        )
    refused = [f"`{name}` {dtype}" for name, dtype in columns.items() if not _storable(dtype)]
    if refused:
        raise LakeBroken(
            f"{where} has {len(refused)} column(s) of a type that the lake does not store: {_listed(refused)}",
            hint="use String, Int16-64, Float32-64, Decimal, Boolean, Date, Binary, Datetime('us') in "
            "UTC or without a zone, lists and structs of them",
        )
    return columns


def _storable(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List):
        return _storable(_instance(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return bool(dtype.fields) and all(_storable(_instance(field.dtype)) for field in dtype.fields)
    return isinstance(dtype, pl.Decimal) or dtype in _DELTA_NAMES


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


def to_delta(columns: Columns, *, partitioned: bool) -> deltalake.Schema:
    """Describe the columns to Delta, the partition column last."""
    from deltalake import Field, Schema
    from deltalake.schema import PrimitiveType

    fields = [Field(name, _to_delta(dtype), nullable=True) for name, dtype in columns.items()]
    if partitioned:
        fields.append(Field(PARTITION, PrimitiveType("string"), nullable=True))
    return Schema(fields)


def _to_delta(dtype: pl.DataType) -> Any:
    from deltalake import Field
    from deltalake.schema import ArrayType, PrimitiveType, StructType

    if isinstance(dtype, pl.List):
        return ArrayType(_to_delta(_instance(dtype.inner)), contains_null=True)
    if isinstance(dtype, pl.Struct):
        return StructType([Field(part.name, _to_delta(_instance(part.dtype)), nullable=True) for part in dtype.fields])
    if isinstance(dtype, pl.Decimal):
        return PrimitiveType(f"decimal({dtype.precision},{dtype.scale})")
    return PrimitiveType(_DELTA_NAMES[dtype])


def from_delta(schema: deltalake.Schema, *, where: str) -> dict[str, pl.DataType]:
    """Read the columns of a Delta table, without its partition column.

    Raises:
        LakeBroken: another writer gave the table a type that the lake does not store.
    """
    columns: dict[str, pl.DataType] = {}
    for field in schema.fields:
        if field.name == PARTITION:
            continue
        dtype = _to_polars(field.type)
        if dtype is None:
            raise LakeBroken(
                f"{where} stores `{field.name}` as {field.type}, a type that the lake does not know",
                hint="another program changed this table: restore it, or move it out of the lake",
            )
        columns[field.name] = dtype
    return columns


def _to_polars(kind: Any) -> pl.DataType | None:
    name = getattr(kind, "type", None)
    if name == "array":
        inner = _to_polars(kind.element_type)
        return None if inner is None else pl.List(inner)
    if name == "struct":
        parts = {field.name: _to_polars(field.type) for field in kind.fields}
        known = {part: dtype for part, dtype in parts.items() if dtype is not None}
        return pl.Struct(known) if len(known) == len(parts) else None
    decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", str(name))
    if decimal:
        return pl.Decimal(int(decimal[1]), int(decimal[2]))
    return _POLARS_TYPES.get(str(name))


def lacking(stored: Columns, wanted: Columns) -> dict[str, pl.DataType]:
    """Give the wanted columns that are not stored yet."""
    return {name: dtype for name, dtype in wanted.items() if name not in stored}


def require_types(stored: Columns, wanted: Columns, *, where: str) -> None:
    """Raise LakeBroken, naming the columns, where one is wanted with another type than it is stored with."""
    differing = [
        f"`{name}` is stored as {stored[name]} and was asked for as {dtype}"
        for name, dtype in wanted.items()
        if name in stored and stored[name] != dtype
    ]
    if differing:
        raise LakeBroken(
            f"{where} keeps its columns as they are: {_listed(differing)}",
            hint="columns can be added, moved and left out, never retyped: give the column, or the table, another name",
        )


def require_equal(found: Columns, expected: Columns, *, what: str, hint: str) -> None:
    """Raise LakeBroken, naming the columns that differ, unless names, types and order are the same."""
    if list(found.items()) == list(expected.items()):
        return
    differences = [f"`{name}` {dtype} is missing" for name, dtype in expected.items() if name not in found]
    differences += [f"`{name}` {dtype} is unknown" for name, dtype in found.items() if name not in expected]
    differences += [
        f"`{name}` is {found[name]}, not {dtype}"
        for name, dtype in expected.items()
        if name in found and found[name] != dtype
    ]
    if not differences:
        moved = [name for name, other in zip(found, expected, strict=True) if name != other]
        differences = [f"the order differs from `{moved[0]}` on ({len(moved)} columns)"]
    raise LakeBroken(f"{what}: {_listed(differences)}", hint=hint)


def _listed(items: Sequence[str]) -> str:
    shown = "; ".join(items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown}; and {len(items) - _SHOWN} more"
