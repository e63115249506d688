"""Static analysis of policies by Z3: rules that never fire, shadow, overlap or contradict each other, and gaps."""

from agentic_assets.policy.analysis.analysing import analyse
from agentic_assets.policy.analysis.facts import Fact, facts_in_common, facts_of
from agentic_assets.policy.analysis.finding import KINDS, Finding
from agentic_assets.policy.analysis.tables import analyse_table

__all__ = ["KINDS", "Fact", "Finding", "analyse", "analyse_table", "facts_in_common", "facts_of"]
