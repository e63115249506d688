"""Everything versioned in a domain, and the assets that each version shapes."""

from __future__ import annotations

from dataclasses import dataclass

from agentic_assets.evidence.domain import Domain
from agentic_assets.versions import Pin

__all__ = ["Declared", "declared"]


@dataclass(frozen=True)
class Declared:
    """One version and the assets that it shapes, in the graph's order."""

    pin: Pin
    assets: tuple[str, ...]


def declared(domain: Domain) -> tuple[Declared, ...]:
    """Give every version that shapes anything of a domain, sorted; of one name there may be several."""
    found: dict[Pin, list[str]] = {}
    for node in domain.graph.nodes:
        for pin in node.all_pins:
            found.setdefault(pin, []).append(node.asset)
    return tuple(Declared(pin, tuple(assets)) for pin, assets in sorted(found.items()))
