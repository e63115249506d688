"""A made-up agent with decisions, outcomes and scores, from which reports are built in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from agentic_assets.agents import FailureMode, Spec
from agentic_assets.evidence import Strategy, Summary
from agentic_assets.evidence.report import Material, PinUse, Source
from agentic_assets.evidence.report.material import DECIDED, QUARANTINED
from agentic_assets.outcomes import Economics, daily_kpis, mean_interval, scorecard
from agentic_assets.policy import Escalation, Quota, Rule, RuleSet, Type, Verdict, parse_condition
from agentic_assets.versions import Pin

__all__ = ["POLICY", "SPEC", "bare", "material", "summary"]

_READS = {"action": Type.STRING, "confidence_bp": Type.INTEGER, "day": Type.DATE, "decided_at": Type.TIMESTAMP}
_LOSS, _NOTICE, _STOP = 2_000_000, 30_000, 300_000

SPEC = Spec(
    name="sentinel",
    version="1.2.0",
    kind="model",
    owner="plant-safety",
    purpose="Judge which machines will fail within the day.",
    responsibilities=("judge",),
    feature_set="readings@1.0.0",
    entity="machine_id",
    actions=("none", "inspect", "stop"),
    decision_boundaries=("never start a machine",),
    failure_modes=(FailureMode("no readings", "propose nothing"),),
    risk_tier="medium",
    review_by=date(2014, 1, 1),
    parameters={},
)


def _rule(name: str, when: str, verdict: Verdict, message: str, to: str | None = None) -> Rule:
    return Rule(name, parse_condition(when, _READS, where="test"), verdict, message, to=to)


POLICY = RuleSet(
    name="plant",
    version="2.0.0",
    owner="plant-operations",
    purpose="Keep people safe and the line running.",
    actions=SPEC.actions,
    reads=_READS,
    rules=(
        _rule("stale", "action = 'stop' AND confidence_bp < 1000", Verdict.DENY, "The readings are too old to stop on"),
        _rule("unsure", "action = 'stop' AND confidence_bp < 3000", Verdict.ESCALATE, "Not sure enough: ask a person."),
        _rule("odd", "action = 'inspect' AND confidence_bp < 500", Verdict.WARN, "An odd one, note it."),
    ),
    quotas=(Quota("stops", "stop", 8, ("day",), ("decided_at",), Verdict.TRANSFORM, "No crew is left", to="inspect"),),
    escalation=Escalation("foreman", 30, Verdict.DENY),
)
_ECONOMICS = Economics(
    idle="none",
    quotas={"stop": 8, "inspect": 60},
    overflow={"stop": "inspect", "inspect": "none"},
    scope=("day",),
    cost=lambda action: action.replace_strict({"none": 0, "inspect": _NOTICE, "stop": _STOP}, return_dtype=pl.Int64),
    saved=lambda action: (
        pl.col("loss_cents")
        * action.replace_strict({"none": 0, "inspect": 10, "stop": 40}, return_dtype=pl.Int64)
        // 100
    ),
)


@cache
def material(days: int = 10, a_day: int = 60, *, first: date = date(2013, 1, 20)) -> Material:
    """Give a range of days; months before the second have no model, so no score."""
    every = tuple(first + timedelta(days=place) for place in range(days))
    decided = _decided(every, a_day)
    outcomes = decided.select("entity", "day", "bad", "loss_cents")
    return Material(
        title="Plant",
        description="A made-up plant.",
        owner="plant-operations",
        noun="machine",
        label="failed",
        assumptions="a failure costs $20,000.",
        agent=SPEC,
        policy=POLICY,
        idle="none",
        days=every,
        decided=decided,
        scorecard=scorecard(decided.drop("bad", "loss_cents"), outcomes, _ECONOMICS, bad="bad"),
        kpis=daily_kpis(
            decided,
            outcomes=outcomes,
            sealed=decided,
            executed=decided,
            pins=("pins",),
            idle="none",
        ),
        models=_models(every),
        sources=(
            Source("sources/readings", "readings@1.0.0", 9_000, 7, days, days),
            Source("sources/machines", "machines@1.0.0", 120, 0, 1, 1, whole=True),
        ),
        quarantined=pl.DataFrame(
            {
                "asset": ["sources/readings"] * 7,
                "source_row": list(range(11, 18)),
                "rule": ["temperature_in_range"] * 5 + ["key_is_unique"] * 2,
                "column": ["temperature"] * 5 + [None] * 2,
                "value": [
                    "1048",
                    "13.1",
                    "9e9",
                    None,
                    "-300",
                    "day=2013-01-20, machine=m7",
                    "day=2013-01-20, machine=m8",
                ],
            },
            schema=QUARANTINED,
        ),
        pins=(
            PinUse(SPEC.pin, decided.height, every[0], every[-1]),
            PinUse(POLICY.pin, decided.height, every[0], every[-1]),
            PinUse(Pin("model", "sentinel@2013-02", "1.0.0", "e" * 64), decided.height, every[0], every[-1]),
        ),
        verifier="example.com/plant+0a1b2c3d+AbCdEf==",
    )


def bare() -> Material:
    """Give a range in which nothing was published at all."""
    whole = material(2)
    return replace(
        whole,
        decided=whole.decided.clear(),
        scorecard=whole.scorecard.clear(),
        kpis=whole.kpis.clear(),
        models=whole.models.clear(),
        quarantined=whole.quarantined.clear(),
        sources=(),
        pins=(),
        verifier="",
    )


def summary(of: Material, *, seconds: float = 12.5, **changed: Any) -> Summary:
    """Sum up a material as the package would."""
    decided = of.decided
    published = decided.get_column("day").n_unique()
    found = Summary(
        domain="plant",
        home="/srv/plant/.agentic",
        lake="/srv/plant/.agentic/lake",
        first_day=of.days[0].isoformat(),
        last_day=of.days[-1].isoformat(),
        days=published,
        entities_in=decided.height,
        quarantined={"sources/readings": 7},
        decisions=decided.height,
        by_action=_counts(decided, "effective_action"),
        by_verdict=_counts(decided, "verdict"),
        by_rule=_counts(decided.drop_nulls("rule"), "rule"),
        escalated_bp=0,
        actions={"done": int((decided.get_column("effective_action") != "none").sum())},
        strategies=_strategies(of.scorecard),
        operations={
            name: int(of.kpis.get_column(name).sum())
            for name in ("decisions", "unscored", "acted", "undelivered", "violations", "escalated", "complete")
        },
        ledger={
            "log": "example.com/plant",
            "size": published,
            "root": "ab" * 32,
            "checkpoint": _HEAD if published else "",
        },
        seconds=seconds,
    )
    return replace(found, **changed)


_HEAD = "example.com/plant\n10\nq1zD8mA=\n\n\N{EM DASH} example.com/plant Cx8bEvZ0aGlz\n"


def _decided(days: tuple[date, ...], a_day: int) -> pl.DataFrame:
    random = np.random.Generator(np.random.PCG64(7))
    rows = len(days) * a_day
    place = np.arange(rows)
    storm = np.isin(place // a_day, [19, 20]) * 0.45
    risk = np.clip(random.beta(0.7, 5, rows) + storm, 0, 1)
    bad = random.random(rows) < risk * 0.92 + 0.005
    day = [days[number] for number in (place // a_day).tolist()]
    scored = np.array([one >= date(2013, 2, 1) for one in day]) if days[-1] >= date(2013, 2, 1) else np.ones(rows, bool)
    proposed = np.where(risk > 0.75, "stop", np.where(risk > 0.5, "inspect", "none"))
    proposed = np.where(scored, proposed, "none")
    confidence = random.integers(200, 10_000, rows)
    verdict, rule, fired = _judged(proposed, confidence)
    effective = np.where(np.isin(verdict, ["deny", "escalate"]), "none", proposed)
    frame = pl.DataFrame(
        {
            "decision_id": [f"{(number + 1) * 0x9E3779B97F4A7C15 % 2**128:032x}" for number in place.tolist()],
            "entity": [f"{one}/m{number % a_day:04d}" for one, number in zip(day, place.tolist(), strict=True)],
            "day": day,
            "decided_at": [
                datetime(one.year, one.month, one.day, 5, tzinfo=UTC) + timedelta(minutes=number % a_day)
                for one, number in zip(day, place.tolist(), strict=True)
            ],
            "agent": SPEC.id,
            "model": "sentinel@2013-02#eeeeeeeeeeee",
            "policy": POLICY.id,
            "proposed_action": proposed,
            "judged_action": effective,
            "effective_action": effective,
            "score_bp": np.round(risk * 10_000).astype(np.int32),
            "confidence_bp": confidence,
            "benefit_cents": np.round(risk * _LOSS * 0.4).astype(np.int64),
            "cost_cents": np.where(proposed == "stop", _STOP, np.where(proposed == "inspect", _NOTICE, 0)),
            "reason": [f"risk {score:.0%}; temperature above its mean of the last week" for score in risk],
            "verdict": verdict,
            "rule": rule,
            "fired": fired,
            "authorized_by": pl.Series([None] * rows, dtype=pl.String),
            "control": pl.Series([None] * rows, dtype=pl.String),
            "override": pl.Series([None] * rows, dtype=pl.String),
            "supersedes": pl.Series([None] * rows, dtype=pl.String),
            "escalation_role": pl.Series([None] * rows, dtype=pl.String),
            "pins": "p" * 64,
            "legacy_action": np.where(random.random(rows) < 0.02, "inspect", "none"),
            "bad": bad,
            "loss_cents": np.where(bad, _LOSS, 0),
        }
    )
    return (
        frame.with_columns(score_bp=pl.when(pl.Series(scored)).then("score_bp")).select(DECIDED.names()).cast(DECIDED)
    )


def _judged(proposed: np.ndarray, confidence: np.ndarray) -> tuple[list[str], list[str | None], list[int]]:
    stop, inspect = proposed == "stop", proposed == "inspect"
    chosen = np.select(
        [stop & (confidence < 1000), stop & (confidence < 3000), inspect & (confidence < 500)], [0, 1, 2], default=-1
    )
    verdicts, rules = ["deny", "escalate", "warn", "allow"], ["stale", "unsure", "odd", None]
    fired = np.select([chosen == 0, chosen == 1, chosen == 2], [3, 2, 4], default=0)
    return [verdicts[one] for one in chosen], [rules[one] for one in chosen], fired.tolist()


def _models(days: tuple[date, ...]) -> pl.DataFrame:
    months = sorted({day.strftime("%Y-%m") for day in days})
    rows = []
    for month in months:
        place, none = int(month[5:]) - 1, month == "2013-01"
        rows.append(
            {
                "month": month,
                "model": f"sentinel@{month}",
                "digest": f"{place:x}" * 64,
                "train_rows": 0 if none else 24_000 * place,
                "train_from": None if none else date(2013, 1, 1),
                "train_to": None if none else date(2013, place, 20),
                "cut_at": datetime(2013, place + 1, 1, 5, tzinfo=UTC),
                "auc_holdout": None if none else 0.80 + place * 0.004,
                "ap_holdout": None if none else 0.42 + place * 0.01,
                "brier": None if none else 0.08,
                "trees": 0 if none else 200,
            }
        )
    schema = {
        "month": pl.String(),
        "model": pl.String(),
        "digest": pl.String(),
        "train_rows": pl.Int64(),
        "train_from": pl.Date(),
        "train_to": pl.Date(),
        "cut_at": pl.Datetime("us", "UTC"),
        "auc_holdout": pl.Float64(),
        "ap_holdout": pl.Float64(),
        "brier": pl.Float64(),
        "trees": pl.Int32(),
    }
    return pl.DataFrame(rows, schema=schema)


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counted = frame.group_by(column).len().sort("len", column, descending=[True, False])
    return {str(name): int(many) for name, many in counted.iter_rows()}


def _strategies(rows: pl.DataFrame) -> list[Strategy]:
    found = []
    for name in ("agent", "legacy", "nothing"):
        own = rows.filter(pl.col("strategy") == name).sort("day")
        if own.is_empty():
            continue
        total = own.select(pl.exclude("day", "strategy").sum()).row(0, named=True)
        flagged = total["true_positives"] + total["false_positives"]
        mean = mean_interval(own.get_column("net_saved_cents"), draws=200)
        found.append(
            Strategy(
                name,
                total["acted"],
                total["true_positives"] * 10_000 // flagged if flagged else None,
                total["true_positives"] * 10_000 // total["bad"] if total["bad"] else None,
                total["cost_cents"] // 100,
                total["avoided_cents"] // 100,
                total["net_saved_cents"] // 100,
                (mean.mean or 0) // 100,
                (mean.low or 0) // 100,
                (mean.high or 0) // 100,
            )
        )
    return found
