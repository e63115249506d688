"""Which expressions look at one row at a time: all others would let the rest of a day, or of a range, into a value."""

from __future__ import annotations

import polars as pl

from agentic_assets.errors import PointInTimeViolation

__all__ = ["check_rowwise", "is_rowwise"]


def check_rowwise(where: str, expression: pl.Expr) -> None:
    """Refuse an expression whose value for a row depends on other rows, such as a mean, a shift or `over`."""
    if not is_rowwise(expression):
        text = str(expression)
        raise PointInTimeViolation(
            f"{where} looks at other rows than its own: {text[:120]}{'...' if len(text) > 120 else ''}",
            hint="rows that become known later would enter; aggregate facts with a kind, which cuts them off",
        )


def is_rowwise(expression: pl.Expr) -> bool:
    """Say whether each value depends on its own row only; code that polars cannot look into counts as if it did."""
    meta = expression.meta
    if meta.is_literal():
        return True
    inputs = meta.pop()
    try:
        alone = meta.is_row_separable() and (meta.is_length_preserving() or not meta.root_names())
    except pl.exceptions.PolarsError:  # a Python function: what it does with rows shows only in the proofs
        alone = True
    if not inputs and not meta.root_names():  # such as the number of rows
        return False
    return (alone or not meta.root_names()) and all(is_rowwise(each) for each in inputs)
