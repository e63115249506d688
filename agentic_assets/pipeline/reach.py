"""What rests on a partition: the partitions downstream that read it, directly or through others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from agentic_assets.pipeline.node import Graph

__all__ = ["resting_on"]


def resting_on(
    graph: Graph, asset: str, partitions: Iterable[str], known: Callable[[str], Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """Give asset -> partitions, in the order of the data path, of what reads these partitions of an asset.

    `known` names the partitions of an asset that anybody made or tried to make; the others are left out.
    """
    touched: dict[str, set[str]] = {asset: set(partitions)}
    found: dict[str, tuple[str, ...]] = {}
    for node in graph.nodes:
        reads = [read for read in node.inputs if touched.get(read.asset)]
        if not reads or node.asset == asset:
            continue
        hit = tuple(
            name
            for name in sorted(known(node.asset))
            if any(
                touched[read.asset].intersection(read.window.of(name, node.cut, graph[read.asset].cut, graph.calendar))
                for read in reads
            )
        )
        if hit:
            touched[node.asset] = set(hit)
            found[node.asset] = hit
    return found
