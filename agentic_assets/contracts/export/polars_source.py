"""Write promises as the Python source of polars expressions; every name and value of a contract stands in quotes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from agentic_assets.contracts.export.predicate import Kind, Language, Writer
from agentic_assets.contracts.export.unsaid import Unsayable
from agentic_assets.contracts.odcs.patterns import FORMATS, full_match
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

__all__ = ["of_key", "of_promise", "of_type", "of_value"]

_OPERATORS = {"=": "==", "<>": "!=", "AND": "&", "OR": "|"}


class _Polars(Language):
    def column(self, name: str, kind: Kind) -> str:
        return f"pl.col({name!r}).cast(pl.Int64())" if kind == "integer" else f"pl.col({name!r})"

    def value(self, text: str, kind: Kind) -> str:
        match kind:
            case "text":
                return f"pl.lit({text!r})"
            case "truth":
                return f"pl.lit({text == 'true'})"
            case "date":
                return f"pl.lit({of_value(dt.date.fromisoformat(text))})"
            case "moment":
                return f"pl.lit({of_value(dt.datetime.fromisoformat(text).astimezone(dt.UTC))})"
            case "span":
                return f"pl.lit(dt.timedelta(seconds={int(text)}))"
            case "number":
                return f"pl.lit({float(text)!r})"
        return f"pl.lit({int(text)})"

    def connect(self, left: str, operator: str, right: str) -> str:
        return f"({left} {_OPERATORS[operator]} {right})"

    def negate(self, inner: str) -> str:
        return f"(~{inner})"

    def null(self, inner: str) -> str:
        return f"{inner}.is_null()"

    def compare(self, left: str, operator: str, right: str, kind: Kind) -> str:
        return f"({left} {_OPERATORS.get(operator, operator)} {right})"

    def calculate(self, left: str, operator: str, right: str, kind: Kind) -> str:
        if operator == "/":
            return f"({left} / pl.when({right} != 0).then({right}))"
        if operator == "%":
            return f"({left}.sign() * ({left}.abs() % pl.when({right} != 0).then({right}.abs())))"
        return f"({left} {operator} {right})"


def of_value(value: Any) -> str:
    """Write a value of a contract: text and numbers as literals, dates and timestamps (in UTC) as constructors."""
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC)
        fields = (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond)
        return f"dt.datetime({', '.join(map(str, fields))}, tzinfo=dt.UTC)"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    if isinstance(value, bool | int | float | str):
        return repr(value)
    raise Unsayable(f"it holds a value of another kind ({type(value).__name__})")


def of_type(dtype: pl.DataType) -> str:
    """Write a type, e.g. pl.Datetime('us', 'UTC')."""
    if isinstance(dtype, pl.Datetime):
        return f"pl.Datetime({dtype.time_unit!r}, {dtype.time_zone!r})"
    if isinstance(dtype, pl.Decimal):
        return f"pl.Decimal({dtype.precision!r}, {dtype.scale!r})"
    if isinstance(dtype, pl.List):
        return f"pl.List({of_type(_instance(dtype.inner))})"
    if isinstance(dtype, pl.Struct):
        fields = ", ".join(f"{field.name!r}: {of_type(_instance(field.dtype))}" for field in dtype.fields)
        return f"pl.Struct({{{fields}}})"
    return f"pl.{type(dtype).__name__}()"


def of_key(key: tuple[str, ...]) -> str:
    """Write that no two rows share the key; a key with a null in it is nobody's."""
    nobodys = " | ".join(f"pl.col({name!r}).is_null()" for name in key)
    return f"~pl.struct({', '.join(repr(name) for name in key)}).is_duplicated() | {nobodys}"


def of_promise(promise: Promise, column: str | None, schema: Mapping[str, pl.DataType]) -> str | None:
    """Write what a row keeps; None where the column's type and nullability say it. Raises Unsayable."""
    if isinstance(promise, Predicate):
        return Writer(_Polars(), schema).write(promise.kept)
    assert column is not None
    name = f"pl.col({column!r})"
    match promise:
        case Typed() | Present():
            return None
        case Finite():
            return f"{name}.is_finite()"
        case Range():
            return _range(promise, name)
        case MultipleOf(step):
            return f"{name} % {step} == 0"
        case Length(shortest, longest):
            return _range(Range(shortest, longest), f"{name}.str.len_chars()")
        case Matches(pattern):
            return f"{name}.str.contains({full_match(pattern)!r})"
        case Format(wanted) if wanted in FORMATS:
            return f"{name}.str.contains({full_match(FORMATS[wanted])!r})"
        case OneOf(values):
            return f"{name}.is_in({_listed(values, schema[column])})"
        case NoneOf(values):
            return f"~{name}.is_in({_listed(values, schema[column])})" if values else None
    raise Unsayable("it has no counterpart in polars")


def _listed(values: tuple[Any, ...], dtype: pl.DataType) -> str:
    return f"pl.Series([{', '.join(of_value(value) for value in values)}], dtype={of_type(dtype)}).implode()"


def _range(promise: Range, name: str) -> str:
    found = []
    if promise.minimum is not None:
        found.append(f"({name} {'>' if promise.open_left else '>='} {of_value(promise.minimum)})")
    if promise.maximum is not None:
        found.append(f"({name} {'<' if promise.open_right else '<='} {of_value(promise.maximum)})")
    return " & ".join(found)


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made
