"""One lease as the store holds it, and its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from agentic_assets.coordination.bids import Bid
from agentic_assets.coordination.contest import Held
from agentic_assets.coordination.outcome import Reason
from agentic_assets.errors import ConfigInvalid

__all__ = ["Lease", "State", "instant", "moment", "of_row", "to_row"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class State(StrEnum):
    """Where a lease stands; only a held one has a unit."""

    HELD = "held"
    PREEMPTED = "preempted"
    RELEASED = "released"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True)
class Lease:
    """A bid and what became of it; `version` counts its changes, and whoever changes it must know the newest.

    The bid's `commits_at` and `expires_at` are those in force, as moved by a commit or a renewal. `unit` is the one
    it has, or had until `held_until`.
    """

    bid: Bid
    state: State
    reason: Reason
    unit: int | None
    held_until: datetime | None
    lost_to: str | None
    lost_to_cents: int | None
    version: int

    @property
    def held(self) -> Held:
        """The lease as a contest looks at it; it must be held."""
        assert self.unit is not None
        return Held(self.bid, self.unit)

    def changed(self, **fields: Any) -> Lease:
        """Give the lease after a change, one version later."""
        return replace(self, version=self.version + 1, **fields)


def to_row(lease: Lease) -> dict[str, Any]:
    """Give the columns of a lease, without its scope."""
    bid = lease.bid
    return {
        "bid_id": bid.bid_id,
        "agent": bid.agent,
        "entity": bid.entity,
        "resource": bid.resource,
        "at": instant(bid.at),
        "commits_at": instant(bid.commits_at),
        "expires_at": None if bid.expires_at is None else instant(bid.expires_at),
        "utility_cents": bid.utility_cents,
        "priority": bid.priority,
        "binding": bid.binding,
        "state": lease.state.value,
        "reason": lease.reason.value,
        "unit": lease.unit,
        "held_until": None if lease.held_until is None else instant(lease.held_until),
        "lost_to": lease.lost_to,
        "lost_to_cents": lease.lost_to_cents,
        "version": lease.version,
    }


def of_row(row: Row[Any]) -> Lease:
    """Read a lease from its row."""
    bid = Bid(
        bid_id=row.bid_id,
        agent=row.agent,
        entity=row.entity,
        resource=row.resource,
        at=moment(row.at),
        commits_at=moment(row.commits_at),
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        utility_cents=row.utility_cents,
        priority=row.priority,
        binding=row.binding,
    )
    return Lease(
        bid=bid,
        state=State(row.state),
        reason=Reason(row.reason),
        unit=row.unit,
        held_until=None if row.held_until is None else moment(row.held_until),
        lost_to=row.lost_to,
        lost_to_cents=row.lost_to_cents,
        version=row.version,
    )


def instant(at: datetime) -> int:
    """Count the microseconds since 1970; a moment without a zone is refused."""
    if at.tzinfo is None:
        raise ConfigInvalid(f"the moment {at:%Y-%m-%d %H:%M} has no zone", hint="give every moment one, such as UTC")
    return (at - _EPOCH) // _MICROSECOND


def moment(instant: int) -> datetime:
    """Give the moment of an `instant`, in UTC."""
    return _EPOCH + instant * _MICROSECOND
