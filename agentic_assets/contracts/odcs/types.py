"""Types: what an ODCS property says, and the one polars type that the lake holds for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs import physical
from agentic_assets.contracts.odcs.physical import Kind, Physical

__all__ = ["PHYSICAL", "Held", "readable", "resolve"]

UTC: Final = pl.Datetime("us", "UTC")

# Delta Lake has no unsigned, categorical, duration or time type: a contract may only promise what can be stored.
PHYSICAL: Final[dict[str, pl.DataType]] = {
    "string": pl.String(),
    "int16": pl.Int16(),
    "int32": pl.Int32(),
    "int64": pl.Int64(),
    "double": pl.Float64(),
    "float32": pl.Float32(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": UTC,
    "timestamp_ntz": pl.Datetime("us"),
    "binary": pl.Binary(),
}
_WHOLE: Final[tuple[Kind, ...]] = ("int64", "int32", "int16")
_DATED: Final[tuple[Kind, ...]] = ("timestamp", "timestamp_ntz")
# The kinds that may stand behind a logical type; the first is the one that it has when nothing else is said. `date` was
# the only logical type of time before ODCS 3.1.
_LOGICAL: Final[dict[str, tuple[Kind, ...]]] = {
    "string": ("string", "binary"),
    "integer": (*_WHOLE, "decimal"),
    "number": ("double", "float32", "decimal", *_WHOLE),
    "boolean": ("boolean",),
    "date": ("date", *_DATED, "time"),
    "timestamp": _DATED,
    "time": ("time",),
    "object": ("object", "string"),
    "array": ("array", "string"),
    "map": ("map", "string"),
    "vector": ("array",),
}
_FORMATS: Final[dict[str, Kind]] = {
    "i8": "int16", "u8": "int16", "i16": "int16", "u16": "int32", "i32": "int32", "f32": "float32",
}  # fmt: skip
_ELEMENTS: Final[dict[str, pl.DataType]] = {
    "float64": pl.Float64(), "int8": pl.Int16(), "uint8": pl.Int16(), "binary": pl.Int16(),
}  # fmt: skip
_MOST_DIGITS: Final = 38


@dataclass(frozen=True)
class Held:
    """How the lake holds a property: its logical type, the name of the physical one, the polars type.

    `loose` says that whatever is delivered is written as text; `notes` name what of the declared type does not hold.
    """

    logical: str
    physical: str
    dtype: pl.DataType
    loose: bool = False
    notes: tuple[tuple[str, str], ...] = ()


def readable(dtype: pl.DataType) -> str:
    """Name a polars type as contracts do."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.List):
        return f"array<{readable(_instance(dtype.inner))}>"
    if isinstance(dtype, pl.Struct):
        return f"struct<{', '.join(f'{field.name}: {readable(_instance(field.dtype))}' for field in dtype.fields)}>"
    return next((name for name, known in PHYSICAL.items() if known == dtype), str(dtype))


def resolve(item: Mapping[str, Any]) -> Held:
    """Say how a property is held. A physical type that fits the logical one wins; a foreign one falls back on it."""
    logical, written = item.get("logicalType"), str(item.get("physicalType") or "")
    known = physical.of_text(written) if written else None
    if logical is None and known is None:
        said = f"physicalType {written!r:.60}, which is not known here" if written else "no type"
        return _loose("string", f"{said}: it is held as text, whatever comes")
    if logical is None:
        assert known is not None
        logical = next(name for name, kinds in _LOGICAL.items() if known.kind in kinds)
        if known.kind == "decimal" and (len(known.figures) != 1 and known.figures[1:] != (0,)):
            logical = "number"
    notes: list[tuple[str, str]] = []
    kind = _kind(logical, known, item, notes)
    if logical == "vector":
        held = Held(logical, "", pl.List(_ELEMENTS.get(str(_options(item).get("elementType")), pl.Float32())))
    elif kind in ("object", "array", "map"):
        held = _nested(logical, kind, item, known)
    elif kind == "decimal":
        held = _decimal(logical, known.figures if known else (), notes)
    elif kind == "time":
        held = Held("time", "", pl.String())  # as hh:mm:ss[.ffffff], which sorts as time does
    else:
        as_date = logical == "date" and kind in _DATED
        naive = kind in _DATED and (kind == "timestamp_ntz" or _options(item).get("timezone") is False)
        aware = kind in _DATED and _options(item).get("timezone") is True
        dtype = UTC if aware else PHYSICAL["timestamp_ntz"] if naive else PHYSICAL[kind]
        loose = logical in ("object", "array", "map")
        held = Held("timestamp" if as_date else logical, "", dtype, loose=loose)
        if loose:
            notes.append(("type-unknown", "is held as text (JSON), as its physicalType says, and not looked into"))
    return Held(held.logical, readable(held.dtype), held.dtype, held.loose, (*held.notes, *notes))


def _options(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return item.get("logicalTypeOptions") or {}


def _kind(logical: str, known: Physical | None, item: Mapping[str, Any], notes: list[tuple[str, str]]) -> Kind:
    kinds = _LOGICAL[logical]
    said = _FORMATS.get(str(_options(item).get("format"))) if logical in ("integer", "number") else None
    if known is None:
        # Before ODCS 3.1 a timestamp was a `date` with the hours in its format.
        hours = logical == "date" and re.search("[Hh]", str(_options(item).get("format") or ""))
        return "timestamp" if hours else said or kinds[0]
    if logical == "object" and known.kind == "map":
        return "string"  # what the keys are is not said, so that it is held as text (JSON)
    if known.kind in kinds:
        vague = known.kind == "double" and str(item["physicalType"]).strip().lower().startswith(("float", "real"))
        return said if said == "float32" and vague else known.kind
    what = f"logicalType {logical} and physicalType {item['physicalType']!s:.60} contradict each other"
    notes.append(("type-contradiction", f"{what}; it is held as {logical}"))
    return said or kinds[0]


def _loose(logical: str, note: str) -> Held:
    return Held(logical, "string", pl.String(), loose=True, notes=(("type-unknown", note),))


def _decimal(logical: str, figures: tuple[int, ...], notes: list[tuple[str, str]]) -> Held:
    precision, scale = (*figures, 0)[:2] if figures else (0, 0)
    if logical == "integer":
        return Held(logical, "", pl.Int64())
    if not 0 < precision <= _MOST_DIGITS or scale > precision:
        told = f"decimal({precision},{scale}) is" if precision else "a decimal without precision and scale is"
        notes.append(("type-widened", f"{told} held as double: write decimal(p,s) with up to {_MOST_DIGITS} digits"))
        return Held(logical, "", pl.Float64())
    return Held(logical, "", pl.Decimal(precision, scale))


def _nested(logical: str, kind: Kind, item: Mapping[str, Any], known: Physical | None) -> Held:
    if kind == "object" and item.get("properties"):
        parts = [(str(child["name"]), resolve(child)) for child in item["properties"]]
        if len({name for name, _ in parts}) == len(parts):
            dtype: pl.DataType = pl.Struct({name: held.dtype for name, held in parts})
            return Held(logical, "", dtype, notes=_below(parts))
        return _loose(logical, "two of its properties have one name, so it is held as text (JSON)")
    items = item.get("items") or ({"physicalType": known.inner} if known and known.inner else None)
    if kind == "array" and items:
        inner = resolve(items)
        return Held(logical, "", pl.List(inner.dtype), notes=_below([("[]", inner)]))
    if kind == "map" and item.get("map"):
        parts = [(part, resolve(item["map"][part])) for part in ("key", "value")]
        dtype = pl.List(pl.Struct({name: held.dtype for name, held in parts}))
        return Held(logical, "", dtype, notes=_below(parts))
    return _loose(logical, f"does not say what the {kind} holds, so it is held as text (JSON) and not looked into")


def _below(parts: list[tuple[str, Held]]) -> tuple[tuple[str, str], ...]:
    return tuple((rule, f"inside, `{name:.60}` {note}") for name, held in parts for rule, note in held.notes)


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made
