"""Rule tables: agents that are a YAML file of conditions and outcomes, with a named hit policy."""

from agentic_assets.agents.rules.agent import RuleAgent
from agentic_assets.agents.rules.reading import load_rules
from agentic_assets.agents.rules.table import FIRST, HIT_POLICIES, PRIORITY, UNIQUE, Outcome, RuleTable, TableRule

__all__ = [
    "FIRST",
    "HIT_POLICIES",
    "PRIORITY",
    "UNIQUE",
    "Outcome",
    "RuleAgent",
    "RuleTable",
    "TableRule",
    "load_rules",
]
