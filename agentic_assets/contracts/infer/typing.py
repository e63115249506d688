"""Which type a column has: what its file says, or the narrowest that all of its text can be read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.gating.cells import as_type
from agentic_assets.contracts.gating.conform import Texts

__all__ = ["Typed", "reads_as", "type_of"]

UTC: Final = pl.Datetime("us", "UTC")
# Stricter than the gate reads: a leading zero or a plus makes a code of a number, and 1e3 may be a name.
_INTEGER: Final = r"^-?(?:0|[1-9][0-9]{0,18})$"
_NUMBER: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?$"
_TIME: Final = r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?$"
_INTEGERS: Final[Mapping[str, str]] = {
    "Int8": "int16",
    "UInt8": "int16",
    "Int16": "int16",
    "UInt16": "int32",
    "Int32": "int32",
    "UInt32": "int64",
    "Int64": "int64",
    "UInt64": "int64",
    "Int128": "int64",
    "UInt128": "int64",
}


@dataclass(frozen=True)
class Typed:
    """A column in its proposed type: how ODCS says the type, the values read as it, and what a person should know."""

    said: Mapping[str, Any]
    values: pl.Series
    notes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def type_of(series: pl.Series, texts: Texts) -> Typed | str:
    """Propose a type under which every value of the column passes the gate; give the reason when there is none."""
    dtype = series.dtype
    if series.null_count() == series.len():
        return Typed(_said("string"), series.cast(pl.String, strict=False), ("it holds nothing but null",))
    if dtype in (pl.Categorical, pl.Enum):
        return Typed(_said("string"), series.cast(pl.String))
    if dtype == pl.String:
        return _of_text(series, texts)
    if str(dtype) in _INTEGERS:
        values = as_type(series, pl.Int64())
        if values.null_count() > series.null_count():
            return "it holds whole numbers of more than 64 bits"
        return Typed(_said("integer", _INTEGERS[str(dtype)]), values)
    if dtype.is_float():
        strange = int((~series.is_finite()).sum())
        if strange:
            return f"{strange:,} of its values are NaN or infinite, which no contract lets pass: make them null first"
        return Typed(_said("number", "float32" if dtype == pl.Float32 else "double"), series)
    if isinstance(dtype, pl.Decimal):
        return Typed(_said("number", f"decimal({dtype.precision},{dtype.scale})"), series)
    if isinstance(dtype, pl.Datetime):
        return _of_moments(series, dtype)
    if dtype.is_nested():
        said = _nested(dtype)
        return f"its type {str(dtype)[:80]} has no counterpart" if said is None else Typed(said, series)
    plain = {"Boolean": "boolean", "Date": "date", "Time": "time"}.get(str(dtype))
    if plain is not None:
        return Typed(_said(plain), series)
    if dtype == pl.Binary:
        return Typed(_said("string", "binary"), series)
    return f"its type {str(dtype)[:80]} has no counterpart"


def reads_as(series: pl.Series) -> Typed | None:
    """Read text as anything but text, if all of it can be read so."""
    there = series.drop_nulls()
    if there.is_empty():
        return None

    def all_match(pattern: str) -> bool:
        return bool(there.str.contains(pattern).all())

    if all_match(_INTEGER):
        values = as_type(series, pl.Int64())
        if values.null_count() == series.null_count():
            return Typed(_said("integer", "int64"), values)
    if all_match(_NUMBER):
        values = as_type(series, pl.Float64())
        if values.null_count() == series.null_count() and bool(values.is_finite().all()):
            return Typed(_said("number", "double"), values)
    choices: tuple[tuple[pl.DataType, dict[str, Any], dict[str, Any]], ...] = (
        (pl.Boolean(), _said("boolean"), {}),
        (pl.Date(), _said("date"), {}),
        (UTC, _said("timestamp"), {"timezone": True}),
        (pl.Datetime("us"), _said("timestamp", "timestamp_ntz"), {"timezone": False}),
    )
    for dtype, said, options in choices:
        values = as_type(series, dtype)
        if values.null_count() == series.null_count():
            naive = options.get("timezone") is False
            notes = ("its timestamps have no time zone: say which one they are in",) if naive else ()
            return Typed(said, values, notes, options)
    if all_match(_TIME) and there.str.to_time("%H:%M:%S%.f", strict=False).null_count() == 0:
        return Typed(_said("time"), series)
    return None


def _of_text(series: pl.Series, texts: Texts) -> Typed:
    found = reads_as(series) if texts != "nothing" else None
    if found is not None and (texts == "anything" or found.said["logicalType"] in ("date", "timestamp", "time")):
        return found
    notes = []
    if texts == "anything" and bool(series.drop_nulls().str.contains(r"^-?[0-9]{1,3}(?:[.]?[0-9]{3})*,[0-9]+$").all()):
        notes.append("it looks like numbers with a decimal comma, which are read as text")
    if texts == "anything" and bool(
        series.drop_nulls().str.contains(r"^[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}$").all()
    ):
        notes.append("it looks like dates, but not like ISO 8601 (yyyy-mm-dd): give a `format`, or deliver ISO dates")
    return Typed(_said("string"), series, tuple(notes))


def _of_moments(series: pl.Series, dtype: pl.Datetime) -> Typed | str:
    target = UTC if dtype.time_zone else pl.Datetime("us")
    values = as_type(series, target)
    if values.null_count() > series.null_count():
        return "it holds timestamps finer than a microsecond"
    if dtype.time_zone:
        return Typed(_said("timestamp"), values, (), {"timezone": True})
    note = "its timestamps have no time zone: say which one they are in"
    return Typed(_said("timestamp", "timestamp_ntz"), values, (note,), {"timezone": False})


def _said(logical: str, physical: str | None = None) -> dict[str, Any]:
    return {"logicalType": logical, "physicalType": physical or logical}


def _nested(dtype: Any) -> dict[str, Any] | None:
    """Say a nested type, null where a part of it cannot be said."""
    made = dtype() if isinstance(dtype, type) else dtype
    if isinstance(made, pl.List):
        items = _nested(made.inner)
        return None if items is None else {"logicalType": "array", "items": items}
    if isinstance(made, pl.Struct):
        parts = [(part.name, _nested(part.dtype)) for part in made.fields]
        if not parts or any(said is None for _, said in parts):
            return None
        return {"logicalType": "object", "properties": [{"name": name} | (said or {}) for name, said in parts]}
    if str(made) in _INTEGERS:
        return _said("integer", _INTEGERS[str(made)]) if made in (pl.Int16, pl.Int32, pl.Int64) else None
    plain = {"String": "string", "Boolean": "boolean", "Date": "date", "Float64": "number"}.get(str(made))
    return None if plain is None else _said(plain, "double" if plain == "number" else None)
