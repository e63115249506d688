"""A small domain to decide in: features, an agent's spec, a policy, and decisions made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from agentic_assets.agents import PROPOSALS, FailureMode, Spec, row_digests
from agentic_assets.decisions import Setting, decide
from agentic_assets.policy import Escalation, Quota, Rule, RuleSet, Type, Verdict, judge, parse_condition
from agentic_assets.versions import Pin, Pins

__all__ = ["RULESET", "SETTING", "SPEC", "decisions", "features", "judged"]

_READS = {"action": Type.STRING, "confidence_bp": Type.INTEGER, "day": Type.DATE, "decided_at": Type.TIMESTAMP}

_FEATURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "machine": pl.String,
    "day": pl.Date,
    "decided_at": pl.Datetime("us", "UTC"),
    "temperature": pl.Float64,
    "pressure": pl.Int32,
    "site": pl.String,
    "running": pl.Boolean,
}

SPEC = Spec(
    name="sentinel",
    version="1.2.0",
    kind="model",
    owner="team",
    purpose="test",
    responsibilities=("test",),
    feature_set="readings@1.0.0",
    entity="machine",
    actions=("none", "inspect", "stop"),
    decision_boundaries=("test",),
    failure_modes=(FailureMode("always", "never"),),
    risk_tier="low",
    review_by=date(2014, 1, 1),
    parameters={},
)
RULESET = RuleSet(
    name="plant",
    version="2.0.0",
    owner="team",
    purpose="test",
    actions=SPEC.actions,
    reads=_READS,
    rules=(
        Rule(
            "unsure",
            parse_condition("action = 'stop' AND confidence_bp < 3000", _READS, where="test"),
            Verdict.ESCALATE,
            "look",
        ),
    ),
    quotas=(Quota("stops", "stop", 2, ("day",), ("decided_at",), Verdict.TRANSFORM, "busy", to="inspect"),),
    escalation=Escalation("foreman", 30, Verdict.DENY),
)
SETTING = Setting(
    domain="plant",
    agent=SPEC,
    ruleset=RULESET,
    pins=Pins.of(
        SPEC.pin,
        RULESET.pin,
        Pin("feature_set", "readings", "1.0.0", "f" * 64),
        Pin("model", "sentinel@2013-02", "1.0.0", "e" * 64),
    ),
)


def features(rows: int = 12, **changed: Any) -> pl.DataFrame:
    """Give one row a machine: two days, nulls, NaN, texts of several scripts."""
    start = datetime(2013, 2, 8, 6, tzinfo=UTC)
    moments = [start + timedelta(hours=7 * (row % 5)) for row in range(rows)]
    columns = {
        "machine": [f"m{row:03d}" for row in range(rows)],
        "day": [moment.date() for moment in moments],
        "decided_at": moments,
        "temperature": [None if row == 3 else float("nan") if row == 4 else row * 1.5 - 3 for row in range(rows)],
        "pressure": [row - 5 for row in range(rows)],
        "site": [["EWR", "日本", None][row % 3] for row in range(rows)],
        "running": [row % 2 == 0 for row in range(rows)],
    }
    return pl.DataFrame({**columns, **changed}, schema=_FEATURES)


def judged(frame: pl.DataFrame, *, reason: str = "because", legacy: str | None = "none") -> pl.DataFrame:
    """Propose `stop` for every machine, with a growing confidence, judge it, and let the agent be live."""
    rows = frame.height
    proposals = pl.DataFrame(
        {
            "entity": frame.get_column("machine"),
            "action": ["stop"] * rows,
            "score_bp": [min(10_000, 500 * row) for row in range(rows)],
            "confidence_bp": [min(10_000, 1_000 * row) for row in range(rows)],
            "benefit_cents": [row * 10_000_000_000 for row in range(rows)],
            "cost_cents": [300_000] * rows,
            "reason": [reason] * rows,
        },
        schema=PROPOSALS,
    )
    shown = row_digests(frame.drop("machine", "day", "decided_at"))
    verdicts = judge(proposals.hstack(frame.select("day", "decided_at")), RULESET)
    return verdicts.with_columns(
        shown,
        pl.lit("sentinel@2013-02#eeeeeeeeeeee").alias("model"),
        pl.lit(legacy, dtype=pl.String).alias("legacy_action"),
        pl.col("effective_action").alias("judged_action"),
        pl.lit("live").alias("phase"),
        pl.lit(None, dtype=pl.String).alias("control"),
        pl.lit(None, dtype=pl.String).alias("override"),
        pl.lit(None, dtype=pl.String).alias("supersedes"),
    )


def decisions(rows: int = 12, *, reason: str = "because") -> pl.DataFrame:
    """Decide on all machines."""
    return decide(judged(features(rows), reason=reason), SETTING)
