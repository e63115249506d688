"""A whole amount of one row, such as what an action is worth in cents: text, terms and both backends, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from agentic_assets.language.closure import Test, to_closure
from agentic_assets.language.columnar import to_expression
from agentic_assets.language.condition import refusal
from agentic_assets.language.reader import read_number
from agentic_assets.language.terms import Arithmetic, Column, Constant, Term, Type, columns_of, walk
from agentic_assets.language.tokens import ExpressionError, scan

__all__ = ["Amount", "parse_amount"]


@dataclass(frozen=True)
class Amount:
    """One parsed amount; both backends compute in doubles, which are exact for whole numbers up to 2**53."""

    text: str
    term: Term
    columns: tuple[str, ...]
    expression: pl.Expr = field(repr=False, compare=False)
    value: Test = field(repr=False, compare=False)


def parse_amount(text: str, columns: Mapping[str, Type], *, where: str) -> Amount:
    """Parse an expression that is a whole number for every row: of integers, without a division.

    Raises PolicyInvalid that opens with `where` and the position.
    """
    text = text.strip()
    try:
        scan(text, columns)
        term = read_number(text, columns)
        for part in walk(term):
            _refuse_fraction(part)
    except ExpressionError as error:
        raise refusal(error, text, where) from None
    return Amount(text, term, columns_of(term), to_expression(term), to_closure(term))


def _refuse_fraction(part: Term) -> None:
    match part:
        case Column(name=name, type=Type.NUMBER):
            told = f"the number column `{name}`"
        case Constant(value=float(value)) if not value.is_integer():
            told = f"{value!r}"
        case Arithmetic(sign="/"):
            told = "a division"
        case _:
            return
    raise ExpressionError(
        f"the amount holds {told}, so that it need not be a whole number",
        hint="count in whole cents, and in columns of integers: what is ranked must not hang on rounding",
    )
