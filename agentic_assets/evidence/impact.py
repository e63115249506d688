"""Follow the lineage downstream: which assets, feature sets and agents read what a contract promises."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.pipeline import Node

__all__ = ["Hit", "has_contract", "impact"]


@dataclass(frozen=True)
class Hit:
    """One reader: an asset, a feature set or an agent, and those of its columns that are made from what changed.

    `through` is the asset that it reads it from. Where only tables are known, not columns, it is not `sure`.
    """

    kind: Literal["asset", "feature set", "agent"]
    name: str
    asset: str
    columns: tuple[str, ...]
    through: str
    sure: bool


def has_contract(domain: Domain, contract: str) -> bool:
    """Say whether an asset of the domain is published under a contract."""
    return any(node.contract is not None and node.contract.name == contract for node in domain.graph.nodes)


@dataclass
class _Touched:
    """The columns of an asset that surely, and those that possibly, come from what changed."""

    surely: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)


def impact(domain: Domain, contract: str, columns: Collection[str] | None) -> tuple[Hit, ...]:
    """List the readers of a contract's dataset in the order of the data path; none for a contract of another domain.

    `columns` are those that changed, None when the whole dataset did.
    """
    touched: dict[str, _Touched] = {}
    hits: list[Hit] = []
    for node in domain.graph.nodes:
        if node.contract is not None and node.contract.name == contract:
            touched[node.asset] = _Touched(set(node.schema if columns is None else columns))
            continue
        read = {name.asset: touched[name.asset] for name in node.inputs if name.asset in touched}
        found = _touch(node, read, _columns_read(domain, node))
        if found is None:
            continue
        touched[node.asset] = found
        columns_hit = tuple(name for name in node.schema if name in (found.surely or ()))
        through = next(name for name, one in read.items() if one.surely or one.maybe)
        hits.append(Hit("asset", node.asset, node.asset, columns_hit, through, bool(found.surely)))
        hits += _declared(domain, node.asset, hits[-1])
    return tuple(hits)


def _touch(node: Node, read: Mapping[str, _Touched], known: Mapping[str, Collection[str]]) -> _Touched | None:
    """Say what of a node comes from the touched columns of its inputs; None when nothing does."""
    found = _Touched()
    for asset, one in read.items():
        used = set(known[asset]) if asset in known else None
        surely = one.surely if used is None else one.surely & used
        maybe = one.maybe if used is None else one.maybe & used
        for column, sources in node.lineage.items():
            names = {name for source, name in sources if source == asset}
            if names & surely:
                found.surely.add(column)
            elif names & maybe:
                found.maybe.add(column)
        if surely | maybe:
            found.maybe |= {name for name in node.schema if name not in node.lineage}
    found.maybe -= found.surely
    return found if found.surely or found.maybe else None


def _columns_read(domain: Domain, node: Node) -> dict[str, Sequence[str]]:
    """Give the columns that a feature set declares to read, by asset; nothing is known of other assets."""
    made = domain.feature_sets.get(node.asset)
    return {} if made is None else dict(made.reads)


def _declared(domain: Domain, asset: str, through: Hit) -> list[Hit]:
    """Name the feature sets and agents behind an asset."""
    found: list[Hit] = []
    made = domain.feature_sets.get(asset)
    if made is not None:
        name = f"{made.name}@{made.version}"
        found.append(Hit("feature set", name, asset, through.columns, through.through, through.sure))
    found += [_agent(subject, through) for subject in domain.subjects if subject.decisions == asset]
    return found


def _agent(subject: Subject, through: Hit) -> Hit:
    return Hit("agent", subject.agent.id, subject.decisions, (), through.through, through.sure)
