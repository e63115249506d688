"""Policies: rules in a small subset of SQL, quotas, verdicts; one parse, one meaning in batches and for one row."""

from agentic_assets.language.condition import Condition, parse_condition
from agentic_assets.language.terms import Type
from agentic_assets.policy.explaining import Explained, explain
from agentic_assets.policy.judging import JUDGED, judge
from agentic_assets.policy.loading import load_ruleset
from agentic_assets.policy.ruleset import Escalation, Quota, Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = [
    "JUDGED",
    "Condition",
    "Escalation",
    "Explained",
    "Quota",
    "Rule",
    "RuleSet",
    "Type",
    "Verdict",
    "explain",
    "judge",
    "load_ruleset",
    "parse_condition",
]
