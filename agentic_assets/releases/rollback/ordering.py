"""Put a release into force as planned: the one step that decides it; what follows only makes what it orders."""

from __future__ import annotations

from agentic_assets.releases.activation import ROLLBACK, Activation
from agentic_assets.releases.record import Releases
from agentic_assets.releases.rollback.plan import Plan

__all__ = ["order"]


def order(releases: Releases, plan: Plan, *, author: str, reason: str, kind: str = ROLLBACK) -> Activation | None:
    """Activate the release of a plan, with the plan's figures; None where that is in force already.

    From here on every run makes the partitions under that release: one that was cut off is finished by any other.
    """
    if plan.activated:
        releases.seal(plan.domain)  # a crash may have come between the order and its seal
        return None
    wanted = Activation(
        plan.domain, plan.to.number, author, reason, kind, plan.partitions, details={"plan": plan.counts}
    )
    return releases.activate(wanted)
