"""Put the nodes that judge into a graph: one behind each dataset that expects something, the docs at the end."""

from __future__ import annotations

from collections.abc import Sequence

from agentic_assets.contracts import Contract
from agentic_assets.pipeline import Node
from agentic_assets.quality.docs import docs_node
from agentic_assets.quality.node import expectations_of, quality_node

__all__ = ["GROUP", "with_quality"]

GROUP = "quality"
"""The group of the assets that judge, and the first part of their names."""


def with_quality(nodes: Sequence[Node], *, statistics: Contract, docs: Contract) -> tuple[Node, ...]:
    """Put right behind each node whose contract expects something of its statistics the node that judges it.

    What another node guards is judged behind that node, which may hold it back. `statistics` is the contract of the
    judging tables, `docs` that of the Data Docs, which come last.
    """
    found: list[Node] = []
    judged: dict[str, Node] = {}
    guards = {node.guards: node.asset for node in nodes if node.guards is not None}
    behind: dict[str, list[Node]] = {}
    for node in nodes:
        if expectations_of(node):
            behind.setdefault(guards.get(node.asset, node.asset), []).append(node)
    for node in nodes:
        found.append(node)
        for dataset in behind.get(node.asset, ()):
            judge = quality_node(f"{GROUP}/{dataset.asset.rpartition('/')[2]}", dataset, contract=statistics)
            judged[judge.asset] = dataset
            found.append(judge)
    return (*found, docs_node(f"{GROUP}/data_docs", judged, contract=docs)) if judged else tuple(found)
