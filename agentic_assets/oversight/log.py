"""The ledger of controls: a log of its own for each domain, one signed entry for each order, in their numbers."""

from __future__ import annotations

from pathlib import Path

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger import Break, Head, Ledger, NumberedLog
from agentic_assets.policy.rollout import Controls
from agentic_assets.store import Store

__all__ = ["ControlLog"]


class ControlLog:
    """Seal the controls of a domain, and hold those of the store against what was sealed."""

    def __init__(self, store: Store, keys: Path, domain: str) -> None:
        self._controls = Controls(store)
        self._domain = domain
        self._log = NumberedLog(store, keys, f"agentic-assets/{domain}/controls", form="control/1", what="controls")

    @property
    def ledger(self) -> Ledger:
        """Give the log as a ledger, for proofs and witnesses."""
        return self._log.ledger

    @property
    def head(self) -> Head | None:
        """Give the newest signed head of the log."""
        return self._log.head

    def seal(self) -> int:
        """Seal what is not sealed yet, also what another process recorded and did not get to; give how many."""
        return self._log.seal(self._controls.of(self._domain))

    def verify(self) -> tuple[Break, ...]:
        """Name every control that is not as sealed, and what is wrong with the log itself."""
        try:
            return self._log.verify(self._controls.of(self._domain))
        except LedgerBroken as broken:
            return (*self.ledger.verify_log(), Break("flipped", "", "", None, broken.what))
