"""What one arriving bid does to the leases there are: the same step for a batch in time and for events in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agentic_assets.coordination.bids import Bid
from agentic_assets.coordination.outcome import Reason

__all__ = ["Contest", "Held", "contest"]


@dataclass(frozen=True)
class Held:
    """A unit that a bid holds now; it is firm from the bid's `commits_at` on."""

    bid: Bid
    unit: int


@dataclass(frozen=True)
class Contest:
    """What becomes of a bid: the `unit` that it gets, from whom if from somebody, or to whom it lost."""

    reason: Reason
    unit: int | None = None
    evicted: Held | None = None
    lost_to: Bid | None = None


def contest(bid: Bid, now: datetime, units: int, held: Sequence[Held], own: Held | None) -> Contest:
    """Settle one bid at `now` against the unexpired leases `held` of its resource; `own` is its entity's, of any.

    A free unit is taken, the lowest first. Else the weakest lease that is not firm is preempted if it offers strictly
    less utility, or as much at a strictly lower priority. An entity that has a unit keeps it: a stronger bid for the
    same resource takes it over before its commit point, so that it is defended at its true worth.
    """
    if not bid.binding:
        return Contest(Reason.NOT_BINDING)
    if bid.utility_cents <= 0:
        return Contest(Reason.WORTHLESS)
    if bid.expires_at is not None and bid.expires_at <= now:
        return Contest(Reason.LATE)
    if own is not None:
        stronger = own.bid.resource == bid.resource and own.bid.commits_at > now and own.bid.stake < bid.stake
        return Contest(Reason.GRANTED, own.unit, own) if stronger else Contest(Reason.SERVED, lost_to=own.bid)
    if units == 0:
        return Contest(Reason.NO_UNITS)
    # Units above the capacity are left over from when it was larger: they run out, and nobody gets them anew.
    counted = [lease for lease in held if lease.unit <= units]
    free = sorted(set(range(1, units + 1)) - {lease.unit for lease in counted})
    if free and len(held) < units:
        return Contest(Reason.GRANTED, free[0])
    weaker = [lease for lease in counted if lease.bid.stake < bid.stake]
    open_ = [lease for lease in weaker if lease.bid.commits_at > now]
    if open_:
        weakest = max(open_, key=_rank)
        return Contest(Reason.GRANTED, weakest.unit, weakest)
    reason, rivals = (Reason.COMMITTED, weaker) if weaker else (Reason.OUTBID, held)
    return Contest(reason, lost_to=max(rivals, key=_rank).bid)


def _rank(lease: Held) -> tuple[int, int, datetime, str, str, str]:
    return lease.bid.rank
