"""The fast pass: how many rows break each rule, in one select and one hash a key."""

from __future__ import annotations

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.keys import duplicated
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE, Rule

__all__ = ["broken_by", "measure"]


def measure(conformed: Conformed, contract: Contract) -> dict[str, int]:
    """Count, for each rule of the contract, the rows that break it (for a rule about the number of rows, the rows).

    Rules that look beyond the row stay at 0.
    """
    height = conformed.values.height
    counts = dict.fromkeys((rule.id for rule in contract.rules), 0)
    asked: list[pl.Expr] = []
    for rule in contract.rules:
        if rule.scope == "cross":
            continue
        if rule.key:
            mask = duplicated(conformed.values, rule.key)
            counts[rule.id] = 0 if mask is None else int(mask.sum())
        elif rule.counts_rows:
            counts[rule.id] = height
        elif rule.expression is not None and not _surely_kept(rule, conformed):
            asked.append((~rule.expression).sum().alias(rule.id))
    if asked and height:
        frame = conformed.marked if any(_reads_marks(expression) for expression in asked) else conformed.values
        counts.update(frame.lazy().select(asked).collect().row(0, named=True))
    return counts


def _surely_kept(rule: Rule, conformed: Conformed) -> bool:
    # Some rules are answered without a look at the rows: nothing was unreadable, nothing NaN, nothing null.
    name = rule.column
    if rule.id == f"type({name})":
        return f"{UNREADABLE}{name}" not in conformed.marks
    if rule.id == f"nan({name})":
        return f"{NOT_A_NUMBER}{name}" not in conformed.marks
    if rule.id == f"required({name})":
        return name is not None and conformed.values.get_column(name).null_count() == 0
    return False


def _reads_marks(expression: pl.Expr) -> bool:
    return any(name.startswith((UNREADABLE, NOT_A_NUMBER)) for name in expression.meta.root_names())


def broken_by(frame: pl.DataFrame, rule: Rule) -> pl.Series:
    """Mark the rows of a conformed frame that break a row or key rule; null counts as kept."""
    if rule.key:
        mask = duplicated(frame, rule.key)
        return mask if mask is not None else pl.repeat(value=False, n=frame.height, eager=True)
    assert rule.expression is not None
    return frame.select((~rule.expression).fill_null(value=False).alias("broken")).to_series()
