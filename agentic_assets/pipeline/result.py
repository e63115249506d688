"""What became of a partition, and how its checks are written into the manifest and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agentic_assets.contracts import GateResult
from agentic_assets.pipeline.batch import CheckResult
from agentic_assets.pipeline.manifest import Entry
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["PartitionResult", "State", "contract_check", "findings_of", "recorded_checks", "written"]


class State(StrEnum):
    """What became of a partition in a run."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class PartitionResult:
    """One partition after a run: its entry in the manifest, or why there is none."""

    asset: str
    partition: str
    state: State
    entry: Entry | None = None
    message: str = ""
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    rulings: tuple[Mapping[str, Any], ...] = ()

    @property
    def stands(self) -> bool:
        """Whether what is downstream may be made from it."""
        return self.state in (State.PUBLISHED, State.UNCHANGED)


def contract_check(partition: str, result: GateResult, rulings: str = "") -> CheckResult:
    """State how the contract's audit of a partition went; `rulings` says what people's rulings did before it."""
    return CheckResult(
        name="contract",
        partition=partition,
        passed=not result.refused,
        description="\n".join(text for text in (result.message(), rulings) if text),
        metadata={
            "rows_read": result.read,
            "rows_published": 0 if result.refused else result.valid.height,
            "rows_quarantined": result.quarantined.height,
            "rules_broken": list(findings_of(result)),
        },
    )


def findings_of(result: GateResult) -> tuple[Mapping[str, Any], ...]:
    """Give the first 20 findings as JSON values."""
    return tuple(
        {
            "rule": finding.rule,
            "column": finding.column or "",
            "scope": finding.scope,
            "severity": finding.severity,
            "count": finding.count,
            "total": finding.total,
            "example_row": finding.example_row,
            "example_value": finding.example_value,
            **({} if finding.measured is None else {"measured": finding.measured}),
            "message": finding.message,
        }
        for finding in result.findings[:20]
    )


def written(check: CheckResult) -> dict[str, Any]:
    """Write a check's result as JSON values."""
    return {
        "name": check.name,
        "passed": check.passed,
        "description": check.description,
        "metadata": canonical_json(dict(check.metadata)),
        **({"mild": True} if check.mild else {}),
    }


def recorded_checks(entry: Entry) -> tuple[CheckResult, ...]:
    """Read the check results that a manifest entry holds."""
    return tuple(
        CheckResult(
            check["name"],
            entry.partition,
            check["passed"],
            check["description"],
            json.loads(check["metadata"]),
            mild=check.get("mild", False),
        )
        for check in entry.details.get("checks", ())
    )
