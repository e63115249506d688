"""What the auditor's view needs to know about a domain: who decides, from what, under which policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from agentic_assets.agents import Spec, check_consumers
from agentic_assets.features import FeatureSet
from agentic_assets.features.agreement import check_agreement
from agentic_assets.features.node import FeatureNode
from agentic_assets.pipeline import Graph
from agentic_assets.policy import RuleSet, check_agent
from agentic_assets.versions import Sources

__all__ = ["Domain", "Lookup", "Subject"]


@dataclass(frozen=True)
class Lookup:
    """How to find the rows of one source that a decision rests on.

    `rows` picks them out of the source's frame, given the decision's feature row; `why` says in words what they are.
    """

    asset: str
    why: str
    rows: Callable[[pl.DataFrame, Mapping[str, Any]], pl.DataFrame]


@dataclass(frozen=True)
class Subject:
    """One agent's decisions: the assets on their path, and the definitions behind them."""

    agent: Spec
    feature_set: FeatureSet
    policy: RuleSet
    features: str
    proposals: str
    decisions: str
    ledger: str
    log: str
    """The origin that names the log in its checkpoints."""
    outcomes: str
    """The asset of what came of it, by the entity of the feature set; empty where none is kept."""
    lookups: tuple[Lookup, ...] = ()
    model: str = ""
    """The asset of its models; empty for an agent that needs none, as the following are."""
    outbox: str = ""
    scorecard: str = ""
    kpis: str = ""
    drift: str = ""
    """The asset that watches the features; empty when none does."""
    score: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] | None = None
    """(decisions, outcomes) -> their scorecard; an agent without one cannot be promoted."""
    held_out_from: date | None = None
    """The first day to which nothing of the agent was fitted; None where nothing was fitted."""


@dataclass(frozen=True)
class Domain:
    """A field of decisions: a graph of assets and the agents that decide in it."""

    name: str
    title: str
    description: str
    owner: str
    graph: Graph
    subjects: tuple[Subject, ...]
    entries: str
    """The asset whose rows are the entities that decisions are about."""
    assumptions: str = ""
    """What money figures rest on, in words, wherever they are shown."""
    others: tuple[Spec, ...] = ()
    """Agents, or versions of agents, beside those of the subjects."""
    sources: Sources | None = field(default=None, compare=False, repr=False)
    """The files that it was loaded from; None for one that was put together by hand."""

    def __post_init__(self) -> None:
        """Refuse a feature set that reads what its sources' contracts do not deliver, or not yet at that time.

        And an agent that its policy does not know how to judge, and whoever names another version of an agent than the
        one whose proposals it reads.
        """
        contracts = {node.asset: node.contract for node in self.graph.nodes}
        for definition in self.feature_sets.values():
            check_agreement(definition, contracts)
        check_consumers(self.graph)
        for subject in self.subjects:
            check_agent(subject.agent, subject.policy)

    def loaded_from(self, sources: Sources) -> Domain:
        """Give the same domain with the files that it was loaded from; what was checked is not checked again."""
        found = copy(self)
        object.__setattr__(found, "sources", sources)
        return found

    @property
    def feature_sets(self) -> dict[str, FeatureSet]:
        """Give the feature sets by the asset that publishes each, in the graph's order, whoever uses them."""
        published = {node.asset: node.feature_set for node in self.graph.nodes if isinstance(node, FeatureNode)}
        return published | {subject.features: subject.feature_set for subject in self.subjects}

    @property
    def agents(self) -> tuple[Spec, ...]:
        """Every version of every agent of the domain, sorted by name and version."""
        found = {spec.id: spec for spec in (*(subject.agent for subject in self.subjects), *self.others)}
        return tuple(sorted(found.values(), key=lambda spec: spec.order))
