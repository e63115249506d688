"""What a policy declares and does not use."""

from __future__ import annotations

from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.study import Study
from agentic_assets.policy.verdict import Verdict

__all__ = ["unused"]


def unused(study: Study) -> list[Finding]:
    """Name columns that nothing reads, and an escalation that nothing leads to."""
    ruleset = study.ruleset
    read = {"action"} | {column for rule in ruleset.rules for column in rule.when.columns}
    read |= {column for resource in ruleset.resources for column in (*resource.columns, "entity")}
    if ruleset.authorization is not None:
        read.add(ruleset.authorization.column)
    read |= {column for quota in ruleset.quotas for column in (*quota.per, *quota.order_by, "entity")}
    found = []
    names = sorted(set(ruleset.reads) - read)
    if names:
        listed = ", ".join(f"`{name}`" for name in names[:20])
        message = f"{listed} must be given with every proposal, and nothing looks at it"
        found.append(study.finding("unused-read", "warning", [], message, "leave it out of `reads`", section="reads"))
    if ruleset.escalation is not None and all(entry.verdict is not Verdict.ESCALATE for entry in ruleset.entries):
        message = f"{ruleset.escalation.role} is to settle escalations, and nothing escalates"
        found.append(
            study.finding("unused-escalation", "note", [], message, "leave `escalation` out", section="escalation")
        )
    return found
