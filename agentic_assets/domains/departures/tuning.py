"""How the thresholds and the expected benefits were found: on April to June, never on July to December.

Each month is scored by the model (or the legacy table) that served it, so every score was made without its outcome.
Only thresholds and quotas are tuned here; the guardrails of the policy hold back the
proposals closest to a threshold, so the agent's spec lies a little lower.

A scored frame holds the flights of whole days: entity, day, origin, decided_at, score_bp, status, arr_delay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product

import polars as pl

from agentic_assets.domains.departures.costs import NONE, NOTIFY, STANDBY, cost_cents, saved_cents
from agentic_assets.domains.departures.outcomes import ECONOMICS
from agentic_assets.outcomes import grant

__all__ = [
    "AGENT_GRID",
    "HELD_OUT_FROM",
    "LEGACY_GRID",
    "TUNED",
    "TUNED_ON",
    "Thresholds",
    "benefit_per_100_bp",
    "net_saved",
    "tune",
]

HELD_OUT_FROM = date(2013, 7, 1)
"""The first day that no threshold was chosen by."""


@dataclass(frozen=True, order=True)
class Thresholds:
    """From which risk on, in basis points, an action is proposed."""

    standby_from_bp: int
    notify_from_bp: int


AGENT_GRID = tuple(Thresholds(*pair) for pair in product(range(4_000, 9_001, 500), range(1_000, 6_001, 500)))
LEGACY_GRID = tuple(Thresholds(*pair) for pair in product(range(2_000, 4_001, 500), range(1_000, 3_001, 250)))

TUNED_ON = (
    "Thresholds were chosen on April to June and expected benefits on February to June, so savings of those months "
    "flatter the agent; July to December played no part in the choice, but its figures had been seen."
)
"""What a reader of money figures must know of how the thresholds came about."""

TUNED = Thresholds(7_500, 4_000)
"""What `tune` finds for the models of April to June: $43,413 a day. Any pair within 500 of it earns 94 % of that."""


def net_saved(scored: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Price the actions that the thresholds propose and the quotas grant: day and net_saved_cents, sorted by day."""
    standby, notify = thresholds.standby_from_bp, thresholds.notify_from_bp
    score, action = pl.col("score_bp"), pl.col("action")
    proposed = pl.when(score >= standby).then(pl.lit(STANDBY)).when(score >= notify).then(pl.lit(NOTIFY))
    asking = scored.filter(score >= min(standby, notify)).with_columns(proposed.otherwise(pl.lit(NONE)).alias("action"))
    granted = asking.with_columns(grant(asking, "action", ECONOMICS, order=("decided_at", "entity")))
    net = saved_cents(action, pl.col("status"), pl.col("arr_delay")) - cost_cents(action)
    earned = granted.group_by("day").agg(net.sum().alias("net_saved_cents"))
    days = scored.select("day").unique().sort("day")
    return days.join(earned, on="day", how="left", maintain_order="left").with_columns(
        pl.col("net_saved_cents").fill_null(0)
    )


def tune(scored: pl.DataFrame, grid: Iterable[Thresholds]) -> Thresholds:
    """Give the thresholds of the grid that save the most over all days; of equals, the highest (they act least)."""
    totals = {pair: int(net_saved(scored, pair).get_column("net_saved_cents").sum()) for pair in grid}
    return max(totals, key=lambda pair: (totals[pair], pair))


def benefit_per_100_bp(scored: pl.DataFrame, action: str, *, from_bp: int) -> int:
    """Give what an action avoids, in cents for each percent of risk, over the flights with at least that risk."""
    risky = scored.filter(pl.col("score_bp") >= from_bp)
    avoided = saved_cents(pl.lit(action), pl.col("status"), pl.col("arr_delay")).sum()
    return int(risky.select(avoided * 100 // pl.col("score_bp").cast(pl.Int64).sum()).item())
