"""Everything that people ordered of a node, as it stands now: what they ruled on its rows, and what they set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agentic_assets.pipeline.node import Node
from agentic_assets.pipeline.rulings import Ruling, Rulings, in_force, pins_of
from agentic_assets.pipeline.standing import Standing
from agentic_assets.store import Store
from agentic_assets.versions import Pin

__all__ = ["Orders", "orders_of"]


@dataclass(frozen=True)
class Orders:
    """What people ordered, by partition: rulings in force on rows, their pins, and what else stands for it."""

    rulings: Mapping[str, Sequence[Ruling]]
    ruled: Mapping[str, tuple[Pin, ...]]
    standing: Mapping[str, Standing]

    @cached_property
    def pins(self) -> dict[str, tuple[Pin, ...]]:
        """Give what enters the fingerprint of each partition about which anything was ordered."""
        return {
            name: (*self.ruled.get(name, ()), *(self.standing[name].pins if name in self.standing else ()))
            for name in {*self.ruled, *self.standing}
        }


def orders_of(node: Node, store: Store, partitions: Sequence[str]) -> Orders:
    """Read the orders that are in force for a node: rulings on rows of any partition, the rest for those named."""
    rulings = {name: in_force(given) for name, given in Rulings(store).of(node.asset).items()}
    ruled = {name: pins_of(node.asset, name, given) for name, given in rulings.items()}
    return Orders(rulings, ruled, {} if node.standing is None else node.standing(store, partitions))
