"""What became of each bid, and why."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from agentic_assets.coordination.bids import BIDS

__all__ = ["SETTLED", "Reason"]


class Reason(StrEnum):
    """Why a bid has a unit or has none."""

    GRANTED = "granted"
    OUTBID = "outbid"
    """Every unit went to a bid that comes before it."""
    PREEMPTED = "preempted"
    """It had a unit, and lost it to a higher bid before its commit point."""
    COMMITTED = "committed"
    """It is higher than a bid that has a unit, but came after that one's commit point."""
    SERVED = "served"
    """Another bid got a unit for the same entity, which needs only one."""
    WORTHLESS = "worthless"
    """Its utility is zero or less: better nobody gets the unit."""
    NO_UNITS = "no_units"
    """The resource has no unit at all."""
    LATE = "late"
    """It came when the time for which it wanted the unit was over."""
    NOT_BINDING = "not_binding"
    """It was recorded only, as the bids of an agent in shadow are."""


SETTLED = pl.Schema(
    {
        **BIDS,
        "granted": pl.Boolean(),
        "unit": pl.Int32(),
        "held_until": pl.Datetime("us", "UTC"),
        "lost_to": pl.String(),
        "lost_to_cents": pl.Int64(),
        "reason": pl.String(),
    }
)
"""Bids, and what became of them: `unit` (from 1) is the one that the bid has, or had until `held_until`; `lost_to` and
`lost_to_cents` are the bid to which it lost, and what that one offered."""
