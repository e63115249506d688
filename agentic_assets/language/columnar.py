"""Compile a condition to a polars expression, for batches."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import polars as pl

from agentic_assets.language.terms import (
    Absolute,
    And,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    IsNull,
    Negate,
    Not,
    OneOf,
    Or,
    Term,
    Type,
    Value,
)

__all__ = ["DTYPES", "fits", "to_expression"]

DTYPES: dict[Type, pl.DataType] = {
    Type.INTEGER: pl.Int64(),
    Type.NUMBER: pl.Float64(),
    Type.STRING: pl.String(),
    Type.BOOLEAN: pl.Boolean(),
    Type.DATE: pl.Date(),
    Type.TIMESTAMP: pl.Datetime("us", "UTC"),
}

_FITTING: dict[Type, tuple[type[pl.DataType], ...]] = {
    Type.INTEGER: (pl.Int8, pl.Int16, pl.Int32, pl.Int64),
    Type.NUMBER: (pl.Float32, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64),
    Type.STRING: (pl.String,),
    Type.BOOLEAN: (pl.Boolean,),
    Type.DATE: (pl.Date,),
    Type.TIMESTAMP: (pl.Datetime,),
}

_COMPARE: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPUTE: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def fits(dtype: pl.DataType, type_: Type) -> bool:
    """Say whether a column of this type can be read as what is declared; timestamps must be in UTC."""
    return isinstance(dtype, _FITTING[type_]) and not (isinstance(dtype, pl.Datetime) and dtype.time_zone != "UTC")


def to_expression(term: Term) -> pl.Expr:
    """Compile a term to an expression that gives true, false or null for each row (or the value of a non-boolean)."""
    match term:
        case Column(name=name, type=type_):
            return _as(type_, pl.col(name))
        case Constant(value=value, type=type_):
            return _literal(value, type_)
        case Not(item=item):
            return to_expression(item).not_()
        case And(items=items):
            return functools.reduce(operator.and_, [to_expression(item) for item in items])
        case Or(items=items):
            return functools.reduce(operator.or_, [to_expression(item) for item in items])
        case Compare(sign=sign, left=left, right=right, domain=domain):
            return _COMPARE[sign](_in(domain, left), _in(domain, right))
        case OneOf(item=item, values=values, domain=domain):
            # The series stands in a literal list, so that polars does not take it for a column of the frame.
            return _in(domain, item).is_in(pl.lit(pl.Series([list(values)], dtype=pl.List(DTYPES[domain]))).first())
        case IsNull(item=item):
            return to_expression(item).is_null()
        case Arithmetic(sign=sign, left=left, right=right):
            return _compute(sign, _in(Type.NUMBER, left), _in(Type.NUMBER, right))
        case Negate(item=item):
            return -_in(Type.NUMBER, item)
        case Absolute(item=item):
            return _in(Type.NUMBER, item).abs()
        case Coalesce(items=items, type=type_):
            # Not `pl.coalesce`: of an all-null column and a literal it makes one row (polars 2.1).
            return functools.reduce(pl.Expr.fill_null, [_in(type_, item) for item in items])


def _in(domain: Type, term: Term) -> pl.Expr:
    """Read a term as `domain`: only an integer that meets a number changes."""
    expression = to_expression(term)
    return expression if term.type is domain else expression.cast(DTYPES[domain])


def _as(type_: Type, column: pl.Expr) -> pl.Expr:
    match type_:
        case Type.INTEGER:
            return column.cast(pl.Int64)
        case Type.NUMBER:
            return column.cast(pl.Float64).fill_nan(None)
        case Type.TIMESTAMP:
            return column.dt.cast_time_unit("us")
        case _:
            return column


def _literal(value: Value, type_: Type) -> pl.Expr:
    return pl.lit(value, dtype=DTYPES[type_])


def _compute(sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    # A division by zero is null, as in the closure. No part stands twice, or each nesting would double it.
    divisor = right.replace(0.0, None) if sign == "/" else right
    return _COMPUTE[sign](left, divisor).fill_nan(None)
