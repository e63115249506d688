"""Read an expression's text into terms: the second net, which permits one kind of parsed node after the other."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NoReturn, cast

from agentic_assets.language.closure import to_closure
from agentic_assets.language.syntax import parse, start_of
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
    columns_of,
)
from agentic_assets.language.tokens import MAX_DEPTH, ExpressionError

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

__all__ = ["read_number", "read_term"]

_LARGEST = 2**63 - 1
_DATED = {Type.TIMESTAMP: "write TIMESTAMP '2013-12-31 12:00:00'", Type.DATE: "write DATE '2013-12-31'"}


def read_term(text: str, columns: Mapping[str, Type]) -> Term:
    """Parse a text that was scanned and type it by `columns`; raises `ExpressionError`, also if it is not boolean."""
    return _Reader(columns).boolean(parse(text), "the condition")


def read_number(text: str, columns: Mapping[str, Type]) -> Term:
    """Parse a text that was scanned and type it by `columns`; raises `ExpressionError`, also if it is no number."""
    return _Reader(columns).number(parse(text))


class _Reader:
    """Turn the parser's nodes into terms of the language, one permitted kind of node after the other."""

    def __init__(self, columns: Mapping[str, Type]) -> None:
        from sqlglot import exp

        self._columns = columns
        self._depth = 0
        self._signs: dict[type[Expr], str] = {
            exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
            exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/",
        }  # fmt: skip
        # Node -> the parts that it may have; any other part is a construct that we would silently misread.
        self._permitted: dict[type[Expr], tuple[Callable[[Expr], Term], frozenset[str]]] = {
            exp.Column: (self._column, frozenset({"this"})),
            exp.Literal: (self._literal, frozenset({"this", "is_string"})),
            exp.Boolean: (self._truth, frozenset({"this"})),
            exp.Null: (self._null, frozenset()),
            exp.Paren: (lambda node: self._term(node.this), frozenset({"this"})),
            exp.Not: (self._not, frozenset({"this"})),
            exp.And: (self._both, frozenset({"this", "expression"})),
            exp.Or: (self._both, frozenset({"this", "expression"})),
            exp.Is: (self._is, frozenset({"this", "expression"})),
            exp.In: (self._in, frozenset({"this", "expressions"})),
            exp.Between: (self._between, frozenset({"this", "low", "high"})),
            exp.Neg: (self._negate, frozenset({"this"})),
            exp.Abs: (self._absolute, frozenset({"this"})),
            exp.Coalesce: (self._coalesce, frozenset({"this", "expressions"})),
            exp.Cast: (self._dated, frozenset({"this", "to"})),
        }
        for kind, sign in self._signs.items():
            read = self._arithmetic if sign in "+-*/" else self._compare
            self._permitted[kind] = (read, frozenset({"this", "expression"}))

    def boolean(self, node: Expr, role: str) -> Term:
        """Read a term that must be true or false."""
        term = self._term(node)
        if term.type is not Type.BOOLEAN:
            raise ExpressionError(
                f"{role} is {_told(term)}, not a boolean", start=start_of(node), hint="compare it with something"
            )
        return term

    def number(self, node: Expr) -> Term:
        """Read a term that must be a number."""
        term = self._term(node)
        if not term.type.numeric:
            raise ExpressionError(f"the amount is {_told(term)}, not a number", start=start_of(node))
        return term

    def _term(self, node: Expr) -> Term:
        permitted = self._permitted.get(type(node))
        extra = (
            [] if permitted is None else [key for key, part in node.args.items() if part and key not in permitted[1]]
        )
        if permitted is None or extra:
            name = type(node).__name__ + "".join(f" with {key}" for key in extra)
            raise ExpressionError(f"{name} is not in the language of rules", start=start_of(node))
        self._depth += 1
        if self._depth > 2 * MAX_DEPTH:
            raise ExpressionError("the expression is nested too deep", start=start_of(node), hint="split it into rules")
        term = _folded(permitted[0](node), node)
        self._depth -= 1
        return term

    def _column(self, node: Expr) -> Term:
        name = node.this.name
        if name not in self._columns:
            raise _unknown(name, node.this.args.get("quoted", False), self._columns, start_of(node))
        return Column(name, self._columns[name])

    def _literal(self, node: Expr) -> Term:
        text = node.this
        if node.args["is_string"]:
            return Constant(text, Type.STRING)
        if text.isascii() and text.isdigit():
            if int(text) > _LARGEST:
                raise ExpressionError(f"{text[:40]} does not fit 64 bits", start=start_of(node))
            return Constant(int(text), Type.INTEGER)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ExpressionError(f"{text[:40]} is not a finite number", start=start_of(node))
        return Constant(value, Type.NUMBER)

    def _truth(self, node: Expr) -> Term:
        return Constant(bool(node.this), Type.BOOLEAN)

    def _null(self, node: Expr) -> NoReturn:
        raise ExpressionError(
            "NULL equals nothing, not even NULL", start=start_of(node.parent or node), hint="write IS NULL"
        )

    def _not(self, node: Expr) -> Term:
        return Not(self.boolean(node.this, "what stands after NOT"))

    def _both(self, node: Expr) -> Term:
        # A chain of one operator leans to the left, as deep as it is long: walk it without recursion.
        kind, parts = type(node), [node]
        while type(parts[0]) is kind:
            first = parts.pop(0)
            parts[:0] = [first.this, first.expression]
        word = kind.__name__.upper()
        items = tuple(self.boolean(part, f"a side of {word}") for part in parts)
        return And(items) if word == "AND" else Or(items)

    def _is(self, node: Expr) -> Term:
        from sqlglot import exp

        other = node.expression
        if isinstance(other, exp.Null):
            return IsNull(self._term(node.this))
        if isinstance(other, exp.Boolean):
            item = self.boolean(node.this, "what stands before IS")
            return Coalesce((item if other.this else Not(item), Constant(value=False, type=Type.BOOLEAN)), Type.BOOLEAN)
        raise ExpressionError("IS wants NULL, TRUE or FALSE", start=start_of(node), hint="write = to compare")

    def _in(self, node: Expr) -> Term:
        item = self._term(node.this)
        values = [self._term(part) for part in node.expressions]
        if not values:
            raise ExpressionError("IN wants a list of literals", start=start_of(node), hint="write IN ('a', 'b')")
        domain = item.type
        for value, part in zip(values, node.expressions, strict=True):
            if not isinstance(value, Constant):
                hint = "write an OR to compare with a column"
                raise ExpressionError("IN wants literals only", start=start_of(part), hint=hint)
            met = _meet(domain, value.type)
            if met is None:
                raise ExpressionError(f"IN compares {_told(item)} with {_told(value)}", start=start_of(part))
            domain = met
        return OneOf(item, tuple(_value_in(domain, value) for value in values if isinstance(value, Constant)), domain)

    def _between(self, node: Expr) -> Term:
        item = self._term(node.this)
        return And(
            (
                self._compared(">=", item, self._term(node.args["low"]), node),
                self._compared("<=", item, self._term(node.args["high"]), node),
            )
        )

    def _compare(self, node: Expr) -> Term:
        return self._compared(self._signs[type(node)], self._term(node.this), self._term(node.expression), node)

    def _compared(self, sign: str, left: Term, right: Term, node: Expr) -> Term:
        domain = _meet(left.type, right.type)
        if domain is None:
            hint = next((hint for type_, hint in _DATED.items() if type_ in (left.type, right.type)), None)
            raise ExpressionError(f"{sign} compares {_told(left)} with {_told(right)}", start=start_of(node), hint=hint)
        if domain is Type.BOOLEAN and sign not in ("=", "<>"):
            raise ExpressionError(
                f"{sign} has no meaning for booleans", start=start_of(node), hint="a < b < c is a < b AND b < c"
            )
        return Compare(sign, _constant_in(domain, left), _constant_in(domain, right), domain)

    def _arithmetic(self, node: Expr) -> Term:
        left, right = self._number(node.this), self._number(node.expression)
        return Arithmetic(self._signs[type(node)], left, right)

    def _number(self, node: Expr) -> Term:
        term = self._term(node)
        if not term.type.numeric:
            raise ExpressionError(f"arithmetic on {_told(term)}", start=start_of(node), hint="arithmetic wants numbers")
        return term

    def _negate(self, node: Expr) -> Term:
        item = self._number(node.this)
        # A negative literal stays an integer, so that it compares exactly with integers.
        return Constant(-cast("int | float", item.value), item.type) if isinstance(item, Constant) else Negate(item)

    def _absolute(self, node: Expr) -> Term:
        return Absolute(self._number(node.this))

    def _coalesce(self, node: Expr) -> Term:
        items = [self._term(part) for part in (node.this, *node.expressions)]
        type_ = items[0].type
        for item in items[1:]:
            met = _meet(type_, item.type)
            if met is None:
                told = f"{_told(items[0])} and {_told(item)}"
                raise ExpressionError(f"COALESCE mixes {told}", start=start_of(node), hint="give it values of one type")
            type_ = met
        # A literal is never null, so that nothing after it counts.
        ends = next((index for index, item in enumerate(items) if isinstance(item, Constant)), len(items))
        items = items[: ends + 1]
        if len(items) == 1:
            return _constant_in(type_, items[0])
        return Coalesce(tuple(_constant_in(type_, item) for item in items), type_)

    def _dated(self, node: Expr) -> Term:
        from sqlglot import exp

        literal, kind = node.this, node.args["to"].this.name
        if not isinstance(literal, exp.Literal) or not literal.args["is_string"] or kind not in ("DATE", "TIMESTAMP"):
            raise ExpressionError(
                "a cast is not in the language of rules", start=start_of(node), hint="declare the type that is meant"
            )
        try:
            if kind == "DATE":
                return Constant(date.fromisoformat(literal.this), Type.DATE)
            moment = datetime.fromisoformat(literal.this)
        except ValueError:
            raise ExpressionError(f"{literal.this[:40]!r} is not a {kind.lower()}", start=start_of(literal)) from None
        # A literal without an offset is in UTC, as every timestamp of a policy is.
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return Constant(moment, Type.TIMESTAMP)


def _folded(term: Term, node: Expr) -> Term:
    """Compute what reads no column once and for all; neither backend then meets an operation on literals only."""
    if isinstance(term, Column | Constant) or columns_of(term):
        return term
    value = to_closure(term)({})
    if value is None:
        raise ExpressionError("this is null whatever the row", start=start_of(node), hint="is it a division by zero?")
    return Constant(value, term.type)


def _meet(first: Type, second: Type) -> Type | None:
    if first is second:
        return first
    return Type.NUMBER if first.numeric and second.numeric else None


def _value_in(domain: Type, constant: Constant) -> Value:
    return float(cast("int | float", constant.value)) if domain is Type.NUMBER else constant.value


def _constant_in(domain: Type, term: Term) -> Term:
    return Constant(_value_in(domain, term), domain) if isinstance(term, Constant) else term


def _told(term: Term) -> str:
    if isinstance(term, Column):
        return f"the {term.type} column `{term.name}`"
    return f"the {term.type} {term.value!r}"[:60] if isinstance(term, Constant) else f"a {term.type}"


def _unknown(name: str, quoted: bool, columns: Mapping[str, Type], start: int | None) -> ExpressionError:
    near = difflib.get_close_matches(name, columns, n=1)
    if near:
        hint = f"did you mean `{near[0]}`?"
    elif quoted:
        hint = "strings stand in single quotes"
    else:
        hint = f"the policy reads {', '.join(sorted(columns)[:20])}"
    return ExpressionError(f"unknown column `{name[:40]}`", start=start, hint=hint)
