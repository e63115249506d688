"""Word the findings: which rule, on how many rows, with which example, in the reader's terms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.quarantine import values_text
from agentic_assets.contracts.gating.result import FAILURES_KEPT, Finding
from agentic_assets.contracts.rule import Rule

__all__ = [
    "broken_measure",
    "broken_rule",
    "broken_tolerance",
    "could_not_run",
    "empty_table",
    "failing_rows",
    "missing_column",
    "objections",
    "too_many_refused",
    "unchecked",
    "unexpected_columns",
]

_LONGEST_EXAMPLE = 80
_NAMES_SHOWN = 10


def failing_rows(rule: Rule, conformed: Conformed, mask: npt.NDArray[np.bool_], contract: Contract) -> pl.DataFrame:
    """List the first rows of the delivered frame that a mask marks, with what each holds in the rule's columns."""
    rows = pl.Series(np.flatnonzero(mask)[:FAILURES_KEPT])
    here = conformed.delivered.select(name for name in rule.inputs if name in conformed.delivered.columns)
    return pl.DataFrame(
        {
            "source_row": conformed.numbers.gather(rows),
            "value": values_text(here[rows], rule, contract) if here.width else pl.repeat(None, rows.len(), eager=True),
        },
        schema_overrides={"value": pl.String},
    ).select(
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.column, pl.String).alias("column"),
        pl.lit(rule.severity).alias("severity"),
        "source_row",
        "value",
    )


def broken_rule(rule: Rule, conformed: Conformed, count: int, failing: pl.DataFrame, contract: Contract) -> Finding:
    """Report a rule that `count` rows broke, the first of which are `failing`."""
    row, value = failing.item(0, "source_row"), failing.item(0, "value")
    reason = conformed.reasons.get(rule.column or "") if rule.id == f"type({rule.column})" else None
    reason = None if reason == "text" else reason  # the value in quotes says it already
    if rule.column:
        promise = f"`{rule.column}` breaks {rule.text} on {_rows(count)}"
    else:
        named = rule.text if "(" in rule.id else f"{rule.id}, {rule.text}"
        promise = f"{_rows(count)} {'breaks' if count == 1 else 'break'} {named}"
    message = f"{promise}, {_example(row, value, rule, conformed, contract)}"
    message += f" (delivered as {reason})" if reason else ""
    total = conformed.delivered.height
    return Finding(rule.id, rule.column, "row", rule.severity, count, total, row, value, message)


def could_not_run(rule: Rule, why: str, total: int) -> Finding:
    """Report a rule that failed on these very rows, so that nobody knows whether they keep it."""
    message = f"{f'`{rule.column}`: ' if rule.column else ''}the rule {rule.id} could not be run: {why}"
    return Finding(rule.id, rule.column, "table", rule.severity, 0, total, None, None, message)


def unchecked(rule: Rule, why: str, total: int) -> Finding:
    """Report a promise that could not be looked at."""
    message = f"{f'`{rule.column}`: ' if rule.column else ''}{rule.text} was not checked: {why}"
    return Finding(rule.id, rule.column, "table", "warning", 0, total, None, None, message)


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


def broken_tolerance(
    rule: Rule, conformed: Conformed, count: int, failing: pl.DataFrame, contract: Contract
) -> Finding:
    """Report a broken rule about the table as a whole: `count` rows break it, or are all there are."""
    total = conformed.delivered.height
    seen = f"there are {total:,}" if rule.counts_rows else f"there are {count:,} of {total:,}"
    message = f"{f'`{rule.column}`: ' if rule.column else ''}{rule.text}, {seen}"
    row = value = None
    if failing.height:
        row, value = failing.item(0, "source_row"), failing.item(0, "value")
        message += f", {_example(row, value, rule, conformed, contract)}"
    return Finding(rule.id, rule.column, "table", rule.severity, count, total, row, value, message)


def broken_measure(rule: Rule, value: float | None, total: int) -> Finding:
    """Report a rule whose one measured value is not what it must be; no value at all is not either."""
    seen = "it gave no value (NULL)" if value is None else f"it gave {value:.15g}"
    message = f"{f'`{rule.column}`: ' if rule.column else ''}{rule.text}, {seen}"
    return Finding(rule.id, rule.column, "table", rule.severity, 0, total, None, None, message, value)


def empty_table() -> Finding:
    """Report that there are no rows, which no rule of its own allows."""
    return Finding("rowCount", None, "table", "error", 0, 0, None, None, "the table is empty: 0 rows")


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


def _example(row: int, value: str | None, rule: Rule, conformed: Conformed, contract: Contract) -> str:
    return f"e.g. row {row}: {_shown(value, rule, conformed, contract)}"


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
