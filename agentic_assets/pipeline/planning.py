"""Plan a run of one node: which partitions lack inputs, which are as recorded, and which are to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentic_assets.pipeline.manifest import Entry
from agentic_assets.pipeline.node import Graph, Node
from agentic_assets.versions import Pin

__all__ = ["Plan", "Stale", "lacking", "plan", "windows"]

Entries = Mapping[str, Mapping[str, Entry]]
"""Asset -> partition -> what is published of it."""

Stale = tuple[str, dict[str, dict[str, str]]]
"""A fingerprint, and the inputs behind it: asset -> partition -> data version."""


@dataclass
class Plan:
    """What is to become of each partition: it lacks inputs, stands as it is, or is stale."""

    lacking: dict[str, list[str]] = field(default_factory=dict)
    standing: dict[str, Entry] = field(default_factory=dict)
    stale: dict[str, Stale] = field(default_factory=dict)


def windows(graph: Graph, node: Node, partitions: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Name the partitions of each input that each partition reads, where they are."""
    return {
        read.asset: {name: read.window.of(name, node.cut, graph[read.asset].cut, graph.calendar) for name in partitions}
        for read in node.inputs
    }


def plan(
    graph: Graph,
    node: Node,
    partitions: Sequence[str],
    current: Entries,
    fallen: Mapping[str, Mapping[str, str]],
    orders: Mapping[str, tuple[Pin, ...]],
    *,
    external: Mapping[str, Mapping[str, str]],
    refresh: bool = False,
) -> Plan:
    """Compare what would be made of each partition with what is recorded of it.

    `fallen` says of partitions of inputs why they may not be read, `external` which version each system of record has
    now. `refresh` takes everything that can be made for stale.
    """
    made = Plan()
    reached = windows(graph, node, partitions)
    for name in partitions:
        missing = lacking(graph, node, name, current, fallen)
        if missing:
            made.lacking[name] = missing
            continue
        inputs = {
            asset: {part: current[asset][part].data_version for part in of[name] if part in current[asset]}
            for asset, of in reached.items()
        } | {asset: dict(versions) for asset, versions in external.items()}
        fingerprint = node.fingerprint(inputs, orders.get(name, ()))
        entry = current[node.asset].get(name)
        if entry is not None and entry.fingerprint == fingerprint and not refresh:
            made.standing[name] = entry
        else:
            made.stale[name] = (fingerprint, inputs)
    return made


def lacking(
    graph: Graph, node: Node, partition: str, current: Entries, fallen: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Say which inputs that a partition requires are not there, and why."""
    return [
        fallen.get(read.asset, {}).get(name) or f"{read.asset} {name}".strip() + " not published"
        for read in node.inputs
        for name in read.window.required(partition, node.cut, graph[read.asset].cut)
        if name not in current[read.asset] or name in fallen.get(read.asset, {})
    ]
