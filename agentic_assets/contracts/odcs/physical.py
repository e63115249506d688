"""Physical types: the names that databases and formats give to types, as the few kinds that a lake column can have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Kind", "Physical", "of_text"]

Kind = Literal[
    "string",
    "binary",
    "boolean",
    "int16",
    "int32",
    "int64",
    "float32",
    "double",
    "decimal",
    "date",
    "time",
    "timestamp",
    "timestamp_ntz",
    "object",
    "array",
    "map",
]

# Names that mean different sizes in different systems take the larger one (Postgres int8 has 64 bits, SQL Server's
# tinyint goes to 255, float has 64 bits in most), so that nothing is lost.
_NAMES: Final[dict[Kind, str]] = {
    "string": (
        "string text varchar varchar2 nvarchar nvarchar2 char nchar character bpchar str clob nclob ntext tinytext "
        "mediumtext longtext citext fixedstring uuid uniqueidentifier guid json jsonb xml enum set inet cidr "
        "geography geometry name keyword utf8 large_string"
    ),
    "binary": "binary varbinary bytes bytea blob tinyblob mediumblob longblob raw image rowversion large_binary",
    "boolean": "boolean bool bit logical",
    "int16": "int16 smallint short int2 smallserial tinyint uint8 i8 u8 i16 year",
    "int32": "int32 int integer int4 serial serial4 mediumint uint16 u16 i32",
    "int64": "int64 bigint long int8 bigserial serial8 uint32 uint64 u32 u64 i64 hugeint int128 i128 u128 byteint",
    "float32": "float32 float4 f32 halffloat float16",
    "double": "double float64 float8 float real f64 binary_double binary_float",
    "decimal": "decimal numeric number dec fixed money smallmoney bignumeric bigdecimal decimal32 decimal64 decimal128",
    "date": "date date32",
    "time": "time time32 time64 timetz",
    "timestamp": "timestamp timestamptz timestamp_tz timestamp_ltz datetimeoffset instant",
    "timestamp_ntz": "timestamp_ntz datetime datetime2 smalldatetime datetime64 timestampntz",
    "object": "object struct record row tuple",
    "array": "array list repeated",
    "map": "map",
}
_KINDS: Final = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_PHRASES: Final[dict[str, Kind]] = {
    "character varying": "string",
    "national character varying": "string",
    "long varchar": "string",
    "double precision": "double",
    "long raw": "binary",
    "binary varying": "binary",
    "timestamp with time zone": "timestamp",
    "timestamp with local time zone": "timestamp",
    "timestamp without time zone": "timestamp_ntz",
    "time without time zone": "time",
    "time with time zone": "time",
}
_WRAPPED: Final = re.compile(r"(?:nullable|lowcardinality|simpleaggregatefunction)\((.*)\)", re.IGNORECASE)
_SHAPE: Final = re.compile(
    r"([a-z_][a-z0-9_ ]*?)\s*(?:[(\[<]([^)\]>]*).*?[)\]>])?\s*((?:with|without) [a-z ]+|unsigned)?"
)


@dataclass(frozen=True)
class Physical:
    """A physical type that is understood: its kind, its figures (length, precision, scale), what an array holds."""

    kind: Kind
    figures: tuple[int, ...] = ()
    inner: str | None = None


def of_text(text: str) -> Physical | None:
    """Read a physical type as it is written for some system; give None where its name is not known."""
    plain = re.sub(r"\s+", " ", text.strip()[:400])
    while wrapped := _WRAPPED.fullmatch(plain):
        plain = wrapped[1].strip()
    lowered = plain.lower().removesuffix(" not null").removesuffix(" null")
    if lowered.endswith("[]"):
        return Physical("array", inner=plain[:-2])
    nested = re.fullmatch(r"(array|list|struct|record|row|object|map)\s*[(<](.*)[)>]", lowered)
    if nested:
        start = lowered.index(nested[2]) if nested[2] else 0
        inner = plain[start : start + len(nested[2])] if nested[1] in ("array", "list") else None
        return Physical(_KINDS[nested[1]], inner=inner or None)
    shape = _SHAPE.fullmatch(lowered)
    if shape is None:
        return None
    phrase = " ".join(part for part in (shape[1], shape[3]) if part and part != "unsigned")
    kind = _PHRASES.get(phrase) or _KINDS.get(phrase)
    if kind is None:
        return None
    if shape[3] == "unsigned":
        kind = {"int16": "int32", "int32": "int64"}.get(kind, kind)  # type: ignore[assignment]
    figures = tuple(int(figure) for figure in re.findall(r"\d{1,9}", shape[2] or ""))
    return Physical(kind, figures)
