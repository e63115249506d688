"""A domain: its calendar, its graph of nodes, and which of them play the parts that every domain has."""

from __future__ import annotations

from dataclasses import dataclass

from agentic_assets.pipeline.node import Graph
from agentic_assets.pipeline.partitions import Calendar

__all__ = ["Domain"]


@dataclass(frozen=True)
class Domain:
    """Name the assets that the command line, the report and the auditor's view look for."""

    name: str
    title: str
    description: str
    owner: str
    calendar: Calendar
    graph: Graph
    features: str
    model: str
    decisions: str
    ledger: str
    outbox: str
    outcomes: str
    scorecard: str
    entry_assets: tuple[str, ...]
    """The assets whose rows count as what came in, for the summary."""
