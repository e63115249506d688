"""Terms that are easy to compute by hand: `big` costs 30 and avoids half of the loss, `small` 3 and a tenth."""

from __future__ import annotations

import polars as pl

from agentic_assets.outcomes import Economics


def _saved(action: pl.Expr) -> pl.Expr:
    percent = pl.when(action == "big").then(50).when(action == "small").then(10).otherwise(0)
    return pl.col("loss_cents") * percent // 100


TERMS = Economics(
    idle="none",
    quotas={"big": 1, "small": 2},
    overflow={"big": "small", "small": "none"},
    scope=("day", "place"),
    cost=lambda action: action.replace_strict({"none": 0, "small": 3, "big": 30}, return_dtype=pl.Int64),
    saved=_saved,
)
