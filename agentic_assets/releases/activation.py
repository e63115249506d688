"""An activation: from now on a release is in force, for every partition or for some days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.versions import of_json

__all__ = ["ACTIVATE", "ROLLBACK", "Activation"]

ACTIVATE, ROLLBACK = "activate", "rollback"


@dataclass(frozen=True)
class Activation:
    """A person's word that `release` is in force; `partitions` are the days for which it is, None for everything.

    The newest activation that covers a partition counts. `kind` is `activate` or `rollback`; `details` is what was
    planned then.
    """

    domain: str
    release: int
    author: str
    reason: str
    kind: str = ACTIVATE
    partitions: tuple[str, ...] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    host: str = ""
    recorded_at: str = ""

    @property
    def id(self) -> str:
        """Name the activation by what it says: 32 hexadecimal digits."""
        return self.digest[:32]

    @property
    def content(self) -> dict[str, Any]:
        """What is sealed."""
        return {
            "domain": self.domain,
            "number": self.number,
            "release": self.release,
            "partitions": None if self.partitions is None else list(self.partitions),
            "kind": self.kind,
            "author": self.author,
            "reason": self.reason,
            "details": dict(self.details),
        }

    @property
    def digest(self) -> str:
        """Digest the content."""
        return of_json(self.content)

    def covers(self, day: str | None) -> bool:
        """Say whether it is about a day; None asks for what has no days."""
        return self.partitions is None or (day is not None and day in self.partitions)
