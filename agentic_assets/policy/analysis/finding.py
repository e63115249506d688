"""What the analysis says about a policy: which rules, at which lines, why, and a row that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["KINDS", "Finding", "Severity"]

Severity = Literal["error", "warning", "note"]

KINDS: Mapping[str, str] = {
    "never-true": "a rule whose condition cannot be true",
    "tautology": "a rule whose condition is true of every row, or of every row without nulls",
    "shadowed": "a rule that never wins, because earlier rules match every row that it matches",
    "contradiction": "two rules that match the same rows and want different things",
    "overlap": "rows that two rules match and settle differently: the order of the rules decides",
    "gap": "rows that no rule matches: they are allowed as proposed",
    "transform-chain": "an action put in place that the rules would have stopped, had it been proposed",
    "quota-never-binds": "a quota, or a resource, that nothing can exceed",
    "unused-read": "a column that must be given and that nothing looks at",
    "unused-escalation": "somebody who settles escalations of a policy that escalates nothing",
    "rounding": "a rule that works only where doubles round, or are infinite",
    "undecided": "a question that was given up within its limit",
}
"""Every kind of finding, and what it means."""


@dataclass(frozen=True)
class Finding:
    """One remark about a policy.

    `entries` are the rules and quotas concerned, the one to look at first; `lines` stand beside them where the file is
    known. `row` shows it: both backends were run on it. None where the finding is that there is no such row. `exact`
    is False where doubles are involved that could round: the proof is one about real numbers.
    """

    kind: str
    severity: Severity
    entries: tuple[str, ...]
    message: str
    hint: str
    lines: tuple[int, ...] = ()
    row: Mapping[str, Any] | None = None
    exact: bool = True
