"""Make partitions, each under the release that is in force for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Engine, Entry, Node, PartitionResult, State
from agentic_assets.releases.in_force import InForce
from agentic_assets.store import Store

__all__ = ["Makers"]


class Makers:
    """Run the nodes of a domain as an `Engine` does, through one engine for each version of the domain in force.

    `domain` is the version in force in general: its nodes say which assets there are. Every version's sources are kept
    in the store before anything is made from them.
    """

    def __init__(self, working: Domain, home: Home, *, store: Store | None = None) -> None:
        self.home = home
        self.store = store or Store(home.store_url)
        self.in_force = InForce(working, home, self.store)
        self.domain = self.in_force.general
        self._known: dict[str, dict[str, Entry]] = {}
        self._engines: dict[int, Engine] = {}
        self.engine = self._of(self.domain)

    def run(
        self,
        asset: str,
        partitions: Sequence[str],
        *,
        run_id: str,
        fallen: Mapping[str, frozenset[str]] | None = None,
        refresh: bool = False,
    ) -> list[PartitionResult]:
        """Make partitions of one asset and say what became of each, in their order, as `Engine.run` does."""
        if asset not in self.domain.graph:
            message = f"blocked: {self.in_force.release or self.domain.name} has no asset {asset}: load the code anew"
            return [PartitionResult(asset, name, State.BLOCKED, message=message) for name in partitions]
        node = self.domain.graph[asset]
        results: dict[str, PartitionResult] = {}
        for domain, names in self.in_force.by_version(node, partitions):
            engine = self._of(domain)
            if asset not in domain.graph:
                release = self.in_force.release_of(node, names[0])
                message = f"blocked: the release {release} in force for it has no {asset}"
                made = [PartitionResult(asset, name, State.BLOCKED, message=message) for name in names]
            else:
                made = engine.run(domain.graph[asset], names, run_id=run_id, fallen=fallen, refresh=refresh)
            results |= {result.partition: result for result in made}
        return [results[name] for name in partitions]

    def stale(self) -> dict[str, dict[str, str]]:
        """Say by asset which partitions that anybody made, or tried to make, a run would make now, and as what.

        A partition is named with the fingerprint that it would get. What rests on one of these only becomes stale once
        that is made. Nothing is computed.
        """
        found: dict[str, dict[str, str]] = {}
        for node in self.domain.graph.nodes:
            known = sorted({*self.engine.entries(node.asset), *self.engine.refusals.standing(node.asset)})
            for domain, names in self.in_force.by_version(node, known):
                if node.asset in domain.graph:
                    stale = self._of(domain).stale(domain.graph[node.asset], names)
                    found.setdefault(node.asset, {}).update(stale)
        return {asset: stale for asset, stale in found.items() if stale}

    def ordered(self, node: Node, partition: str) -> bool:
        """Say whether people ordered another version for a partition than the one that is in force in general."""
        return self.in_force.domain_of(node, partition) is not self.domain

    def _of(self, domain: Domain) -> Engine:
        if id(domain) not in self._engines:
            sources = self.in_force.snapshots.save(domain)
            self._engines[id(domain)] = Engine(
                domain.graph, self.home, store=self.store, sources=sources, known=self._known
            )
        return self._engines[id(domain)]

    def close(self) -> None:
        """Release the store."""
        self.store.close()
