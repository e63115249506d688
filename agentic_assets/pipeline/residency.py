"""Hold residency: what a contract keeps in some regions is neither made nor read by a deployment elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.errors import ResidencyRefused
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.lake.table import Table
from agentic_assets.pipeline.node import Graph, Node
from agentic_assets.pipeline.vacuumed import Vacuumed
from agentic_assets.store import Store

__all__ = ["Residency", "ResidentLake", "covers", "open_lake"]


def covers(allowed: Iterable[str], region: str) -> bool:
    """Say whether a region is one of those allowed, or lies in one: `eu` allows `eu-central-1`."""
    region = region.strip().lower()
    return any(region == one or region.startswith(f"{one}-") for one in allowed)


class Residency:
    """Know for each asset of a graph which contracts say where it may be.

    An asset without a contract holds what its readers' contracts describe, as it was delivered: their limits are its.
    Whatever is derived under a contract of its own has the limits of that contract alone. Without a region of the
    deployment, only what has no limit may be touched.
    """

    def __init__(self, graph: Graph, region: str | None) -> None:
        self.region = region
        self._limits = _limits(graph)

    def require(self, asset: str) -> None:
        """Raise ResidencyRefused when the asset, or its quarantine, may not be touched here."""
        for contract in self._limits.get(asset.removeprefix("quarantine/"), ()):
            if self.region is None or not covers(contract.residency, self.region):
                raise self._refusal(asset, contract)

    def require_node(self, node: Node) -> None:
        """Raise ResidencyRefused when the node, or anything that it reads, may not be touched here."""
        for asset in (node.asset, *(read.asset for read in node.inputs)):
            self.require(asset)

    def _refusal(self, asset: str, contract: Contract) -> ResidencyRefused:
        where = ", ".join(contract.residency)
        rule = f"{contract.name}@{contract.version} may be held and read in {where} only"
        if self.region is None:
            return ResidencyRefused(
                f"{rule}, and this deployment does not say where it is: nothing of {asset} was read",
                hint=f"set AGENTIC_REGION to the region in which it runs, e.g. AGENTIC_REGION={contract.residency[0]}",
            )
        owner = f"its owner {contract.owner}" if contract.owner else "its owner"
        return ResidencyRefused(
            f"{rule}, and this deployment is in {self.region[:60]}: nothing of {asset} was read",
            hint=f"run it in {where}, or ask {owner} for a version of {contract.path} that allows {self.region[:60]}",
        )


class ResidentLake(Lake):
    """A lake as one version of a domain knows it: without what may not be touched where the deployment is.

    Nor has it columns that only another version gave to a table.
    """

    def __init__(self, graph: Graph, home: Home, residency: Residency, store: Store | None = None) -> None:
        super().__init__(home.lake, vacuumed=None if store is None else Vacuumed(store).said)
        self._graph = graph
        self._residency = residency

    def table(self, name: str, schema: Mapping[str, pl.DataType | type[pl.DataType]], *, partitioned: bool) -> Table:
        """Open or create a table; raises ResidencyRefused beside what a lake raises."""
        self._residency.require(name)
        return super().table(name, schema, partitioned=partitioned)

    def open(self, name: str) -> Table:
        """Open a table that exists; raises ResidencyRefused beside what a lake raises."""
        self._residency.require(name)
        table = super().open(name)
        known = self._graph[name].schema if name in self._graph else {}
        return table.seen_as(
            {column: table.schema[column] for column in known if column in table.schema} or table.schema
        )


class RecordedLake(ResidentLake):
    """A lake whose files are known from what is on record, as whoever computes again knows them: no log is read.

    The columns of a table are those that the version of the domain declares, which had them all when it published.
    """

    def open(self, name: str) -> Table:
        """Open a table that exists; raises ResidencyRefused beside what a lake raises."""
        schema = self._graph[name].schema if name in self._graph else {}
        if not schema:
            return super().open(name)
        self._residency.require(name)
        return self.as_recorded(name, schema)


def open_lake(graph: Graph, home: Home, store: Store | None = None) -> ResidentLake:
    """Open the lake of a home for the assets of a graph; with its store, it says of missing files who vacuumed them."""
    return ResidentLake(graph, home, Residency(graph, home.region), store)


def _limits(graph: Graph) -> dict[str, tuple[Contract, ...]]:
    limits: dict[str, tuple[Contract, ...]] = {}
    for node in reversed(graph.nodes):  # readers stand behind what they read
        if node.contract is not None:
            limits[node.asset] = (node.contract,) if node.contract.residency else ()
            continue
        readers = [other for other in graph.nodes if any(read.asset == node.asset for read in other.inputs)]
        found = {contract.name: contract for reader in readers for contract in limits[reader.asset]}
        limits[node.asset] = tuple(found[name] for name in sorted(found))
    return limits
