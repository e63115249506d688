"""The auditor's view: explain one decision whole, verify all records, sum up and report a range of days.

What is offered here is imported when it is asked for: who only reads need not load what explains and reports.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentic_assets.evidence.backtest import Backtest, Refusal, backtest
    from agentic_assets.evidence.domain import Domain, Lookup, Subject
    from agentic_assets.evidence.explain import Explanation, explain
    from agentic_assets.evidence.impact import Hit, has_contract, impact
    from agentic_assets.evidence.locating import Located, locate
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
    "Located",
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
    "has_contract",
    "impact",
    "inside",
    "locate",
    "standing",
    "standing_of",
    "summarize",
    "verify_all",
]

_PLACES = {
    "Backtest": "backtest",
    "Count": "quarantine",
    "Domain": "domain",
    "Explanation": "explain",
    "Hit": "impact",
    "Inside": "quarantine",
    "Located": "locating",
    "Lookup": "domain",
    "Reading": "reading",
    "Refusal": "backtest",
    "Row": "quarantine",
    "Standing": "quarantine",
    "Strategy": "summary",
    "Subject": "domain",
    "Summary": "summary",
    "Verification": "verify",
    "backtest": "backtest",
    "explain": "explain",
    "has_contract": "impact",
    "impact": "impact",
    "inside": "quarantine",
    "locate": "locating",
    "standing": "summary",
    "standing_of": "quarantine",
    "summarize": "summary",
    "verify_all": "verify",
}


class _Face(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        # Some functions have the name of their module, which importing it would put in their place.
        if name not in _PLACES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


sys.modules[__name__].__class__ = _Face
