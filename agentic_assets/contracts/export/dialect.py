"""Two dialects of SQL: names, types and literals, and how a promise is written as a condition on a column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from agentic_assets.contracts.export.patterns import portable, posix
from agentic_assets.contracts.export.predicate import Kind, Language, Writer
from agentic_assets.contracts.export.unsaid import Unsayable
from agentic_assets.contracts.odcs.patterns import FORMATS
from agentic_assets.contracts.promise import (
    Finite,
    Format,
    Length,
    Matches,
    MultipleOf,
    NoneOf,
    OneOf,
    Predicate,
    Present,
    Promise,
    Range,
    Typed,
)

__all__ = ["DIALECTS", "Dialect", "Name"]

Name = Literal["duckdb", "postgres"]

_TYPES: Final[Mapping[type[pl.DataType], tuple[str, str]]] = {
    pl.String: ("VARCHAR", "TEXT"),
    pl.Int8: ("TINYINT", "SMALLINT"),
    pl.Int16: ("SMALLINT", "SMALLINT"),
    pl.Int32: ("INTEGER", "INTEGER"),
    pl.Int64: ("BIGINT", "BIGINT"),
    pl.Float32: ("REAL", "REAL"),
    pl.Float64: ("DOUBLE", "DOUBLE PRECISION"),
    pl.Boolean: ("BOOLEAN", "BOOLEAN"),
    pl.Date: ("DATE", "DATE"),
    pl.Time: ("TIME", "TIME"),
    pl.Binary: ("BLOB", "BYTEA"),
}


@dataclass(frozen=True)
class Dialect(Language):
    """The words of one database."""

    name: Name

    @property
    def _postgres(self) -> bool:
        return self.name == "postgres"

    def identifier(self, name: str) -> str:
        """Quote a name; raise Unsayable for one that the database cannot hold."""
        if not name or "\0" in name or (self._postgres and len(name.encode("utf-8", "replace")) > 63):
            raise Unsayable(f"`{name[:60]}` cannot be a name in {self.name}, which takes up to 63 bytes")
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """Quote a text; raise Unsayable for one that no database holds."""
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Unsayable("it holds a character that a database cannot store")
        return "'" + value.replace("'", "''") + "'"

    def type(self, dtype: pl.DataType) -> str:
        """Name the type of a column; raise Unsayable when there is none."""
        if isinstance(dtype, pl.Datetime):
            return "TIMESTAMPTZ" if dtype.time_zone else "TIMESTAMP"
        if isinstance(dtype, pl.Decimal):
            return f"DECIMAL({dtype.precision or 38}, {dtype.scale})"
        if isinstance(dtype, pl.List) and not self._postgres:
            return f"{self.type(_instance(dtype.inner))}[]"
        if isinstance(dtype, pl.Struct) and not self._postgres:
            inner = (f"{self.identifier(field.name)} {self.type(_instance(field.dtype))}" for field in dtype.fields)
            return f"STRUCT({', '.join(inner)})"
        if isinstance(dtype, pl.List | pl.Struct):
            return "JSONB"
        if type(dtype) not in _TYPES:
            raise Unsayable(f"{self.name} has no type for {dtype}")
        return _TYPES[type(dtype)][self._postgres]

    def literal(self, value: Any) -> str:
        """Write a value of a contract."""
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, dt.datetime):
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        if isinstance(value, dt.date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            # A plain literal is a decimal, which both widen to the very fraction; beyond its digits it has to be cast.
            plain = repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
            simple = len(plain) <= 16 and "e" not in plain
            return plain if simple else f"CAST('{plain}' AS {_TYPES[pl.Float64][self._postgres]})"
        return f"'{value!s}'".replace('"', "")  # a decimal, a time of day: digits and their punctuation

    def condition(self, promise: Promise, column: str | None, schema: Mapping[str, pl.DataType]) -> str | None:
        """Write what a row keeps, true or null for a good one; None where the column's type or NOT NULL says it.

        Raises Unsayable where the dialect has no words for it.
        """
        if isinstance(promise, Predicate):
            return Writer(self, schema).write(promise.kept)
        assert column is not None
        name = self.identifier(column)
        match promise:
            case Typed() | Present():
                return None
            case Finite() if self._postgres:
                return f"{name} NOT IN ('NaN', 'Infinity', '-Infinity')"
            case Finite():
                return f"isfinite({name})"
            case Range():
                return self._range(promise, name, schema[column])
            case MultipleOf(step):
                return f"{name} % {step} = 0"
            case Length(shortest, longest):
                return self._bounded(f"{'char_length' if self._postgres else 'length'}({name})", shortest, longest)
            case Matches(pattern):
                return self._matches(name, pattern)
            case Format(wanted) if wanted in FORMATS:
                return self._matches(name, FORMATS[wanted])
            case OneOf(values):
                return f"{name} IN ({', '.join(self.literal(value) for value in values)})" if values else None
            case NoneOf(values):
                listed = ", ".join(self.literal(value) for value in values)
                return f"{name} NOT IN ({listed})" if values else None
        raise Unsayable(f"{self.name} has no words for it")

    def _range(self, promise: Range, name: str, dtype: pl.DataType) -> str:
        if dtype == pl.String:
            raise Unsayable("texts are ordered differently")
        found = []
        if promise.minimum is not None:
            found.append(f"{name} {'>' if promise.open_left else '>='} {self.literal(promise.minimum)}")
        if promise.maximum is not None:
            found.append(f"{name} {'<' if promise.open_right else '<='} {self.literal(promise.maximum)}")
        return " AND ".join(found)

    def _bounded(self, value: str, low: Any, high: Any) -> str:
        found = [] if low is None else [f"{value} >= {low}"]
        return " AND ".join(found if high is None else [*found, f"{value} <= {high}"])

    def _matches(self, name: str, pattern: str) -> str:
        if self._postgres:
            return f"{name} ~ {self.text(posix(pattern))}"
        whole = portable(pattern)
        import duckdb

        try:
            duckdb.execute("SELECT regexp_matches('', ?)", [whole])
        except duckdb.Error as error:
            raise Unsayable("DuckDB cannot run the pattern") from error
        return f"regexp_matches({name}, {self.text(whole)})"

    def column(self, name: str, kind: Kind) -> str:
        quoted = self.identifier(name)
        return f"CAST({quoted} AS BIGINT)" if kind == "integer" else quoted

    def value(self, text: str, kind: Kind) -> str:
        match kind:
            case "text":
                return self.text(text)
            case "truth":
                return text.upper()
            case "date":
                return self.literal(dt.date.fromisoformat(text))
            case "moment":
                return self.literal(dt.datetime.fromisoformat(text).astimezone(dt.UTC))
            case "span":
                return f"INTERVAL '{int(text)}' SECOND"
            case "number":
                return self.literal(float(text))
        return str(int(text))

    def connect(self, left: str, operator: str, right: str) -> str:
        return f"({left} {operator} {right})"

    def negate(self, inner: str) -> str:
        return f"(NOT {inner})"

    def null(self, inner: str) -> str:
        return f"({inner} IS NULL)"

    def compare(self, left: str, operator: str, right: str, kind: Kind) -> str:
        if kind == "text" and operator not in ("=", "<>") and self._postgres:
            left = f'{left} COLLATE "C"'  # as code points, not as a language sorts them
        return f"({left} {operator} {right})"

    def calculate(self, left: str, operator: str, right: str, kind: Kind) -> str:
        if operator == "%" and kind == "number" and self._postgres:
            raise Unsayable("PostgreSQL has no remainder of fractions")
        if operator == "/":
            left = f"CAST({left} AS {_TYPES[pl.Float64][self._postgres]})"
        if operator in "/%":
            right = f"NULLIF({right}, 0)"  # a division by zero gives null, not an error
        return f"({left} {operator} {right})"


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


DIALECTS: Final[Mapping[str, Dialect]] = {"duckdb": Dialect("duckdb"), "postgres": Dialect("postgres")}
