"""What is to be replayed: days, agents and assets, turned into recorded entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentic_assets.errors import NotFound
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Cut, Entry, Graph, Node

__all__ = ["Scope", "chosen", "path_of"]


@dataclass(frozen=True)
class Scope:
    """Which assets: the path of decisions, of some agents (all when none is named), or `everything` that is pure.

    `assets` names assets instead.
    """

    agents: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    everything: bool = False

    def nodes(self, domain: Domain) -> tuple[Node, ...]:
        """Give the nodes in the order of the data path. Raises NotFound for what the domain does not have."""
        sealed = {subject.ledger: subject.decisions for subject in domain.subjects}
        for asset in self.assets:
            if asset not in domain.graph:
                raise NotFound(f"{domain.name} has no asset {asset[:80]!r}", hint="`agentic status` lists them")
            why = _unreplayable(domain.graph[sealed.get(asset, asset)])
            if why:
                raise NotFound(f"{asset} cannot be replayed: {why}", hint="replay what stands before it")
        subjects = [_subject(domain, name) for name in self.agents] or list(domain.subjects)
        if self.assets:
            wanted = {sealed.get(asset, asset) for asset in self.assets}
        elif self.everything:
            wanted = {node.asset for node in domain.graph.nodes if not _unreplayable(node)}
        else:
            wanted = {asset for subject in subjects for asset in path_of(domain.graph, subject)}
        wanted |= {subject.ledger for subject in subjects if subject.decisions in wanted}
        return tuple(node for node in domain.graph.nodes if node.asset in wanted)


def chosen(reading: Reading, days: Sequence[str], scope: Scope) -> tuple[Entry, ...]:
    """Give the current entries of what a scope names in some days: months and whole assets that hold them too.

    Raises NotFound when nothing of it was made.
    """
    graph, found = reading.domain.graph, list[Entry]()
    for node in scope.nodes(reading.domain):
        names = graph.calendar.partitions(node.cut, days)
        found += reading.manifest.current(node.asset, names).values()
    if not found:
        span = days[0] if len(days) == 1 else f"{days[0]}..{days[-1]}"
        raise NotFound(
            f"nothing was made for {span}: there is nothing to replay", hint="run `agentic run` for it first"
        )
    return tuple(found)


def path_of(graph: Graph, subject: Subject) -> tuple[str, ...]:
    """Name the daily assets between the features of an agent and its decisions, both included, in order."""
    own = {subject.proposals, subject.decisions}
    behind = _behind(graph, subject.decisions)
    ahead = {subject.features}
    for node in graph.nodes:
        if any(read.asset in ahead for read in node.inputs):
            ahead.add(node.asset)
    return tuple(
        node.asset
        for node in graph.nodes
        if (node.asset in own or (node.asset in ahead and node.asset in behind))
        and node.cut is Cut.DAY
        and not _unreplayable(node)
    )


def _behind(graph: Graph, asset: str) -> set[str]:
    found, waiting = {asset}, [asset]
    while waiting:
        for read in graph[waiting.pop()].inputs:
            if read.asset not in found:
                found.add(read.asset)
                waiting.append(read.asset)
    return found


def _unreplayable(node: Node) -> str:
    if node.effects:
        return "it has effects outside of the lake"
    outside = [source.asset for source in node.externals if not source.kept]
    return f"it reads {outside[0]}, a system of record" if outside else ""


def _subject(domain: Domain, name: str) -> Subject:
    for subject in domain.subjects:
        if name in (subject.agent.name, subject.agent.id):
            return subject
    names = ", ".join(sorted(subject.agent.name for subject in domain.subjects))
    raise NotFound(f"no agent {name[:80]!r} decides in {domain.name}", hint=f"choose one of: {names}")
