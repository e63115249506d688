"""Word the findings: which rule, on how many rows, with which example, in the reader's terms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.quarantine import values_text
from agentic_assets.contracts.gating.result import Finding
from agentic_assets.contracts.rule import Rule

__all__ = ["broken_rule", "broken_tolerances", "missing_column", "objections", "too_many_refused", "unexpected_columns"]

_LONGEST_EXAMPLE = 80
_NAMES_SHOWN = 10


def broken_rule(rule: Rule, conformed: Conformed, mask: npt.NDArray[np.bool_], contract: Contract) -> Finding:
    """Report a rule that single rows broke; `mask` marks them in the delivered frame."""
    count, first = int(mask.sum()), int(mask.argmax())
    row = int(conformed.numbers[first])
    value = values_text(conformed.delivered.slice(first, 1), rule, contract)[0]
    reason = conformed.reasons.get(rule.column or "") if rule.id == f"type({rule.column})" else None
    reason = None if reason == "text" else reason  # the value in quotes says it already
    if rule.column:
        promise = f"`{rule.column}` breaks {rule.text} on {_rows(count)}"
    else:
        named = rule.text if "(" in rule.id else f"{rule.id}, {rule.text}"
        promise = f"{_rows(count)} {'breaks' if count == 1 else 'break'} {named}"
    message = f"{promise}, e.g. row {row}: {_shown(value, rule, conformed, contract)}"
    message += f" (delivered as {reason})" if reason else ""
    total = conformed.delivered.height
    return Finding(rule.id, rule.column, "row", rule.severity, count, total, row, value, message)


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


def broken_tolerances(
    contract: Contract, missing: tuple[str, ...], counts: Mapping[str, int], total: int
) -> list[Finding]:
    """Report the broken rules about the table as a whole; without a rule of its own, a table may not be empty."""
    found: list[Finding] = []
    for rule in contract.rules:
        if rule.tolerance is None or set(missing).intersection(rule.inputs):
            continue
        if rule.tolerance.holds(counts[rule.id], total):
            continue
        count = counts[rule.id]
        seen = f"there are {total:,}" if rule.counts_rows else f"there are {count:,} of {total:,}"
        message = f"{f'`{rule.column}`: ' if rule.column else ''}{rule.text}, {seen}"
        found.append(Finding(rule.id, rule.column, "table", rule.severity, count, total, None, None, message))
    if total == 0 and not any(rule.counts_rows for rule in contract.rules):
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


def _shown(value: str | None, rule: Rule, conformed: Conformed, contract: Contract) -> str:
    if value is None:
        return "null"
    shown = value if len(value) <= _LONGEST_EXAMPLE else f"{value[: _LONGEST_EXAMPLE - 1]}…"
    # Control characters of hostile data stay out of terminals and logs.
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in shown)
    is_text = rule.column is not None and conformed.delivered.schema[rule.column] == pl.String
    return f"'{shown}'" if is_text and not contract.column(str(rule.column)).masked else shown


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
