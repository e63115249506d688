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

    Where another node guards it, the judge stands behind that: it reads what the guard may hold back.
    `statistics` is the contract of the judging tables, `docs` that of the Data Docs, which come last.
    """
    found: list[Node] = []
    judged: dict[str, Node] = {}
    for node in nodes:
        found.append(node)
        if expectations_of(node):
            judge = quality_node(f"{GROUP}/{node.asset.rpartition('/')[2]}", node, contract=statistics)
            judged[judge.asset] = node
            found.append(judge)
    return (*found, docs_node(f"{GROUP}/data_docs", judged, contract=docs)) if judged else tuple(found)
