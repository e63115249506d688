"""What the gate found, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from agentic_assets.contracts.rule import Severity

__all__ = ["FAILURES", "FAILURES_KEPT", "Finding", "GateResult"]

_SHOWN: Final = 12
FAILURES_KEPT: Final = 20
"""How many of the rows that break a rule are kept with their values."""
FAILURES: Final[dict[str, pl.DataType]] = {
    "rule": pl.String(),
    "column": pl.String(),
    "severity": pl.String(),
    "source_row": pl.Int64(),
    "value": pl.String(),
}


@dataclass(frozen=True)
class Finding:
    """One broken promise: the rule, how often of how many rows, and one example, all bounded in size.

    `measured` is the value of a rule in SQL that gives one value and no rows.
    """

    rule: str
    column: str | None
    scope: str
    severity: Severity
    count: int
    total: int
    example_row: int | None
    example_value: str | None
    message: str
    measured: float | None = None


@dataclass(frozen=True)
class GateResult:
    """The gate's verdict on one partition.

    `valid` holds the rows that broke no rule, in the order of the input and with exactly the contracted columns;
    `quarantined` the others; together they are all rows read. When `refused`, nothing of it may be published.
    `failures` has, for each finding that is about rows, the first 20 of them: rule, column, severity, source row,
    value; of warnings and of tolerated rules too, whose rows are in no quarantine.
    """

    valid: pl.DataFrame
    quarantined: pl.DataFrame
    findings: tuple[Finding, ...]
    read: int
    refused: bool
    contract: str = ""
    dataset: str = ""
    partition: str = ""
    failures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAILURES))

    def message(self) -> str:
        """Say in a few lines what was refused, by which rules, with examples, and what to do next."""
        rows = f"{self.read:,} row{'' if self.read == 1 else 's'}"
        if not self.contract:
            return f"no contract describes the table: all {rows} pass as they are"
        errors = [finding for finding in self.findings if finding.severity == "error"]
        where = f"the partition {self.partition}" if self.partition else "the table"
        if self.refused:
            head = f"{self.contract} refused {where}, nothing was published:"
        elif self.quarantined.height:
            head = f"{self.contract} let {where} pass without {self.quarantined.height:,} of {rows}:"
        elif self.findings:
            head = f"{self.contract} let {where} pass, all {rows}, with warnings:"
        else:
            return f"{self.contract} let {where} pass, all {rows}"
        ordered = errors + [finding for finding in self.findings if finding.severity != "error"]
        lines = [f"  - {finding.message}" for finding in ordered[:_SHOWN]]
        if len(ordered) > _SHOWN:
            lines.append(f"  - and {len(ordered) - _SHOWN} more")
        return "\n".join([head, *lines, *self._hint()])

    def _hint(self) -> list[str]:
        if not self.quarantined.height and not self.refused:
            return []
        fix = "fix the source, or release a new version of the contract"
        if not self.quarantined.height:
            return [f"hint: {fix}"]
        kept = self.quarantined.height
        subject = "the row is" if kept == 1 else f"the {kept:,} rows are"
        return [f"hint: {subject} in quarantine/{self.dataset}; {fix}"]
