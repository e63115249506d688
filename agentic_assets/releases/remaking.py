"""Which assets another version of their domain makes otherwise."""

from __future__ import annotations

from agentic_assets.evidence.domain import Domain
from agentic_assets.pipeline import Node

__all__ = ["reshaped"]


def reshaped(old: Domain, new: Domain) -> dict[str, str]:
    """Say of each asset that another version of its domain makes otherwise why, in the order of the data path.

    An asset that only reads what changed is not named: it is made again only if its inputs come out otherwise.
    """
    found: dict[str, str] = {}
    for node in new.graph.nodes:
        if node.asset not in old.graph:
            found[node.asset] = "is new"
            continue
        before = old.graph[node.asset]
        moved = sorted({pin.name for pin in set(before.all_pins) ^ set(node.all_pins)})
        if moved:
            found[node.asset] = f"is shaped by other versions: {', '.join(moved)}"
        elif before.code_version != node.code_version:
            found[node.asset] = "is made by other code"
        elif _reach(before) != _reach(node):
            found[node.asset] = "reads other assets or days"
    return found | {node.asset: "is made no more" for node in old.graph.nodes if node.asset not in new.graph}


def _reach(node: Node) -> tuple[object, ...]:
    return (node.cut, node.inputs, tuple(source.asset for source in node.externals))
