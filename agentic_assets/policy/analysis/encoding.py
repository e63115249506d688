"""Translate terms to Z3: a value and a flag for null each, with the three-valued logic of the two backends.

Integers, dates and timestamps are whole numbers; numbers are reals, so that nothing rounds and nothing is infinite;
strings are points on a line, on which the policy's own words have fixed places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import reduce
from typing import Any, Final

import z3

from agentic_assets.language import Term, Type, walk
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
    Value,
)
from agentic_assets.policy.analysis.facts import Fact
from agentic_assets.policy.analysis.words import Words

__all__ = ["Encoding", "Meaning", "rounds"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MODEST: Final = 2**20
_LOWEST: Final[Mapping[Type, int]] = {
    Type.INTEGER: -(2**63),
    Type.DATE: date.min.toordinal(),
    Type.TIMESTAMP: (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND,
}
_HIGHEST: Final[Mapping[Type, int]] = {
    Type.INTEGER: 2**63 - 1,
    Type.DATE: date.max.toordinal(),
    Type.TIMESTAMP: (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND,
}


@dataclass(frozen=True)
class Meaning:
    """What a term is: `value` counts only where `null` is false."""

    value: Any
    null: Any


class Encoding:
    """The columns of a policy as variables of Z3, and the terms over them."""

    def __init__(self, reads: Mapping[str, Type], terms: Iterable[Term], words: Iterable[str] = ()) -> None:
        """Lay out the variables; `words` are strings beside those in the terms that must have a place."""
        self.context = z3.Context()
        self.reads = reads
        self.words = Words({*words, *(word for term in terms for word in _strings(term))})
        self.columns = {name: self._column(name, type_) for name, type_ in sorted(reads.items())}

    def true(self, term: Term) -> Any:
        """Say that a condition is true, and not null."""
        meaning = self.meaning(term)
        return z3.And(meaning.value, z3.Not(meaning.null))

    def null(self, term: Term) -> Any:
        """Say that a term is null."""
        return self.meaning(term).null

    def is_value(self, column: str, value: Value | None) -> Any:
        """Say that a column holds a value, or null."""
        meaning = self.columns[column]
        if value is None:
            return meaning.null
        return z3.And(z3.Not(meaning.null), meaning.value == self.constant(value, self.reads[column]))

    def possible(self) -> list[Any]:
        """Give what holds of every row: numbers fit their types, and strings have their places."""
        claims: list[Any] = []
        for name, type_ in sorted(self.reads.items()):
            variable = self.columns[name].value
            if type_ in _LOWEST:
                claims += [variable >= _LOWEST[type_], variable <= _HIGHEST[type_]]
            elif type_ is Type.STRING:
                claims += [variable >= 0]
                claims += [z3.Or(variable <= low, variable >= low + 1) for low in self.words.without_between]
        return claims

    def modest(self) -> list[Any]:
        """Ask for numbers that doubles hold exactly and compute with exactly: small, and in 64ths."""
        claims: list[Any] = []
        for name, type_ in sorted(self.reads.items()):
            value = self.columns[name].value
            if type_.numeric:
                claims += [value <= _MODEST, value >= -_MODEST]
            if type_ is Type.NUMBER:
                claims.append(z3.IsInt(value * 64))
        return claims

    def promised(self, column: str, fact: Fact) -> list[Any]:
        """Say that a column keeps a promise."""
        meaning, type_ = self.columns[column], self.reads[column]
        kept: list[Any] = []
        if fact.values is not None:
            kept.append(self._any([meaning.value == self.constant(value, type_) for value in fact.values]))
        if fact.minimum is not None:
            low = self.constant(fact.minimum, type_)
            kept.append(meaning.value > low if fact.open_left else meaning.value >= low)
        if fact.maximum is not None:
            high = self.constant(fact.maximum, type_)
            kept.append(meaning.value < high if fact.open_right else meaning.value <= high)
        claims = [z3.Or(meaning.null, claim) for claim in kept]
        return [*claims, z3.Not(meaning.null)] if fact.required else claims

    def with_column(self, formula: Any, column: str, value: Value) -> Any:
        """Give a formula as it is where a column, which is never null, holds this value."""
        meaning = self.columns[column]
        return z3.substitute(formula, (meaning.value, self.constant(value, self.reads[column])))

    def row(self, model: Any) -> dict[str, Any]:
        """Read the row out of a model; a real that is no double is rounded, so what it shows must be tried."""
        found: dict[str, Any] = {}
        places: dict[Fraction, str] = {}
        for name, meaning in self.columns.items():
            null = model.eval(meaning.null, model_completion=True)
            value = model.eval(meaning.value, model_completion=True)
            found[name] = None if z3.is_true(null) else self._python(value, self.reads[name], places)
        return found

    def constant(self, value: Value, type_: Type) -> Any:
        """Give a Python value as Z3 holds values of a type."""
        match type_, value:
            case Type.BOOLEAN, bool():
                return z3.BoolVal(value, self.context)
            case Type.STRING, str():
                return z3.RealVal(self.words.place(value), self.context)
            case Type.NUMBER, int() | float():
                exact = Fraction(value)
                return z3.RealVal(f"{exact.numerator}/{exact.denominator}", self.context)
            case Type.INTEGER, int() | float():
                return z3.IntVal(int(value), self.context)
            case Type.DATE, date():
                return z3.IntVal(value.toordinal(), self.context)
            case Type.TIMESTAMP, datetime():
                return z3.IntVal((value - _EPOCH) // _MICROSECOND, self.context)
            case _:
                raise TypeError(f"{value!r} is no {type_}")

    def meaning(self, term: Term) -> Meaning:
        """Translate a term."""
        never = z3.BoolVal(False, self.context)
        match term:
            case Column(name=name):
                return self.columns[name]
            case Constant(value=value, type=type_):
                return Meaning(self.constant(value, type_), never)
            case Not(item=item):
                inner = self.meaning(item)
                return Meaning(z3.Not(inner.value), inner.null)
            case And(items=items):
                return self._fold(items, decisive=False)
            case Or(items=items):
                return self._fold(items, decisive=True)
            case Compare(sign=sign, left=left, right=right, domain=domain):
                first, second = self._in(domain, left), self._in(domain, right)
                return Meaning(_compared(sign, first.value, second.value), z3.Or(first.null, second.null))
            case OneOf(item=item, values=values, domain=domain):
                inner = self._in(domain, item)
                equals = [inner.value == self.constant(value, domain) for value in values]
                return Meaning(self._any(equals), inner.null)
            case IsNull(item=item):
                return Meaning(self.meaning(item).null, never)
            case Arithmetic(sign=sign, left=left, right=right):
                return self._computed(sign, self._in(Type.NUMBER, left), self._in(Type.NUMBER, right))
            case Negate(item=item):
                inner = self._in(Type.NUMBER, item)
                return Meaning(-inner.value, inner.null)
            case Absolute(item=item):
                inner = self._in(Type.NUMBER, item)
                return Meaning(z3.If(inner.value < 0, -inner.value, inner.value), inner.null)
            case Coalesce(items=items, type=type_):
                return self._first([self._in(type_, item) for item in items])

    def _column(self, name: str, type_: Type) -> Meaning:
        make = z3.Bool if type_ is Type.BOOLEAN else z3.Real if type_ in (Type.NUMBER, Type.STRING) else z3.Int
        return Meaning(make(f"value {name}", self.context), z3.Bool(f"null {name}", self.context))

    def _in(self, domain: Type, term: Term) -> Meaning:
        meaning = self.meaning(term)
        return meaning if term.type is domain else Meaning(z3.ToReal(meaning.value), meaning.null)

    def _fold(self, items: tuple[Term, ...], *, decisive: bool) -> Meaning:
        parts = [self.meaning(item) for item in items]
        true = [z3.And(part.value, z3.Not(part.null)) for part in parts]
        false = [z3.And(z3.Not(part.value), z3.Not(part.null)) for part in parts]
        is_true = z3.Or(*true) if decisive else z3.And(*true)
        is_false = z3.And(*false) if decisive else z3.Or(*false)
        return Meaning(is_true, z3.Not(z3.Or(is_true, is_false)))

    def _computed(self, sign: str, left: Meaning, right: Meaning) -> Meaning:
        null = z3.Or(left.null, right.null)
        match sign:
            case "+":
                return Meaning(left.value + right.value, null)
            case "-":
                return Meaning(left.value - right.value, null)
            case "*":
                return Meaning(left.value * right.value, null)
            case _:
                return Meaning(left.value / right.value, z3.Or(null, right.value == 0))

    def _first(self, parts: list[Meaning]) -> Meaning:
        return reduce(
            lambda rest, part: Meaning(z3.If(part.null, rest.value, part.value), z3.And(part.null, rest.null)),
            reversed(parts),
        )

    def _any(self, claims: list[Any]) -> Any:
        return z3.Or(*claims) if claims else z3.BoolVal(False, self.context)

    def _python(self, value: Any, type_: Type, places: dict[Fraction, str]) -> Any:
        if type_ is Type.BOOLEAN:
            return z3.is_true(value)
        if type_ is Type.INTEGER:
            return value.as_long()
        if type_ is Type.DATE:
            return date.fromordinal(value.as_long())
        if type_ is Type.TIMESTAMP:
            return _EPOCH + value.as_long() * _MICROSECOND
        rational = value.approx(30) if z3.is_algebraic_value(value) else value
        exact = Fraction(rational.numerator_as_long(), rational.denominator_as_long())
        return _double(exact) if type_ is Type.NUMBER else self.words.at(exact, places)


def rounds(term: Term) -> bool:
    """Say whether a term computes in doubles, or reads an integer as one: proofs are then about exact numbers."""
    for part in walk(term):
        match part:
            case Arithmetic():
                return True
            case Compare(left=left, right=right, domain=Type.NUMBER):
                if any(side.type is Type.INTEGER and not isinstance(side, Constant) for side in (left, right)):
                    return True
            case OneOf(item=item, domain=Type.NUMBER) | Negate(item=item) | Absolute(item=item):
                if item.type is Type.INTEGER:
                    return True
            case Coalesce(items=items, type=Type.NUMBER):
                if any(item.type is Type.INTEGER and not isinstance(item, Constant) for item in items):
                    return True
            case _:
                pass
    return False


def _strings(term: Term) -> Iterable[str]:
    for part in walk(term):
        match part:
            case Constant(value=str(word)):
                yield word
            case OneOf(values=values):
                yield from (word for word in values if isinstance(word, str))
            case _:
                pass


def _compared(sign: str, first: Any, second: Any) -> Any:
    match sign:
        case "=":
            return first == second
        case "<>":
            return first != second
        case "<":
            return first < second
        case "<=":
            return first <= second
        case ">":
            return first > second
        case _:
            return first >= second


def _double(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
