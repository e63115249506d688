"""Write a condition over one row, as the loader admits it, in the SQL of a database or as a polars expression."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl

from agentic_assets.contracts.export.unsaid import Unsayable

__all__ = ["Language", "Writer"]

Kind = Literal["integer", "number", "text", "truth", "date", "moment", "span"]

_KINDS: Final[dict[type[pl.DataType], Kind]] = {
    pl.Float64: "number",
    pl.String: "text",
    pl.Boolean: "truth",
    pl.Date: "date",
    pl.Datetime: "moment",
}
_COMPARE: Final = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_CALCULATE: Final = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%"}
_CONNECT: Final = {"And": "AND", "Or": "OR"}
_SECONDS: Final = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400}


class Language(ABC):
    """Words for the few things that a condition is made of."""

    @abstractmethod
    def column(self, name: str, kind: Kind) -> str:
        """Write a column; integers are wide, so that sums do not overflow."""

    @abstractmethod
    def value(self, text: str, kind: Kind) -> str:
        """Write a literal: digits, text, true or false, an ISO date or timestamp, seconds of a span."""

    @abstractmethod
    def connect(self, left: str, operator: str, right: str) -> str:
        """Write AND and OR."""

    @abstractmethod
    def negate(self, inner: str) -> str:
        """Write NOT."""

    @abstractmethod
    def null(self, inner: str) -> str:
        """Write IS NULL."""

    @abstractmethod
    def compare(self, left: str, operator: str, right: str, kind: Kind) -> str:
        """Write a comparison of two values of a kind; texts are ordered by their code points."""

    @abstractmethod
    def calculate(self, left: str, operator: str, right: str, kind: Kind) -> str:
        """Write a sum, difference, product, quotient (of fractions) or remainder (with the sign of the dividend)."""


class Writer:
    """Walks the tree of one condition and writes it in a language."""

    def __init__(self, language: Language, schema: Mapping[str, pl.DataType]) -> None:
        self._language = language
        self._schema = schema

    def write(self, kept: str) -> str:
        """Write a condition given in the SQL of DuckDB; raise Unsayable for what is not known here."""
        import sqlglot

        try:
            tree = sqlglot.parse_one(kept, read="duckdb")
            text, _ = self._of(tree)
        except (sqlglot.errors.SqlglotError, RecursionError) as error:
            raise Unsayable("the condition cannot be parsed") from error
        # Every operator writes its own brackets; the outermost ones say nothing.
        bracketed = text.startswith("(") and type(tree.unnest()).__name__ in (
            *_CONNECT,
            *_COMPARE,
            "Between",
            "In",
            "Not",
        )
        return text[1:-1] if bracketed else text

    def _of(self, node: Any) -> tuple[str, Kind]:
        name = type(node).__name__
        if name in _CONNECT:
            return self._language.connect(self._of(node.this)[0], _CONNECT[name], self._of(node.expression)[0]), "truth"
        if name in _COMPARE:
            return self._compared(node.this, _COMPARE[name], node.expression), "truth"
        if name in _CALCULATE:
            return self._calculated(node, _CALCULATE[name])
        match name:
            case "Between":
                low = self._compared(node.this, ">=", node.args["low"])
                high = self._compared(node.this, "<=", node.args["high"])
                return self._language.connect(low, "AND", high), "truth"
            case "In" if node.expressions and not node.args.get("query"):
                found = self._compared(node.this, "=", node.expressions[0])
                for item in node.expressions[1:]:
                    found = self._language.connect(found, "OR", self._compared(node.this, "=", item))
                return found, "truth"
            case "Paren":
                return self._of(node.this)
            case "Not":
                return self._language.negate(self._of(node.this)[0]), "truth"
            case "Neg":
                inner, kind = self._of(node.this)
                return self._language.calculate(self._language.value("0", "integer"), "-", inner, kind), kind
            case "Is" if type(node.expression).__name__ == "Null":
                return self._language.null(self._of(node.this)[0]), "truth"
            case "Column":
                return self._column(node)
        return self._literal(node)

    def _compared(self, left: Any, operator: str, right: Any) -> str:
        (first, kind), (second, _) = self._of(left), self._of(right)
        return self._language.compare(first, operator, second, kind)

    def _calculated(self, node: Any, operator: str) -> tuple[str, Kind]:
        (left, first), (right, second) = self._of(node.this), self._of(node.expression)
        kind: Kind
        if "span" in (first, second):
            kind = first
        elif first == second == "moment":
            kind = "span"
        else:
            kind = "integer" if first == second == "integer" and operator != "/" else "number"
        return self._language.calculate(left, operator, right, kind), kind

    def _column(self, node: Any) -> tuple[str, Kind]:
        dtype = self._schema.get(node.name)
        kind: Kind | None = None if dtype is None else "integer" if dtype.is_integer() else _KINDS.get(type(dtype))
        if kind is None:
            raise Unsayable(f"it reads `{node.name[:60]}`, whose type has no counterpart")
        return self._language.column(node.name, kind), kind

    def _literal(self, node: Any) -> tuple[str, Kind]:
        match type(node).__name__:
            case "Literal" if node.is_string:
                return self._language.value(node.this, "text"), "text"
            case "Literal" if re.fullmatch(r"\d{1,18}", node.this):
                return self._language.value(node.this, "integer"), "integer"
            case "Literal":
                return self._language.value(repr(float(node.this)), "number"), "number"
            case "Boolean":
                return self._language.value(str(bool(node.this)).lower(), "truth"), "truth"
            case "Cast" if type(node.this).__name__ == "Literal" and node.this.is_string:
                kind: Kind | None = {"DATE": "date", "TIMESTAMPTZ": "moment"}.get(str(node.to.this.value).upper())  # type: ignore[assignment]
                if kind is not None:
                    return self._language.value(node.this.this, kind), kind
            case "Interval" if type(node.this).__name__ == "Literal":
                unit = str(node.args.get("unit") or "").upper().removesuffix("S")
                count = re.fullmatch(r"\d{1,9}", str(node.this.this))
                if unit in _SECONDS and count:  # in seconds, since a day of 23 hours is none of polars'
                    return self._language.value(str(int(count.group()) * _SECONDS[unit]), "span"), "span"
        raise Unsayable(f"it uses {type(node).__name__}")
