"""The agent `delay_risk`: from the risk of a flight to a proposed action, with a confidence and a reason in words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from agentic_assets.agents import PROPOSALS, AbstainingAgent, Agent, ModelAgent, Spec, load_spec
from agentic_assets.domains.departures.costs import NONE, NOTIFY, STANDBY, cost_cents
from agentic_assets.models import Artefact, Scorer
from agentic_assets.policy import RuleSet, load_ruleset

__all__ = ["context", "delay_risk", "departures_policy", "propose_actions", "serving"]

_HERE = Path(__file__).parent
_WHOLE = 10_000
_TOSS = 5_000
"""The confidence of a score that lies on a threshold: the action could as well be the other."""


@cache
def delay_risk() -> Spec:
    """Load the agent's spec."""
    return load_spec(_HERE / "delay_risk.agent.yaml")


@cache
def departures_policy() -> RuleSet:
    """Load the policy that judges what the agent proposes."""
    return load_ruleset(_HERE / "policy.yaml")


def serving(artefact: Artefact) -> Agent:
    """Give the agent that serves with this artefact: it abstains where the artefact holds no model."""
    if artefact.serves:
        return ModelAgent(delay_risk(), Scorer(artefact), propose_actions)
    month = artefact.name.partition("@")[2]
    return AbstainingAgent(delay_risk(), f"no model serves {month}: {artefact.reason}")


def context(features: pl.DataFrame, model_kind: str) -> pl.DataFrame:
    """Give what the policy may look at beside the proposals, in the order of the features."""
    return features.select("origin", pl.lit(model_kind).alias("model_kind"), "wx_age_minutes")


def propose_actions(features: pl.DataFrame, score_bp: pl.Series, spec: Spec) -> pl.DataFrame:
    """Turn scores (basis points) into proposals: thresholds and figures are the spec's parameters."""
    score, action = pl.col("score_bp"), pl.col("action")
    standby_from, notify_from = spec.integer("standby_from_bp"), spec.integer("notify_from_bp")
    rows = features.with_columns(score_bp.alias("score_bp")).with_columns(
        pl.when(score >= standby_from)
        .then(pl.lit(STANDBY))
        .when(score >= notify_from)
        .then(pl.lit(NOTIFY))
        .otherwise(pl.lit(NONE))
        .alias("action"),
    )
    benefit = {name: spec.integer(f"{name}_benefit_cents_per_100_bp") for name in (STANDBY, NOTIFY)} | {NONE: 0}
    return rows.select(
        pl.col(spec.entity).alias("entity"),
        action,
        score,
        _confidence(score, spec).cast(PROPOSALS["confidence_bp"]).alias("confidence_bp"),
        (score.cast(pl.Int64) * action.replace_strict(benefit, return_dtype=pl.Int64) // 100).alias("benefit_cents"),
        cost_cents(action).alias("cost_cents"),
        _reason(spec).alias("reason"),
    )


def _confidence(score: pl.Expr, spec: Spec) -> pl.Expr:
    """Rate how sure the action is: 5,000 on a threshold, two more for each point away, less without weather."""
    thresholds = (spec.integer("standby_from_bp"), spec.integer("notify_from_bp"))
    away = pl.min_horizontal((score - threshold).abs() for threshold in thresholds)
    penalty = pl.when(_weather_is_stale(spec)).then(spec.integer("stale_weather_penalty_bp")).otherwise(0)
    return ((_TOSS + 2 * away).clip(upper_bound=_WHOLE) - penalty).clip(lower_bound=0)


def _weather_is_stale(spec: Spec) -> pl.Expr:
    return (pl.col("wx_age_minutes") > spec.integer("stale_weather_minutes")).fill_null(value=True)


def _reason(spec: Spec) -> pl.Expr:
    risk = pl.concat_str(pl.lit("risk "), (pl.col("score_bp") + 50) // 100, pl.lit(" %: "))
    return pl.concat_str(risk, _airport(), _aircraft(), _weather(spec))


def _airport() -> pl.Expr:
    delay = pl.col("origin_dep_delay_2h").round().cast(pl.Int64)
    origin, cancelled = pl.col("origin"), pl.col("origin_cancelled_2h")
    average = pl.lit(" on average in the last 2 h")
    ran = (
        pl.when(delay > 0)
        .then(pl.concat_str(delay, pl.lit(" min late")))
        .when(delay < 0)
        .then(pl.concat_str(-delay, pl.lit(" min early")))
        .otherwise(pl.lit("on time"))
    )
    return pl.concat_str(
        pl.when(delay.is_null())
        .then(pl.concat_str(pl.lit("no departure from "), origin, pl.lit(" in the last 2 h")))
        .otherwise(pl.concat_str(pl.lit("departures from "), origin, pl.lit(" ran "), ran, average)),
        pl.when(cancelled > 0).then(pl.concat_str(pl.lit(", "), cancelled, pl.lit(" cancelled"))).otherwise(pl.lit("")),
    )


def _aircraft() -> pl.Expr:
    short = -pl.col("inbound_slack_minutes")
    told = pl.concat_str(pl.lit("; its aircraft is expected "), short, pl.lit(" min too late"))
    return pl.when(short > 0).then(told).otherwise(pl.lit(""))


def _weather(spec: Spec) -> pl.Expr:
    age = pl.col("wx_age_minutes")
    return (
        pl.when(age.is_null())
        .then(pl.lit("; weather not known"))
        .when(_weather_is_stale(spec))
        .then(pl.concat_str(pl.lit("; weather "), age // 60, pl.lit(" h old")))
        .otherwise(pl.concat_str(pl.lit("; weather "), age, pl.lit(" min old")))
    )
