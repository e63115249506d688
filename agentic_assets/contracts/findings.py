"""Word the findings: which rule, on how many rows, with which example, in the reader's terms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts.conform import Conformed
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.quarantine import values_text
from agentic_assets.contracts.result import Finding
from agentic_assets.contracts.rule import Rule

__all__ = ["about_the_table", "broken_rule", "missing_column", "objections", "too_many_refused", "unexpected_columns"]

_LONGEST_EXAMPLE = 80
_NAMES_SHOWN = 10


def broken_rule(
    rule: Rule,
    frame: pl.DataFrame,
    numbers: pl.Series,
    mask: npt.NDArray[np.bool_],
    conformed: Conformed,
    contract: Contract,
) -> Finding:
    """Report a rule that single rows broke; `mask` marks them in the delivered frame."""
    count = int(mask.sum())
    first = int(mask.argmax())
    row = int(numbers[first])
    value = values_text(frame.slice(first, 1), rule, contract)[0]
    shown = _shown(value)
    subject = f"`{rule.column}`" if rule.column else ("rows" if count > 1 else "the row")
    reason = conformed.reasons.get(rule.column or "") if rule.id == f"type({rule.column})" else None
    message = f"{subject} {'breaks' if rule.column or count == 1 else 'break'} {rule.text} on {_rows(count)}"
    message += f", e.g. row {row}: {shown}" + (f" (delivered as {reason})" if reason else "")
    return Finding(rule.id, rule.column, "row", rule.severity, count, frame.height, row, value, message)


def missing_column(rule: Rule, total: int) -> Finding:
    """Report a column that was not delivered."""
    message = f"the column `{rule.column}` is missing"
    return Finding(rule.id, rule.column, "table", "error", total, total, None, None, message)


def unexpected_columns(names: tuple[str, ...], total: int) -> Finding:
    """Report columns that no contract promises; they are dropped."""
    listed = ", ".join(f"`{name[:60]}`" for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    plural = "columns are" if len(names) > 1 else "column is"
    message = f"{len(names)} {plural} not in the contract and left out: {listed}{more}"
    return Finding("unexpectedColumns", None, "table", "warning", len(names), total, None, None, message)


def about_the_table(contract: Contract, missing: tuple[str, ...], counts: dict[str, int], total: int) -> list[Finding]:
    """Report the broken rules about the table as a whole; without a rule of its own, a table may not be empty."""
    found: list[Finding] = []
    for rule in contract.rules:
        if rule.tolerance is None or set(missing).intersection(rule.inputs):
            continue
        if rule.tolerance.holds(counts[rule.id], total):
            continue
        count = counts[rule.id]
        subject = f"`{rule.column}`" if rule.column else "the table"
        seen = f"{_rows(total)}" if rule.id == "rowCount" else f"{_rows(count)} of {total:,}"
        message = f"{subject} breaks {rule.text}: {seen}"
        found.append(Finding(rule.id, rule.column, "table", rule.severity, count, total, None, None, message))
    if total == 0 and not any(rule.text.startswith("rowCount") for rule in contract.rules):
        found.append(Finding("rowCount", None, "table", "error", 0, 0, None, None, "the table is empty: 0 rows"))
    return found


def too_many_refused(refused: int, total: int, contract: Contract) -> Finding:
    """Report that so many rows were refused that the rest cannot be trusted either."""
    message = (
        f"{refused:,} of {_rows(total)} were refused ({100 * refused / total:.3g} %), "
        f"more than the {100 * contract.max_refused_share:g} % that the contract allows"
    )
    return Finding("maxRefusedShare", None, "table", "error", refused, total, None, None, message)


def objections(texts: list[str], total: int) -> list[Finding]:
    """Report what pandera objects to in the very frame that was to be published."""
    return [
        Finding("schema", None, "table", "error", 1, total, None, None, f"the result breaks the schema: {text}")
        for text in texts
    ]


def _shown(value: str | None) -> str:
    if value is None:
        return "null"
    return value if len(value) <= _LONGEST_EXAMPLE else f"{value[: _LONGEST_EXAMPLE - 1]}…"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
