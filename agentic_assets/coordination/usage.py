"""How much of a resource is in use, from one change to the next."""

from __future__ import annotations

import polars as pl

__all__ = ["usage"]


def usage(settled: pl.DataFrame, *, per: str = "resource") -> pl.DataFrame:
    """Count what is held after each moment at which something changes: `per`, `since` and `in_use`, in order.

    `settled`: SETTLED. A unit that passes from one bid to another at one moment is held once.
    """
    held = settled.filter(pl.col("unit").is_not_null())
    changes = pl.concat(
        [
            held.select(per, pl.col("at").alias("since"), pl.lit(1, dtype=pl.Int32).alias("change")),
            held.filter(pl.col("held_until").is_not_null()).select(
                per, pl.col("held_until").alias("since"), pl.lit(-1, dtype=pl.Int32).alias("change")
            ),
        ]
    )
    return (
        changes.group_by(per, "since")
        .agg(pl.col("change").sum())
        .sort(per, "since")
        .select(per, "since", pl.col("change").cum_sum().over(per).alias("in_use"))
    )
