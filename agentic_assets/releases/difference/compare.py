"""Compare two versions of a domain."""

from __future__ import annotations

from dataclasses import dataclass

from agentic_assets.evidence.domain import Domain
from agentic_assets.releases.difference.files import FileChange, file_changes
from agentic_assets.releases.difference.moves import Move, moves
from agentic_assets.releases.difference.side import Side
from agentic_assets.releases.remaking import reshaped

__all__ = ["Difference", "compare"]


@dataclass(frozen=True)
class Difference:
    """All that differs from `old` to `new`.

    `assets` are made otherwise, each with the reason; `behind` only read those, and are made again if what they read
    comes out otherwise. Both are None when a side does not load.
    """

    old: Side
    new: Side
    moves: tuple[Move, ...]
    files: tuple[FileChange, ...]
    assets: dict[str, str] | None
    behind: tuple[str, ...] | None

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.moves or self.files or self.assets)


def compare(old: Side, new: Side) -> Difference:
    """Compare two sides; what does not load is compared by pins and files."""
    both = (old.domain, new.domain) if old.domain is not None and new.domain is not None else None
    assets = None if both is None else reshaped(*both)
    return Difference(
        old,
        new,
        moves(old.pins, new.pins),
        file_changes(old.files, new.files),
        assets,
        None if both is None or assets is None else _behind(both[1], assets),
    )


def _behind(domain: Domain, assets: dict[str, str]) -> tuple[str, ...]:
    touched = {*assets}
    for node in domain.graph.nodes:
        if any(read.asset in touched for read in node.inputs):
            touched.add(node.asset)
    return tuple(node.asset for node in domain.graph.nodes if node.asset in touched and node.asset not in assets)
