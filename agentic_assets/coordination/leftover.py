"""Give what nobody bid for to those whom people allowed an action later: they never take what another was granted."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.coordination.award import award
from agentic_assets.coordination.outcome import Reason
from agentic_assets.coordination.settling import AS_IF_BINDING

__all__ = ["with_leftover"]


def with_leftover(settled: pl.DataFrame, allowed: pl.DataFrame, capacity: Mapping[str, int]) -> pl.DataFrame:
    """Settle the bids of people (BIDS) for the units that are left, and add them to what was `settled` before.

    That a person allows something afterwards must not undo what was decided, and done, meanwhile. `settled` holds
    leases that do not expire, so that what it granted are the first units of each pool.
    """
    if allowed.is_empty():
        return settled
    taken = dict(settled.filter("granted").group_by("resource").len().iter_rows())
    served = settled.filter("granted").select("entity", _by="bid_id", _cents="utility_cents")
    left = {name: max(0, units - taken.get(name, 0)) for name, units in capacity.items()}
    kept_out = pl.col("entity").is_in(served.get_column("entity").implode())
    more = award(allowed.with_columns(pl.col("binding") & ~kept_out), left)
    more = more.join(served, on="entity", how="left", maintain_order="left")
    before = pl.col("resource").replace_strict(taken, default=0, return_dtype=pl.Int32)
    more = more.with_columns(
        pl.coalesce("lost_to", "_by").alias("lost_to"),
        pl.coalesce("lost_to_cents", "_cents").alias("lost_to_cents"),
        pl.when(pl.col("_by").is_not_null()).then(pl.lit(Reason.SERVED.value)).otherwise("reason").alias("reason"),
        (pl.col("unit") + before).alias("unit"),
        pl.col("granted").alias(AS_IF_BINDING),
        pl.lit(value=True).alias("binding"),
    )
    return pl.concat([settled, more.select(settled.columns)]).sort("resource", "at", "bid_id")
