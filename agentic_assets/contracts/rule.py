"""A rule: one promise about rows or about the whole frame, as one polars expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from agentic_assets.contracts.promise import Promise
from agentic_assets.contracts.query import Query
from agentic_assets.contracts.reference import Reference

__all__ = ["NOT_A_NUMBER", "PLACE", "UNREADABLE", "Rule", "Scope", "Severity", "Tolerance"]

Scope = Literal["row", "table", "cross"]
Severity = Literal["error", "warning"]

# A conformed frame carries, beside each contracted column, a mark for the cells that could not be read as its type
# and one for those that are no finite number. The prefixes hold a control character, so no file's column collides.
UNREADABLE: Final = "\x01unreadable:"
NOT_A_NUMBER: Final = "\x01nan:"
# The column by which a reader of files says where each row stands; it is neither checked nor kept.
PLACE: Final = "\x01place"


@dataclass(frozen=True)
class Tolerance:
    """How often a rule may be broken: an ODCS operator with its one or two figures, in rows or percent of rows."""

    operator: str
    figures: tuple[float, ...]
    percent: bool

    def holds(self, count: int, total: int) -> bool:
        """Say whether `count` of `total` rows is within the tolerance."""
        return self.allows(100.0 * count / total if self.percent and total else float(count))

    def allows(self, value: float) -> bool:
        """Say whether a measured value is within the tolerance."""
        first, last = self.figures[0], self.figures[-1]
        return {
            "mustBe": value == first,
            "mustNotBe": value != first,
            "mustBeGreaterThan": value > first,
            "mustBeGreaterOrEqualTo": value >= first,
            "mustBeLessThan": value < first,
            "mustBeLessOrEqualTo": value <= first,
            "mustBeBetween": first <= value <= last,
            "mustNotBeBetween": not first <= value <= last,
        }[self.operator]

    def __str__(self) -> str:
        words = {
            "mustBe": "be",
            "mustNotBe": "not be",
            "mustBeGreaterThan": "be greater than",
            "mustBeGreaterOrEqualTo": "be at least",
            "mustBeLessThan": "be less than",
            "mustBeLessOrEqualTo": "be at most",
            "mustBeBetween": "be between",
            "mustNotBeBetween": "not be between",
        }[self.operator]
        return f"must {words} {' and '.join(f'{figure:g}' for figure in self.figures)}{' %' if self.percent else ''}"


@dataclass(frozen=True)
class Rule:
    """One compiled rule.

    `expression` is true for a row that keeps the promise; null (nothing is known) also keeps it, as in an SQL CHECK.
    `promise` says the same in plain values, for readers that speak no polars; None where that cannot be said.
    A key rule has `key` instead: no two rows share its columns. With a `tolerance` the rule is about the table:
    the number of rows that break it (or of all rows, for `rowCount`) is compared, and single rows are not refused.
    A rule of scope `cross` looks beyond the row: its `expression` may look at the whole partition; `reference` names
    rows of another dataset, `query` is SQL over the partition.
    """

    id: str
    column: str | None
    text: str
    severity: Severity = "error"
    scope: Scope = "row"
    expression: pl.Expr | None = field(default=None, compare=False, repr=False)
    key: tuple[str, ...] = ()
    tolerance: Tolerance | None = None
    inputs: tuple[str, ...] = ()
    dimension: str | None = None
    description: str | None = None
    promise: Promise | None = None
    reference: Reference | None = None
    query: Query | None = None

    @property
    def counts_rows(self) -> bool:
        """Say whether the rule is about the number of rows and nothing in them."""
        return self.expression is None and not self.key and self.reference is None and self.query is None
