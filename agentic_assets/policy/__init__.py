"""Policies: authorization, rules in SQL, resources, quotas, verdicts; one meaning in batches and for one row."""

from agentic_assets.language.condition import Condition, parse_condition
from agentic_assets.language.terms import Type
from agentic_assets.policy.agreement import check_agent
from agentic_assets.policy.authorization import Asked, Authorization, authorize
from agentic_assets.policy.explaining import Explained, explain
from agentic_assets.policy.judging import AUTHORIZATION, JUDGED, judge
from agentic_assets.policy.loading import load_ruleset
from agentic_assets.policy.resources import Resource, Settle
from agentic_assets.policy.ruleset import Escalation, Quota, Rule, RuleSet
from agentic_assets.policy.single import Tally, judge_one
from agentic_assets.policy.verdict import Verdict

__all__ = [
    "AUTHORIZATION",
    "JUDGED",
    "Asked",
    "Authorization",
    "Condition",
    "Escalation",
    "Explained",
    "Quota",
    "Resource",
    "Rule",
    "RuleSet",
    "Settle",
    "Tally",
    "Type",
    "Verdict",
    "authorize",
    "check_agent",
    "explain",
    "judge",
    "judge_one",
    "load_ruleset",
    "parse_condition",
]
