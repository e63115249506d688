"""A log of numbered records, such as orders that people gave: one signed entry for each, in their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from agentic_assets.ledger.breaks import Break
from agentic_assets.ledger.entries import Head
from agentic_assets.ledger.ledger import Ledger
from agentic_assets.store import Store
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Numbered", "NumberedLog"]


class Numbered(Protocol):
    """A record that is counted from 1 without a gap; `id` names it by its content, 32 hexadecimal digits."""

    @property
    def number(self) -> int:
        """Count the record."""
        ...

    @property
    def id(self) -> str:
        """Name the record."""
        ...

    @property
    def content(self) -> Mapping[str, Any]:
        """Give what is sealed, as JSON values."""
        ...


class NumberedLog:
    """Seal records as they are counted, and hold those that are stored against what was sealed.

    Record 7 is the only one of the partition `000007`; its leaf is the canonical JSON of its content. `form` names
    what is sealed and how it is written, `what` says in words what is counted.
    """

    def __init__(self, store: Store, keys: Path, origin: str, *, form: str, what: str) -> None:
        self.ledger = Ledger(store, keys, origin)
        self._form = form
        self._what = what

    @property
    def head(self) -> Head | None:
        """Give the newest signed head of the log."""
        return self.ledger.head()

    @property
    def sealed(self) -> int:
        """Count what is sealed."""
        head = self.head
        return head.size if head else 0

    def seal(self, standing: Sequence[Numbered]) -> int:
        """Seal what is not sealed yet, also what another process recorded and did not get to; give how many."""
        sealed = self.sealed
        waiting = [one for one in standing if one.number > sealed]
        if waiting:
            self.ledger.seal_many({_partition(one.number): ([self._record(one)], [one.id]) for one in waiting})
        return len(waiting)

    def verify(self, standing: Sequence[Numbered]) -> tuple[Break, ...]:
        """Name every record that is not as sealed, and what is wrong with the log itself."""
        breaks = list(self.ledger.verify_log())
        sealed = self.sealed
        for one in standing:
            breaks += self.ledger.verify(_partition(one.number), [self._record(one)], [one.id])
        if sealed > len(standing):
            detail = f"{sealed} {self._what} are sealed, {len(standing)} are stored"
            breaks.append(Break("dropped", _partition(len(standing) + 1), "", None, detail))
        return tuple(breaks)

    def _record(self, one: Numbered) -> bytes:
        return canonical_json({"form": self._form, **one.content}).encode()


def _partition(number: int) -> str:
    return f"{number:06d}"
