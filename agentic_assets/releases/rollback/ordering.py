"""Put a rollback into force: the one step that decides it; whatever follows only makes what it orders."""

from __future__ import annotations

from agentic_assets.releases.activation import ROLLBACK, Activation
from agentic_assets.releases.record import Releases
from agentic_assets.releases.rollback.plan import Plan

__all__ = ["order"]


def order(releases: Releases, plan: Plan, *, author: str, reason: str) -> Activation | None:
    """Activate what a plan goes back to, with the plan's figures; None where that is in force already.

    From here on every run makes the partitions under the older release: one that was cut off is finished by any other.
    """
    if plan.activated:
        return None
    wanted = Activation(
        plan.domain, plan.to.number, author, reason, ROLLBACK, plan.partitions, details={"plan": plan.counts}
    )
    return releases.activate(wanted)
