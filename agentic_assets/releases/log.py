"""The ledger of releases: two logs for each domain, one of its releases and one of its activations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentic_assets.ledger import NumberedLog
from agentic_assets.releases.activation import Activation
from agentic_assets.releases.release import Release
from agentic_assets.store import Store

__all__ = ["ReleaseLog"]


class ReleaseLog:
    """The two logs of one domain; release 7 is the record `000007` of the first."""

    def __init__(self, store: Store, keys: Path, domain: str) -> None:
        origin = f"agentic-assets/{domain}"
        self.releases = NumberedLog(store, keys, f"{origin}/releases", form="release/1", what="releases")
        self.activations = NumberedLog(store, keys, f"{origin}/activations", form="activation/1", what="activations")

    def seal(self, releases: Sequence[Release], activations: Sequence[Activation]) -> int:
        """Seal what is not sealed yet, also what another process recorded and did not get to; give how many."""
        return self.releases.seal(releases) + self.activations.seal(activations)
