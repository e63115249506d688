"""A rule's condition: text, terms and both backends, parsed once and checked against the declared columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language.closure import Test, to_closure
from agentic_assets.language.columnar import to_expression
from agentic_assets.language.reader import read_term
from agentic_assets.language.terms import Term, Type, columns_of
from agentic_assets.language.tokens import ExpressionError, scan

__all__ = ["Condition", "parse_condition", "refusal"]


@dataclass(frozen=True)
class Condition:
    """One parsed condition with its two backends, which are proven equal by property tests."""

    text: str
    term: Term
    columns: tuple[str, ...]
    expression: pl.Expr = field(repr=False, compare=False)
    test: Test = field(repr=False, compare=False)


def parse_condition(text: str, columns: Mapping[str, Type], *, where: str) -> Condition:
    """Parse a boolean expression over `columns`; raises PolicyInvalid that opens with `where` and the position."""
    text = text.strip()
    try:
        scan(text, columns)
        term = read_term(text, columns)
    except ExpressionError as error:
        raise refusal(error, text, where) from None
    return Condition(text, term, columns_of(term), to_expression(term), to_closure(term))


def refusal(error: ExpressionError, text: str, where: str) -> PolicyInvalid:
    """Say whose expression it is that cannot be read, and at which line and column."""
    place = "" if error.start is None else f", {_position(text, error.start)}"
    return PolicyInvalid(f"{where}{place}: {error.what}", hint=error.hint)


def _position(text: str, start: int) -> str:
    before = text[:start]
    return f"line {before.count(chr(10)) + 1} column {start - before.rfind(chr(10))}"
