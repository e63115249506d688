"""Compile a condition to a Python function of one row, for single events and for explanations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

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
)

__all__ = ["Row", "Test", "to_closure"]

Row = Mapping[str, Any]
Test = Callable[[Row], Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPUTE: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def to_closure(term: Term) -> Test:
    """Compile a term to a function that gives True, False or None of a row (or the value of a non-boolean)."""
    match term:
        case Column(name=name, type=type_):
            return _number(name) if type_ is Type.NUMBER else operator.itemgetter(name)
        case Constant(value=value):
            return lambda row: value
        case Not(item=item):
            return _not(to_closure(item))
        case And(items=items):
            return _fold([to_closure(item) for item in items], decisive=False)
        case Or(items=items):
            return _fold([to_closure(item) for item in items], decisive=True)
        case Compare(sign=sign, left=left, right=right, domain=domain):
            return _compare(_COMPARE[sign], _in(domain, left), _in(domain, right))
        case OneOf(item=item, values=values, domain=domain):
            return _one_of(_in(domain, item), frozenset(values))
        case IsNull(item=item):
            inner = to_closure(item)
            return lambda row: inner(row) is None
        case Arithmetic(sign=sign, left=left, right=right):
            return _compute(sign, _in(Type.NUMBER, left), _in(Type.NUMBER, right))
        case Negate(item=item):
            return _apply(operator.neg, _in(Type.NUMBER, item))
        case Absolute(item=item):
            return _apply(abs, _in(Type.NUMBER, item))
        case Coalesce(items=items, type=type_):
            return _first([_in(type_, item) for item in items])


def _in(domain: Type, term: Term) -> Test:
    """Read a term as `domain`: only an integer that meets a number changes."""
    inner = to_closure(term)
    return inner if term.type is domain else _apply(float, inner)


def _number(name: str) -> Test:
    def read(row: Row) -> float | None:
        value = row[name]
        if value is None or value != value:  # noqa: PLR0124  # NaN is read as null
            return None
        return float(value)

    return read


def _not(inner: Test) -> Test:
    def test(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else not value

    return test


def _fold(tests: list[Test], *, decisive: bool) -> Test:
    def test(row: Row) -> bool | None:
        unknown = False
        for part in tests:
            value = part(row)
            if value is None:
                unknown = True
            elif value == decisive:
                return decisive
        return None if unknown else not decisive

    return test


def _compare(sign: Callable[[Any, Any], bool], left: Test, right: Test) -> Test:
    def test(row: Row) -> bool | None:
        first, second = left(row), right(row)
        return None if first is None or second is None else sign(first, second)

    return test


def _one_of(inner: Test, values: frozenset[Any]) -> Test:
    def test(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else value in values

    return test


def _compute(sign: str, left: Test, right: Test) -> Test:
    operation = _COMPUTE[sign]

    def compute(row: Row) -> float | None:
        first, second = left(row), right(row)
        if first is None or second is None or (sign == "/" and second == 0):
            return None
        result = operation(first, second)
        return None if result != result else result  # noqa: PLR0124  # NaN, as infinity - infinity

    return compute


def _apply(function: Callable[[Any], Any], inner: Test) -> Test:
    def apply(row: Row) -> Any:
        value = inner(row)
        return None if value is None else function(value)

    return apply


def _first(readers: list[Test]) -> Test:
    def first(row: Row) -> Any:
        for read in readers:
            value = read(row)
            if value is not None:
                return value
        return None

    return first
