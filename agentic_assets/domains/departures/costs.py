"""What a disrupted flight costs, what an action costs, and what it avoids: assumed figures, in integer cents.

The amounts are assumptions, made so that decisions can be compared in money; they are not measured. A late arrival
costs $100 a minute above 15 minutes, counted up to a delay of 240 minutes; a cancelled or diverted flight $20,000.
`notify` (tell the passengers, rebook the tight connections) costs $300 and avoids 10 % of either. `standby` (hold an
aircraft and a crew) costs $3,000 and avoids 50 % of a delay or 25 % of a cancellation or diversion.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

__all__ = [
    "ACTIONS",
    "ACTION_COST_CENTS",
    "CAPPED_MINUTES",
    "CENTS_PER_MINUTE",
    "DISRUPTED_ABOVE_MINUTES",
    "FREE_MINUTES",
    "LOST_FLIGHT_CENTS",
    "NONE",
    "NOTIFY",
    "OVERFLOW",
    "QUOTAS",
    "QUOTA_SCOPE",
    "STANDBY",
    "cost_cents",
    "disrupted",
    "loss_cents",
    "saved_cents",
]

NONE, NOTIFY, STANDBY = "none", "notify", "standby"
ACTIONS = (NONE, NOTIFY, STANDBY)

DISRUPTED_ABOVE_MINUTES = 60
FREE_MINUTES = 15
CAPPED_MINUTES = 240
CENTS_PER_MINUTE = 10_000
LOST_FLIGHT_CENTS = 2_000_000

ACTION_COST_CENTS: Mapping[str, int] = MappingProxyType({NONE: 0, NOTIFY: 30_000, STANDBY: 300_000})
# Percent of the loss that an action avoids: of a delay, and of a cancellation or diversion.
_AVOIDS_PERCENT: Mapping[str, tuple[int, int]] = MappingProxyType({NONE: (0, 0), NOTIFY: (10, 10), STANDBY: (50, 25)})

# At most so many a day at each origin, granted in the order of `decided_at`.
QUOTAS: Mapping[str, int] = MappingProxyType({STANDBY: 8, NOTIFY: 60})
QUOTA_SCOPE = ("day", "origin")
# A flight that finds no standby aircraft left is still worth a notification.
OVERFLOW: Mapping[str, str] = MappingProxyType({STANDBY: NOTIFY, NOTIFY: NONE})


def disrupted(status: pl.Expr, arr_delay: pl.Expr) -> pl.Expr:
    """Label a flight: cancelled, diverted, or more than 60 minutes late; null where a completed flight has no delay."""
    return pl.when(_lost(status)).then(pl.lit(value=True)).otherwise(arr_delay > DISRUPTED_ABOVE_MINUTES)


def loss_cents(status: pl.Expr, arr_delay: pl.Expr) -> pl.Expr:
    """Price the disruption of a flight with nothing done, in cents (Int64); null where it is not known."""
    late = (arr_delay.cast(pl.Int64).clip(FREE_MINUTES, CAPPED_MINUTES) - FREE_MINUTES) * CENTS_PER_MINUTE
    return pl.when(_lost(status)).then(pl.lit(LOST_FLIGHT_CENTS, pl.Int64)).when(status == "completed").then(late)


def saved_cents(action: pl.Expr, status: pl.Expr, arr_delay: pl.Expr) -> pl.Expr:
    """Price what an action avoids of the loss, before its own cost, in cents (Int64)."""
    loss = loss_cents(status, arr_delay)
    percents = [
        pl.when(action == name).then(pl.when(_lost(status)).then(of_lost).otherwise(of_delay))
        for name, (of_delay, of_lost) in _AVOIDS_PERCENT.items()
    ]
    return loss * pl.coalesce(*percents).cast(pl.Int64) // 100


def cost_cents(action: pl.Expr) -> pl.Expr:
    """Price an action itself, in cents (Int64); null for an action that the cost model does not know."""
    return action.replace_strict(dict(ACTION_COST_CENTS), default=None, return_dtype=pl.Int64)


def _lost(status: pl.Expr) -> pl.Expr:
    return status.is_in(["cancelled", "diverted"])
