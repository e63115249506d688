"""Who an asset is made from, who reads it, and which decisions rest on it in the end."""

from __future__ import annotations

from collections.abc import Sequence

from agentic_assets.evidence.catalog.material import Decider, Reader, Source
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.pipeline import Graph, Node

__all__ = ["deciders", "readers", "sources"]


def sources(node: Node) -> tuple[Source, ...]:
    """Name what a node is made from, with the columns that its lineage mentions."""
    mentioned: dict[str, set[str]] = {}
    for pairs in node.lineage.values():
        for asset, column in pairs:
            mentioned.setdefault(asset, set()).add(column)
    inputs = [read.asset for read in node.inputs]
    return (
        *(Source(asset, tuple(sorted(mentioned.get(asset, ())))) for asset in inputs),
        *(Source(external.asset) for external in node.externals),
    )


def readers(domain: Domain, asset: str) -> tuple[Reader, ...]:
    """Name every asset downstream, those that read it directly first; the columns are those of direct readers."""
    graph = domain.graph
    direct = [node for node in graph.nodes if any(read.asset == asset for read in node.inputs)]
    behind = [node for node in _downstream(graph, asset) if node not in direct]
    return (
        *(_reader(domain, node, asset) for node in direct),
        *(Reader(node.asset, _kind(domain, node), (), (), directly=False) for node in behind),
    )


def deciders(domain: Domain, asset: str) -> tuple[Decider, ...]:
    """Name the agents whose decisions rest on an asset, with the features through which it reaches them."""
    reached = {node.asset for node in _downstream(domain.graph, asset)} | {asset}
    return tuple(
        Decider(
            subject.agent.id,
            subject.agent.owner,
            subject.agent.purpose,
            subject.decisions,
            _features(domain.graph, subject, asset),
        )
        for subject in domain.subjects
        if subject.decisions in reached and asset != subject.decisions
    )


def _reader(domain: Domain, node: Node, asset: str) -> Reader:
    read = {column for pairs in node.lineage.values() for source, column in pairs if source == asset}
    made = [name for name, pairs in node.lineage.items() if any(source == asset for source, _ in pairs)]
    return Reader(node.asset, _kind(domain, node), tuple(sorted(read)), tuple(made))


def _kind(domain: Domain, node: Node) -> str:
    if (made := domain.feature_sets.get(node.asset)) is not None:
        return f"feature set {made.name}@{made.version}"
    for subject in domain.subjects:
        if node.asset == subject.decisions:
            return f"decisions of {subject.agent.id}"
        if node.asset == subject.proposals:
            return f"proposals of {subject.agent.id}"
    return node.group.replace("_", " ")


def _features(graph: Graph, subject: Subject, asset: str) -> tuple[str, ...]:
    """Name the features that are made from an asset, over however many steps of lineage."""
    if subject.features not in graph:
        return ()
    from_asset: dict[str, set[str]] = {asset: set(graph[asset].schema)}
    for node in graph.nodes:
        if node.asset != asset:
            from_asset[node.asset] = {
                column
                for column, pairs in node.lineage.items()
                if any(source in from_asset and name in from_asset[source] for source, name in pairs)
            }
    made = from_asset[subject.features]
    return tuple(feature.name for feature in subject.feature_set.features if feature.name in made)


def _downstream(graph: Graph, asset: str) -> Sequence[Node]:
    reached = {asset}
    found = []
    for node in graph.nodes:  # every reader stands behind what it reads
        if any(read.asset in reached for read in node.inputs):
            reached.add(node.asset)
            found.append(node)
    return found
