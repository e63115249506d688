"""The parts of a report, each a pure function of the material and the summary."""

from agentic_assets.evidence.report.sections.activity import activity
from agentic_assets.evidence.report.sections.cases import cases
from agentic_assets.evidence.report.sections.drift import drift
from agentic_assets.evidence.report.sections.governance import governance
from agentic_assets.evidence.report.sections.headline import Check, Headline, headline
from agentic_assets.evidence.report.sections.models import models
from agentic_assets.evidence.report.sections.money import money
from agentic_assets.evidence.report.sections.operations import operations
from agentic_assets.evidence.report.sections.quality import quality
from agentic_assets.evidence.report.sections.risk import risk
from agentic_assets.evidence.report.sections.rules import rules

__all__ = [
    "Check",
    "Headline",
    "activity",
    "cases",
    "drift",
    "governance",
    "headline",
    "models",
    "money",
    "operations",
    "quality",
    "risk",
    "rules",
]
