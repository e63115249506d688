"""Translate SQL over the columns of one row into polars: a short whitelist, typed, with SQL's three-valued logic."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import polars as pl

__all__ = ["NotSimple", "Row"]

MAX_DEPTH: Final = 30

Kind = Literal["number", "text", "truth", "date", "moment", "span"]


class NotSimple(Exception):
    """The SQL is outside the whitelist; it is not run."""


class _Typed(NamedTuple):
    expression: pl.Expr
    kind: Kind


_Operation = Callable[[pl.Expr, pl.Expr], pl.Expr]

# By the class names of sqlglot, which is imported only where there is SQL to read.
_COMPARE: Final[dict[str, _Operation]] = {
    "EQ": lambda left, right: left == right,
    "NEQ": lambda left, right: left != right,
    "LT": lambda left, right: left < right,
    "LTE": lambda left, right: left <= right,
    "GT": lambda left, right: left > right,
    "GTE": lambda left, right: left >= right,
}
_CONNECT: Final[dict[str, _Operation]] = {
    "And": lambda left, right: left & right,
    "Or": lambda left, right: left | right,
}
_CALCULATE: Final[dict[str, _Operation]] = {
    "Add": lambda left, right: left + right,
    "Sub": lambda left, right: left - right,
    "Mul": lambda left, right: left * right,
    # SQL gives null for a division by zero and the sign of the dividend to a remainder; polars does neither.
    "Div": lambda left, right: left / pl.when(right != 0).then(right),
    "Mod": lambda left, right: left.sign() * (left.abs() % pl.when(right != 0).then(right.abs())),
}
# Which kinds may be added to or taken from which, and what comes out.
_SPANS: Final[dict[tuple[str, str, str], Kind]] = {
    ("moment", "Add", "span"): "moment",
    ("moment", "Sub", "span"): "moment",
    ("moment", "Sub", "moment"): "span",
    ("span", "Add", "span"): "span",
    ("span", "Sub", "span"): "span",
}


@dataclass
class Row:
    """Translates expressions over one row of a table; `read` collects the columns that they use."""

    table: str
    schema: Mapping[str, pl.DataType]
    read: list[str] = field(default_factory=list)

    def predicate(self, node: Any) -> pl.Expr:
        """Translate a condition; raise NotSimple outside the whitelist, ValueError for what cannot be meant."""
        return self._of(node, 0, "truth").expression

    def _of(self, node: Any, depth: int, wanted: Kind | None = None) -> _Typed:
        if depth > MAX_DEPTH:
            raise NotSimple(f"the predicate nests deeper than {MAX_DEPTH}")
        typed = self._translated(node, depth + 1)
        if wanted is not None and typed.kind != wanted:
            raise ValueError(f"`{_sql(node)}` is a {typed.kind} where a {wanted} is needed")
        return typed

    def _translated(self, node: Any, below: int) -> _Typed:
        name = type(node).__name__
        if name in _CONNECT:
            left, right = self._of(node.this, below, "truth"), self._of(node.expression, below, "truth")
            return _Typed(_CONNECT[name](left.expression, right.expression), "truth")
        if name in _COMPARE:
            return self._compared(node.this, name, node.expression, below)
        if name in _CALCULATE:
            return self._calculated(node, name, below)
        if name in ("Between", "In"):
            return self._within(node, name, below)
        match name:
            case "Paren":
                return self._of(node.this, below)
            case "Not":
                return _Typed(~self._of(node.this, below, "truth").expression, "truth")
            case "Neg":
                return _Typed(-self._of(node.this, below, "number").expression, "number")
            case "Is" if type(node.expression).__name__ == "Null":
                return _Typed(self._of(node.this, below).expression.is_null(), "truth")
        return self._column(node) if name == "Column" else _literal(node)

    def _compared(self, left_node: Any, name: str, right_node: Any, below: int) -> _Typed:
        left = self._of(left_node, below)
        right = self._of(right_node, below, left.kind)
        return _Typed(_COMPARE[name](left.expression, right.expression), "truth")

    def _within(self, node: Any, name: str, below: int) -> _Typed:
        if name == "Between":
            low = self._compared(node.this, "GTE", node.args["low"], below)
            high = self._compared(node.this, "LTE", node.args["high"], below)
            return _Typed(low.expression & high.expression, "truth")
        if not node.expressions or node.args.get("query") or len(node.expressions) > 1_000:
            raise NotSimple("IN takes a list of up to 1,000 values")
        found = self._compared(node.this, "EQ", node.expressions[0], below).expression
        for item in node.expressions[1:]:
            found = found | self._compared(node.this, "EQ", item, below).expression
        return _Typed(found, "truth")

    def _calculated(self, node: Any, name: str, below: int) -> _Typed:
        left, right = self._of(node.this, below), self._of(node.expression, below)
        kind: Kind | None = "number" if left.kind == right.kind == "number" else None
        kind = kind or _SPANS.get((left.kind, name, right.kind))
        if kind is None:
            raise ValueError(f"`{_sql(node)}` calculates with a {left.kind} and a {right.kind}")
        return _Typed(_CALCULATE[name](left.expression, right.expression), kind)

    def _column(self, node: Any) -> _Typed:
        if node.table.lower() not in ("", self.table.lower()):
            raise NotSimple(f"`{_sql(node)}` is not of `{self.table}`")
        dtype = self.schema.get(node.name)
        if dtype is None:
            raise ValueError(f"`{node.name[:80]}` is no column of the contract")
        self.read.append(node.name)
        column = pl.col(node.name)
        if dtype.is_integer():
            return _Typed(column.cast(pl.Int64), "number")  # so that sums and products do not overflow silently
        kinds: dict[type[pl.DataType], Kind] = {
            pl.Float64: "number",
            pl.String: "text",
            pl.Boolean: "truth",
            pl.Date: "date",
            pl.Datetime: "moment",
        }
        return _Typed(column, kinds[type(dtype)])


def _literal(node: Any) -> _Typed:
    match type(node).__name__:
        case "Literal" if node.is_string:
            return _Typed(pl.lit(node.this), "text")
        case "Literal":
            whole = re.fullmatch(r"\d{1,18}", node.this)
            return _Typed(pl.lit(int(node.this)) if whole else pl.lit(float(node.this)), "number")
        case "Boolean":
            return _Typed(pl.lit(bool(node.this)), "truth")
        case "Cast" if type(node.this).__name__ == "Literal" and node.this.is_string:
            target = str(node.to.this.value).upper()
            if target == "DATE":
                return _Typed(pl.lit(dt.date.fromisoformat(node.this.this)), "date")
            if target == "TIMESTAMPTZ":
                moment = dt.datetime.fromisoformat(node.this.this)
                if moment.tzinfo is None:
                    raise ValueError(f"`{_sql(node)}` has no time zone")
                return _Typed(pl.lit(moment.astimezone(dt.UTC)), "moment")
        case "Interval" if type(node.this).__name__ == "Literal":
            unit = str(node.args.get("unit") or "").lower().removesuffix("s")
            count = re.fullmatch(r"\d{1,9}", str(node.this.this))
            if unit in ("second", "minute", "hour", "day") and count:
                return _Typed(pl.lit(dt.timedelta(**{f"{unit}s": int(count.group())})), "span")
    raise NotSimple(f"`{_sql(node)}` ({type(node).__name__}) is not allowed in a row predicate")


def _sql(node: Any) -> str:
    return str(node.sql(dialect="duckdb"))[:80]
