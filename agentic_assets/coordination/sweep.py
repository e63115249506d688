"""Settle a batch as a stream would have: bids in the order of time, each knowing only what came before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from agentic_assets.coordination.bids import Bid, checked_bids
from agentic_assets.coordination.contest import Held, contest
from agentic_assets.coordination.outcome import SETTLED, Reason

__all__ = ["sweep"]


@dataclass
class _Told:
    bid: Bid
    reason: Reason
    unit: int | None = None
    held_until: datetime | None = None
    lost_to: Bid | None = None

    @property
    def row(self) -> dict[str, Any]:
        rival = self.lost_to
        return {
            **self.bid.__dict__,
            "granted": self.reason is Reason.GRANTED,
            "unit": self.unit,
            "held_until": self.held_until,
            "lost_to": rival and rival.bid_id,
            "lost_to_cents": rival and rival.utility_cents,
            "reason": self.reason.value,
        }


def sweep(bids: pl.DataFrame, capacity: Mapping[str, int]) -> pl.DataFrame:
    """Settle bids (BIDS) for resources (resource -> units) by leases: SETTLED, sorted by resource, `at` and id.

    Bids are taken by `at`, of one moment in the order of PRECEDENCE. A lease can be lost to a strictly higher bid
    until its commit point, is firm from then on, and ends at its expiry. No bid gets or keeps a unit because of
    anything that happens after its commit point. The order of the rows changes nothing. Raises PartitionRefused for
    bids that are not what they must be.
    """
    rows = checked_bids(bids, capacity).sort("at", maintain_order=True)
    told: dict[str, _Told] = {}
    held: dict[str, dict[int, Held]] = {resource: {} for resource in capacity}
    served: dict[str, Held] = {}

    def free(lease: Held) -> None:
        del held[lease.bid.resource][lease.unit]
        del served[lease.bid.entity]

    for values in rows.iter_rows(named=True):
        bid = Bid(**values)
        for lease in [*held[bid.resource].values(), *([served[bid.entity]] if bid.entity in served else [])]:
            ends = lease.bid.expires_at
            if ends is not None and ends <= bid.at and served.get(lease.bid.entity) is lease:
                free(lease)
        met = contest(bid, bid.at, capacity[bid.resource], list(held[bid.resource].values()), served.get(bid.entity))
        told[bid.bid_id] = _Told(bid, met.reason, met.unit, None if met.unit is None else bid.expires_at, met.lost_to)
        if met.unit is None:
            continue
        if met.evicted is not None:
            free(met.evicted)
            loser = told[met.evicted.bid.bid_id]
            loser.reason, loser.held_until, loser.lost_to = Reason.PREEMPTED, bid.at, bid
        lease = Held(bid, met.unit)
        held[bid.resource][met.unit] = lease
        served[bid.entity] = lease
    settled = pl.DataFrame([one.row for one in told.values()], schema=SETTLED)
    return settled.sort("resource", "at", "bid_id")
