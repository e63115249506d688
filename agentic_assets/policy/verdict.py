"""The five verdicts, and how they combine."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ORDER", "Verdict"]


class Verdict(StrEnum):
    """What becomes of a proposal: as proposed, noted, changed, put before a person, or refused."""

    ALLOW = "allow"
    WARN = "warn"
    TRANSFORM = "transform"
    ESCALATE = "escalate"
    DENY = "deny"

    @property
    def severity(self) -> int:
        """Rank the verdict: of two layers the severer one stands, deny > escalate > transform > warn > allow."""
        return ORDER.index(self)

    @property
    def stops(self) -> bool:
        """Whether nothing is done; an escalated proposal waits for a person."""
        return self in (Verdict.ESCALATE, Verdict.DENY)

    @property
    def fires_on_null(self) -> bool:
        """Whether a rule fires by default when its condition is null: those that stop do, so that they fail closed.

        The others do not: firing, they would end the search for the first match before a rule that stops.
        """
        return self.stops


ORDER = (Verdict.ALLOW, Verdict.WARN, Verdict.TRANSFORM, Verdict.ESCALATE, Verdict.DENY)
