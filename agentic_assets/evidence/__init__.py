"""The auditor's view: explain one decision whole, verify all records, sum up and report a range of days."""

from agentic_assets.evidence.backtest import Backtest, Refusal, backtest
from agentic_assets.evidence.domain import Domain, Lookup, Subject
from agentic_assets.evidence.explain import Explanation, explain, find
from agentic_assets.evidence.impact import Hit, has_contract, impact
from agentic_assets.evidence.quarantine import Count, Inside, Row, Standing, inside, standing_of
from agentic_assets.evidence.reading import Reading
from agentic_assets.evidence.summary import Strategy, Summary, standing, summarize
from agentic_assets.evidence.verify import Verification, verify_all

__all__ = [
    "Backtest",
    "Count",
    "Domain",
    "Explanation",
    "Hit",
    "Inside",
    "Lookup",
    "Reading",
    "Refusal",
    "Row",
    "Standing",
    "Strategy",
    "Subject",
    "Summary",
    "Verification",
    "backtest",
    "explain",
    "find",
    "has_contract",
    "impact",
    "inside",
    "standing",
    "standing_of",
    "summarize",
    "verify_all",
]
