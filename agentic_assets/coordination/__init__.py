"""Coordination without a planner: agents bid for limited resources, and a deterministic rule settles the bids."""

from agentic_assets.coordination.award import award
from agentic_assets.coordination.bidding import bid_of
from agentic_assets.coordination.bids import BIDS, Bid, checked_bids
from agentic_assets.coordination.contest import Contest, Held, contest
from agentic_assets.coordination.lease import Lease, State
from agentic_assets.coordination.leases import Leases
from agentic_assets.coordination.outcome import SETTLED, Reason
from agentic_assets.coordination.settling import AS_IF_BINDING, settle
from agentic_assets.coordination.sweep import sweep

__all__ = [
    "AS_IF_BINDING",
    "BIDS",
    "SETTLED",
    "Bid",
    "Contest",
    "Held",
    "Lease",
    "Leases",
    "Reason",
    "State",
    "award",
    "bid_of",
    "checked_bids",
    "contest",
    "settle",
    "sweep",
]
