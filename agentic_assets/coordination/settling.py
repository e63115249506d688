"""Settle a batch of bids in the way that a resource declares, with what bids that bind nobody would have got."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.coordination.award import award
from agentic_assets.coordination.bidding import FALLBACK
from agentic_assets.coordination.outcome import SETTLED
from agentic_assets.coordination.sweep import sweep
from agentic_assets.policy.resources import AWARD, Settle

__all__ = ["AS_IF_BINDING", "settle"]

AS_IF_BINDING = "granted_as_if_binding"


def settle(bids: pl.DataFrame, capacity: Mapping[str, int], how: Settle) -> pl.DataFrame:
    """Settle bids (BIDS) for resources (resource -> units): SETTLED and AS_IF_BINDING, sorted by resource, `at`, id.

    AS_IF_BINDING tells of a bid that is not binding whether it had got a unit if all the bids of its agent, and no
    further ones, had been binding, and the rule before had not stood in for it; of a binding bid, whether it got one.
    So an agent in shadow can be scored.
    """
    meet = award if how.mode == AWARD else sweep
    settled = meet(bids, capacity)
    wished = settled.select("bid_id", pl.col("granted").alias(AS_IF_BINDING))
    for agent in sorted(bids.filter(~pl.col("binding")).get_column("agent").unique().to_list()):
        mine = pl.col("agent") == agent
        # Were it binding, the rule before would not bid in its place.
        others = bids.filter(pl.col("agent") != f"{FALLBACK}{agent}")
        asked = meet(others.with_columns(pl.col("binding") | mine), capacity).filter(mine)
        wished = wished.update(asked.select("bid_id", pl.col("granted").alias(AS_IF_BINDING)), on="bid_id")
    wished = wished.join(settled.select("bid_id", "binding", "granted"), on="bid_id").select(
        "bid_id", pl.when("binding").then("granted").otherwise(AS_IF_BINDING).alias(AS_IF_BINDING)
    )
    return settled.join(wished, on="bid_id", how="left", maintain_order="left").select(*SETTLED, AS_IF_BINDING)
