"""The parts of a contract's page, each a pure function of the listed contract."""

from agentic_assets.evidence.catalog.sections.columns import columns
from agentic_assets.evidence.catalog.sections.delivery import delivery
from agentic_assets.evidence.catalog.sections.facts import facts
from agentic_assets.evidence.catalog.sections.lineage import lineage
from agentic_assets.evidence.catalog.sections.people import people
from agentic_assets.evidence.catalog.sections.rules import rules

__all__ = [
    "columns",
    "delivery",
    "facts",
    "lineage",
    "people",
    "rules",
]
