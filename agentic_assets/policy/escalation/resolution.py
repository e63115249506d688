"""A resolution: what a person made of one escalated decision, in which role, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.verdict import Verdict
from agentic_assets.versions import Pin, of_json

__all__ = ["EXPIRED", "KIND", "Resolution"]

EXPIRED = "expired"
"""The role of a resolution that nobody gave: the policy's default when the time was up."""

KIND = "resolution"
"""The kind of the pins of resolutions."""

_ID_DIGITS = 32


@dataclass(frozen=True)
class Resolution:
    """The answer to one escalated decision: it is allowed to take `action`, or denied and takes none.

    `opened_at` and `resolved_at` (UTC, of the clock) measure the review; with the host they are for people and do not
    enter the digest. `number` counts the resolutions of a domain from 1; 0 until it is recorded.
    """

    domain: str
    agent: str
    day: str
    entity: str
    decision_id: str
    verdict: Verdict
    action: str
    identity: str
    role: str
    reason: str
    opened_at: str = ""
    resolved_at: str = ""
    host: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        """Raise PolicyInvalid for an answer that would not say what it means."""
        what = f"the resolution of {self.decision_id[:12]}"
        if self.verdict not in (Verdict.ALLOW, Verdict.DENY):
            raise PolicyInvalid(f"{what} is {str(self.verdict)[:20]!r}", hint="allow or deny")
        for name in ("domain", "agent", "day", "entity", "decision_id", "action", "identity", "role", "reason"):
            if not str(getattr(self, name)).strip():
                raise PolicyInvalid(
                    f"{what} says nothing under `{name}`", hint="every answer has an author and a reason"
                )

    @property
    def content(self) -> dict[str, Any]:
        """Everything it says, as JSON values."""
        names = ("domain", "agent", "day", "entity", "decision_id", "action", "identity", "role", "reason", "number")
        return {**{name: getattr(self, name) for name in names}, "verdict": self.verdict.value}

    @property
    def digest(self) -> str:
        """Digest what it says."""
        return of_json(self.content)

    @property
    def id(self) -> str:
        """Name it: the first digits of its digest."""
        return self.digest[:_ID_DIGITS]

    @property
    def pin(self) -> Pin:
        """Pin it, as one of the versions that shaped the decision which takes the place of the escalated one."""
        return Pin(KIND, self.decision_id, str(self.number), self.digest)
