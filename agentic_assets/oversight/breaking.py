"""Judge an agent by its past days: when its circuit breaker trips, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from agentic_assets.oversight.ordering import Order, Word
from agentic_assets.policy.breaker import WHOLE, Breaker
from agentic_assets.policy.rollout import ANY, Control, Kind, in_force

__all__ = ["BREAKER", "Figures", "trip", "trips"]

BREAKER = "circuit breaker"
"""Who trips, where nobody did."""


@dataclass(frozen=True)
class Figures:
    """What the newest days of an agent came to: days of the window that are known, and what was counted on them.

    `failed` days were refused or blocked. The amounts are in cents, over the `scored` days.
    """

    first: str
    last: str
    days: int
    failed: int = 0
    proposals: int = 0
    stale: int = 0
    incidents: int = 0
    scored: int = 0
    judged_cents: int = 0
    legacy_cents: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values."""
        return asdict(self)


def trips(breaker: Breaker, found: Figures) -> tuple[str, ...]:
    """Give in words each limit that was passed; none while too few days are known. Shares are compared in integers."""
    if found.days < breaker.at_least_days:
        return ()
    told = []
    if breaker.error_rate_bp is not None and found.failed * WHOLE > breaker.error_rate_bp * found.days:
        told.append(
            f"{found.failed} of {found.days} days were refused or blocked, {_percent(breaker.error_rate_bp)} may be"
        )
    stale = breaker.stale_inputs
    if stale is not None and found.stale * WHOLE > stale.at_most_bp * found.proposals:
        told.append(
            f"the inputs of {found.stale:,} of {found.proposals:,} proposals were stale ({stale.when.text}), "
            f"{_percent(stale.at_most_bp)} may be"
        )
    if breaker.drift_incidents is not None and found.incidents > breaker.drift_incidents:
        told.append(
            f"on {found.incidents} days the features were fed by data that broke, {breaker.drift_incidents} may be"
        )
    margin = breaker.worse_than_legacy_bp
    if margin is not None and found.scored >= breaker.at_least_days:
        short = found.legacy_cents - found.judged_cents
        if short > 0 and short * WHOLE > margin * abs(found.legacy_cents):
            told.append(
                f"over {found.scored} days the agent would have saved ${found.judged_cents // 100:,}, the rule before "
                f"${found.legacy_cents // 100:,}; {_percent(margin)} less may be"
            )
    return tuple(told)


def trip(word: Word, agent: str, found: Figures) -> Order:
    """Order that an agent (name@version) acts no more until a person resets it; nothing where it tripped already."""

    def order(standing: tuple[Control, ...]) -> Control | None:
        if (agent, ANY) in in_force(standing, word.effective_from).trips:
            return None
        made = word.control(Kind.TRIP, agent)
        return replace(made, details=found.to_dict())

    return order


def _percent(share_bp: int) -> str:
    return f"{share_bp // 100}.{share_bp % 100:02d} %"
