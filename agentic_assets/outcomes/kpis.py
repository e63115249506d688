"""How a decision service runs: volume, failures, violations, toil, and whether the audit trail is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from agentic_assets.outcomes.scorecard import share_bp

__all__ = ["Timing", "daily_kpis", "timing"]


def daily_kpis(
    decisions: pl.DataFrame,
    *,
    outcomes: pl.DataFrame,
    sealed: pl.DataFrame,
    executed: pl.DataFrame,
    pins: Sequence[str],
    idle: str,
) -> pl.DataFrame:
    """Count, per day, what the operators of an agent answer for.

    `decisions`: decision_id, entity, day, score_bp, confidence_bp, proposed_action, verdict, effective_action,
    supersedes and the columns `pins`. `outcomes` holds an entity, `sealed` and `executed` a decision_id per row. Gives,
    per day (sorted): decisions, unscored (no score, or 0 at confidence 0: the agent abstained), acted, undelivered (an
    action that nothing executed), violations (proposals to act that were denied or transformed), escalated (answered or
    not), complete (it has an outcome, a ledger leaf and every pin) as Int64; failure_bp (undelivered of acted),
    violation_bp, toil_bp (escalated), completeness_bp as Int32.
    """
    acted = pl.col("effective_action") != idle
    has_pins = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_not_null() for name in pins))
    marked = decisions.with_columns(
        _outcome=_in(decisions, "entity", outcomes),
        _sealed=_in(decisions, "decision_id", sealed),
        _executed=_in(decisions, "decision_id", executed),
    )
    counts = {
        "unscored": pl.col("score_bp").is_null() | ((pl.col("score_bp") == 0) & (pl.col("confidence_bp") == 0)),
        "acted": acted,
        "undelivered": acted & ~pl.col("_executed"),
        "violations": (pl.col("proposed_action") != idle) & pl.col("verdict").is_in(["deny", "transform"]),
        # An answered one was put before a person, too: it supersedes the decision that waited.
        "escalated": (pl.col("verdict") == "escalate") | pl.col("supersedes").is_not_null(),
        "complete": pl.col("_outcome") & pl.col("_sealed") & has_pins,
    }
    return (
        marked.group_by("day")
        .agg(
            pl.len().cast(pl.Int64).alias("decisions"),
            *(condition.sum().cast(pl.Int64).alias(name) for name, condition in counts.items()),
        )
        .sort("day")
        .with_columns(
            failure_bp=share_bp(pl.col("undelivered"), pl.col("acted")),
            violation_bp=share_bp(pl.col("violations"), pl.col("decisions")),
            toil_bp=share_bp(pl.col("escalated"), pl.col("decisions")),
            completeness_bp=share_bp(pl.col("complete"), pl.col("decisions")),
        )
    )


@dataclass(frozen=True)
class Timing:
    """Measured, so never part of data: decisions a second, and the spread of the time one batch took a decision."""

    decisions: int
    seconds: float
    decisions_per_second: float
    p50_us: int
    p99_us: int


def timing(batches: Sequence[tuple[int, float]]) -> Timing:
    """Summarise (decisions, seconds) of each batch; the spread weighs each decision by the time of its own batch."""
    total, seconds = sum(count for count, _ in batches), sum(taken for _, taken in batches)
    each = sorted((round(taken / count * 1e6), count) for count, taken in batches if count)
    rate = total / seconds if seconds > 0 else 0.0
    return Timing(total, seconds, rate, _quantile(each, total, 0.50), _quantile(each, total, 0.99))


def _quantile(each: list[tuple[int, int]], total: int, share: float) -> int:
    reached = 0
    for value, count in each:
        reached += count
        if reached >= share * total:
            return value
    return 0


def _in(decisions: pl.DataFrame, key: str, other: pl.DataFrame) -> pl.Series:
    return decisions.get_column(key).is_in(other.get_column(key).implode())
