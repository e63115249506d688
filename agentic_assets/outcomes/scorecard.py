"""Score decisions against the truth that arrived later, beside the rule they replaced and beside doing nothing."""

from __future__ import annotations

import polars as pl

from agentic_assets.outcomes.economics import Economics, grant

__all__ = ["AGENT", "JUDGED", "LEGACY", "NOTHING", "scorecard", "share_bp"]

AGENT, JUDGED, LEGACY, NOTHING = "agent", "judged", "legacy", "nothing"
"""What was done; what the policy left of the agent's proposals, had all of it been done; the rule before; nothing."""


def scorecard(decisions: pl.DataFrame, outcomes: pl.DataFrame, economics: Economics, *, bad: str) -> pl.DataFrame:
    """Count and price each day of each strategy: one row per `day` and `strategy`, sorted.

    `decisions`: entity, day, decided_at, effective_action, legacy_action, and the scope of the quotas; with a column
    judged_action, what the agent would have earned in shadow and as a canary is scored beside what was done (as
    `judged`). `outcomes`, one row an entity: entity, the Boolean column `bad`, loss_cents, and what the economics need.
    The legacy rule is held to the quotas here; the actions of the agent were held to them when they were decided. A
    decision without an outcome counts with its cost but is no positive and no negative.

    Gives decisions, known, bad, acted, true_positives, false_positives, false_negatives (Int64), precision_bp and
    recall_bp (Int32, null without a denominator), loss_cents (nothing done), cost_cents, avoided_cents and
    net_saved_cents = avoided - cost (Int64).
    """
    joined = decisions.join(outcomes.drop("day", strict=False), on="entity", how="left", validate="1:1")
    legacy = grant(joined, "legacy_action", economics, order=("decided_at", "entity"))
    strategies = {
        AGENT: joined.get_column("effective_action"),
        LEGACY: legacy.fill_null(economics.idle),  # where no rule was before, nothing was done
        NOTHING: pl.repeat(economics.idle, joined.height, dtype=pl.String, eager=True),
    }
    if "judged_action" in joined.columns:
        strategies[JUDGED] = joined.get_column("judged_action")
    parts = [
        joined.with_columns(action.alias("_action"), pl.lit(name).alias("strategy"))
        for name, action in strategies.items()
    ]
    return _count(pl.concat(parts), economics, bad)


def share_bp(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Give part / whole in basis points, rounded half up in integers (Int32); null where the whole is 0."""
    return pl.when(whole > 0).then((part * 20_000 + whole) // (whole * 2)).cast(pl.Int32)


def _count(rows: pl.DataFrame, economics: Economics, bad: str) -> pl.DataFrame:
    acted = pl.col("_action") != economics.idle
    known = pl.col(bad).is_not_null()
    rows = rows.with_columns(
        _cost=economics.cost(pl.col("_action")).cast(pl.Int64),
        _saved=economics.saved(pl.col("_action")).cast(pl.Int64),
    )
    counts = {
        "known": known,
        "bad": pl.col(bad),
        "acted": acted,
        "true_positives": acted & pl.col(bad),
        "false_positives": acted & ~pl.col(bad),
        "false_negatives": ~acted & pl.col(bad),
    }
    return (
        rows.group_by("day", "strategy")
        .agg(
            pl.len().cast(pl.Int64).alias("decisions"),
            *(condition.sum().cast(pl.Int64).alias(name) for name, condition in counts.items()),
            pl.col("loss_cents").sum(),
            pl.col("_cost").sum().alias("cost_cents"),
            pl.col("_saved").sum().alias("avoided_cents"),
        )
        .sort("day", "strategy")
        .with_columns(
            precision_bp=share_bp(pl.col("true_positives"), pl.col("true_positives") + pl.col("false_positives")),
            recall_bp=share_bp(pl.col("true_positives"), pl.col("bad")),
            net_saved_cents=pl.col("avoided_cents") - pl.col("cost_cents"),
        )
        .select(
            "day",
            "strategy",
            "decisions",
            *counts,
            "precision_bp",
            "recall_bp",
            "loss_cents",
            "cost_cents",
            "avoided_cents",
            "net_saved_cents",
        )
    )
