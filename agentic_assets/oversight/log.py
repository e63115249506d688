"""The ledger of controls: a log of its own for each domain, one signed entry for each order, in their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger import Break, Head, Ledger
from agentic_assets.policy.rollout import Control, Controls
from agentic_assets.store import Store
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["ControlLog"]

_FORM = "control/1"


class ControlLog:
    """Seal the controls of a domain, and hold those of the store against what was sealed.

    Control 7 is the only record of the partition `000007`; its leaf is the canonical JSON of what it says.
    """

    def __init__(self, store: Store, keys: Path, domain: str) -> None:
        self._controls = Controls(store)
        self._domain = domain
        self.ledger = Ledger(store, keys, f"agentic-assets/{domain}/controls")

    @property
    def head(self) -> Head | None:
        """Give the newest signed head of the log."""
        return self.ledger.head()

    def seal(self) -> int:
        """Seal what is not sealed yet, also what another process recorded and did not get to; give how many."""
        head = self.head
        sealed = head.size if head else 0
        waiting = [one for one in self._controls.of(self._domain) if one.number > sealed]
        if waiting:
            self.ledger.seal_many({_partition(one.number): ([_record(one)], [one.id]) for one in waiting})
        return len(waiting)

    def verify(self) -> tuple[Break, ...]:
        """Name every control that is not as sealed, and what is wrong with the log itself."""
        breaks = list(self.ledger.verify_log())
        try:
            standing: Sequence[Control] = self._controls.of(self._domain)
        except LedgerBroken as broken:
            return (*breaks, Break("flipped", "", "", None, broken.what))
        head = self.head
        sealed = head.size if head else 0
        for one in standing:
            breaks += self.ledger.verify(_partition(one.number), [_record(one)], [one.id])
        if sealed > len(standing):
            detail = f"{sealed} controls are sealed, {len(standing)} are stored"
            breaks.append(Break("dropped", _partition(len(standing) + 1), "", None, detail))
        return tuple(breaks)


def _partition(number: int) -> str:
    return f"{number:06d}"


def _record(control: Control) -> bytes:
    return canonical_json({"form": _FORM, **control.content}).encode()
