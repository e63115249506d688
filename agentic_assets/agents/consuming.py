"""Whoever consumes an agent's proposals names its version, and gets the proposals of that version."""

from __future__ import annotations

from collections.abc import Iterable

from agentic_assets.errors import ConfigInvalid
from agentic_assets.pipeline import Graph, Node
from agentic_assets.versions import Pin

__all__ = ["check_consumers"]


def check_consumers(graph: Graph) -> None:
    """Refuse a node that pins one version of an agent and reads what only another version of it made.

    Versions of one agent may stand side by side, each with its own proposals and consumers. Raises ConfigInvalid.
    """
    for node in graph.nodes:
        offered = {read.asset: _agents(graph[read.asset]) for read in node.inputs if read.asset in graph}
        for pin in _agents(node):
            makers = {asset: pins for asset, pins in offered.items() if any(other.name == pin.name for other in pins)}
            if makers and not any(pin in pins for pins in makers.values()):
                asset, pins = next(iter(makers.items()))
                made_by = _told(other for other in pins if other.name == pin.name)
                raise ConfigInvalid(
                    f"asset {node.asset} consumes agent {pin.name}@{pin.version}, and {asset} is made by {made_by}",
                    hint="name the version whose proposals it reads, or let it read those of the version that it names",
                )


def _agents(node: Node) -> tuple[Pin, ...]:
    return tuple(pin for pin in node.pins if pin.kind == "agent")


def _told(pins: Iterable[Pin]) -> str:
    return ", ".join(f"{pin.name}@{pin.version} ({pin.digest[:12]})" for pin in pins)
