"""Bench: judge a year of proposals by ten rules and two quotas, and write and check the decision records."""

from __future__ import annotations

import hashlib
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from agentic_assets.agents import FailureMode, Spec, row_digests
from agentic_assets.decisions import Setting, decide, mismatches
from agentic_assets.policy import RuleSet, Tally, judge, judge_one, load_ruleset
from agentic_assets.policy.rollout import Gate, Phase, Stage, roll_out
from agentic_assets.versions import Pin, Pins
from agentic_assets_tests.bench.table import Row, timed

__all__ = ["measure"]

_ROWS = 336_776
_POLICY = """
name: bench
version: 1.0.0
owner: bench
purpose: Ten rules of the kinds that policies have, and two quotas.
hit_policy: first
actions: [none, notify, standby]
reads:
  {action: string, score_bp: integer, confidence_bp: integer, benefit_cents: integer, cost_cents: integer,
   model_kind: string, origin: string, carrier: string, day: date, decided_at: timestamp, entity: string,
   wx_age: number, delay: number, distance: integer}
rules:
  - {id: r0, when: "model_kind = 'none'", then: {verdict: deny, message: m}}
  - {id: r1, when: "action <> 'none' AND cost_cents > benefit_cents", then: {verdict: deny, message: m}}
  - {id: r2, when: "action = 'standby' AND confidence_bp < 2000", then: {verdict: escalate, message: m}}
  - {id: r3, when: "action = 'standby' AND (wx_age IS NULL OR wx_age > 600)", then: {verdict: escalate, message: m}}
  - {id: r4, when: "action = 'standby' AND cost_cents > 400000", then: {verdict: transform, to: notify, message: m}}
  - {id: r5, when: "carrier IN ('OO', 'HA', 'YV') AND action = 'standby'",
     then: {verdict: transform, to: notify, message: m}}
  - {id: r6, when: "distance BETWEEN 0 AND 100 AND action <> 'none'", then: {verdict: deny, message: m}}
  - {id: r7, when: "action <> 'none' AND wx_age > 180", then: {verdict: warn, message: m}, on_null: fire}
  - {id: r8, when: "COALESCE(delay, 0) / 60 > 4 AND NOT action = 'standby'", then: {verdict: warn, message: m}}
  - {id: r9, when: "score_bp >= 9000 OR ABS(delay) > 300", then: {verdict: warn, message: m}}
quotas:
  - {id: q0, action: standby, limit: 8, per: [origin, day], order_by: [decided_at, entity],
     over: {verdict: transform, to: notify, message: m}}
  - {id: q1, action: notify, limit: 60, per: [origin, day], order_by: [decided_at, entity],
     over: {verdict: deny, message: m}}
escalation: {role: duty_manager, within_minutes: 45, on_expiry: deny}
authorization: {policies: bench.cedar, resource: Airport, column: origin}
"""
_CEDAR = """
@id("bench_acts") permit(principal, action in [Action::"notify", Action::"standby"], resource)
when { principal.name == "bench" && principal.risk_tier == "low" };
@id("nobody_else") forbid(principal, action, resource) when { principal.owner != "bench" };
"""
_HALF = Stage(Phase.CANARY, 5_000)
_EVENTS = 20_000


def measure() -> list[Row]:
    """Give the ratios of judging, deciding and checking to their floors."""
    ruleset, proposals = _ruleset(), _proposals()
    setting = _setting(ruleset)
    agent = ruleset.asked(setting.agent)
    judged = judge(proposals, ruleset, agent=agent)
    by_hand = _by_hand(proposals)
    for name in ("rule", "effective_action"):
        if not judged.get_column(name).equals(by_hand.get_column(name), check_names=False):
            raise AssertionError(f"the hand-written floor disagrees on {name}")
    # The floor names the winning rule only; the mask of all that fired is what we add.
    floor = timed(lambda: _by_hand(proposals), repeat=5)
    features = _features(proposals)
    rows = _rolled(judged, row_digests(features.drop("entity")))
    decisions = decide(rows, setting)
    texts = "\n".join(decisions.get_column("record").to_list()).encode()
    hashing = timed(lambda: hashlib.sha256(texts).hexdigest(), repeat=5)
    hand = "polars when/then of the same rules and quotas, by hand"
    sha = f"SHA-256 over the {len(texts) / 1e6:.0f} MB of records"
    row = proposals.row(0, named=True)
    tests = [rule.when.test for rule in ruleset.rules]
    return [
        Row(
            "policy",
            "336,776 proposals: Cedar, 10 rules, 2 quotas, half a canary",
            timed(lambda: _governed(proposals, ruleset, setting.agent), 5),
            hand,
            floor,
            4.0,
            "the floor knows neither authorization nor rollout",
        ),
        Row(
            "policy",
            "of these: Cedar, 10 rules, 2 quotas",
            timed(lambda: judge(proposals, ruleset, agent=ruleset.asked(setting.agent)), 5),
            hand,
            floor,
        ),
        Row(
            "policy",
            "one event through all of it: p99",
            _event_p99(proposals, ruleset, setting.agent),
            "what is promised, 1 ms",
            1e-3,
            1.0,
        ),
        Row("policy", "336,776 times 10 rules, one row at a time", _one_by_one(tests, row), hand, floor, None),
        Row(
            "decisions",
            "digest 336,776 x 65 features",
            timed(lambda: row_digests(features.drop("entity"))),
            sha,
            hashing,
            None,
        ),
        Row(
            "decisions",
            "decide: ids, records",
            timed(lambda: decide(rows, setting)),
            sha,
            hashing,
            None,
        ),
        Row("decisions", "check columns against records", timed(lambda: mismatches(decisions)), sha, hashing, None),
    ]


def _governed(proposals: pl.DataFrame, ruleset: RuleSet, spec: Spec) -> pl.DataFrame:
    """Ask anew, as a batch does: no answer of Cedar is remembered."""
    judged = judge(proposals, ruleset, agent=ruleset.asked(spec))
    return roll_out(judged, None, (), _HALF, agent=spec.id, ruleset=ruleset)


def _event_p99(proposals: pl.DataFrame, ruleset: RuleSet, spec: Spec) -> float:
    """Give the 99th percentile of the seconds that one proposal takes from authorization to rollout."""
    agent, tally, gate, seconds = ruleset.asked(spec), Tally(), Gate(spec.id, _HALF), []
    for row in proposals.head(_EVENTS).iter_rows(named=True):
        start = time.perf_counter()
        judged = judge_one(row, ruleset, tally, agent=agent)
        gate.pass_(row["entity"], row["decided_at"], action=row["action"], judged_action=judged["effective_action"])
        seconds.append(time.perf_counter() - start)
    return float(np.quantile(seconds, 0.99))


def _one_by_one(tests: list, row: dict[str, object]) -> float:  # type: ignore[type-arg]
    times = 2_000
    seconds = timed(lambda: [[test(row) for test in tests] for _ in range(times)])
    return seconds * _ROWS / times


def _ruleset() -> RuleSet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(_POLICY)
        path.with_name("bench.cedar").write_text(_CEDAR)
        return load_ruleset(path)


def _proposals() -> pl.DataFrame:
    chance = np.random.default_rng(2013)
    place = np.arange(_ROWS)
    day = place * 365 // _ROWS
    score = np.minimum(chance.gamma(1.2, 1_000, _ROWS), 10_000).astype(np.int32)
    action = np.select([score >= 4_500, score >= 2_500], ["standby", "notify"], "none")
    wx_age = chance.gamma(2.0, 40.0, _ROWS)
    frame = pl.DataFrame(
        {
            "entity": [f"2013/{number:06d}" for number in place],
            "action": action,
            "score_bp": score,
            "confidence_bp": chance.integers(0, 10_000, _ROWS).astype(np.int32),
            "benefit_cents": score.astype(np.int64) * 100,
            "cost_cents": np.select([action == "standby", action == "notify"], [300_000, 30_000], 0).astype(np.int64),
            "reason": [f"risk {number // 100} %: departures ran late" for number in score],
            "model_kind": np.where(day < 31, "none", "lightgbm"),
            "origin": chance.choice(["EWR", "JFK", "LGA"], _ROWS),
            "carrier": chance.choice(["UA", "B6", "EV", "DL", "AA", "OO", "HA"], _ROWS),
            "day": [date(2013, 1, 1) + timedelta(days=int(number)) for number in day],
            "decided_at": [datetime(2013, 1, 1, 9, tzinfo=UTC) + timedelta(minutes=int(1.5 * n)) for n in place],
            "wx_age": np.where(wx_age > 350, np.nan, wx_age),
            "delay": chance.normal(12, 40, _ROWS),
            "distance": chance.integers(80, 2_600, _ROWS).astype(np.int32),
        }
    )
    return frame.with_columns(pl.col("decided_at").cast(pl.Datetime("us", "UTC")))


def _by_hand(proposals: pl.DataFrame) -> pl.DataFrame:
    c = pl.col
    acts, standby = c("action") != "none", c("action") == "standby"
    wx_age, delay = c("wx_age").fill_nan(None), c("delay").fill_nan(None)
    rules = [
        c("model_kind") == "none",
        acts & (c("cost_cents") > c("benefit_cents")),
        standby & (c("confidence_bp") < 2_000),
        standby & (wx_age.is_null() | (wx_age > 600)),
        standby & (c("cost_cents") > 400_000),
        c("carrier").is_in(["OO", "HA", "YV"]) & standby,
        c("distance").is_between(0, 100) & acts,
        (acts & (wx_age > 180)).fill_null(value=True),
        (delay.fill_null(0.0) / 60 > 4) & ~standby,
        (c("score_bp") >= 9_000) | (delay.abs() > 300),
    ]
    chain: Any = pl.when(rules[0]).then(pl.lit("r0"))
    for number, rule in enumerate(rules[1:], start=1):
        chain = chain.when(rule).then(pl.lit(f"r{number}"))
    judged = proposals.with_columns(chain.alias("rule"))
    judged = judged.with_columns(
        pl.when(c("rule").is_in(["r0", "r1", "r2", "r3", "r6"]))
        .then(pl.lit("none"))
        .when(c("rule").is_in(["r4", "r5"]))
        .then(pl.lit("notify"))
        .otherwise("action")
        .alias("effective_action")
    )
    for name, action, limit, instead in (("q0", "standby", 8, "notify"), ("q1", "notify", 60, "none")):
        takes = c("effective_action") == action
        # The rows stand in the order of decided_at and entity, so that the running count is the rank.
        over = takes & (takes.cast(pl.Int64).cum_sum().over("origin", "day") > limit)
        judged = judged.with_columns(
            pl.when(over).then(pl.lit(name)).otherwise("rule").alias("rule"),
            pl.when(over).then(pl.lit(instead)).otherwise("effective_action").alias("effective_action"),
        )
    return judged


def _features(proposals: pl.DataFrame) -> pl.DataFrame:
    chance = np.random.default_rng(65)
    numbers = {f"f{number:02d}": chance.normal(size=proposals.height) for number in range(59)}
    return proposals.select(
        "entity", "day", "decided_at", "origin", "carrier", "wx_age", "delay", "distance", "score_bp"
    ).hstack(pl.DataFrame(numbers))


def _setting(ruleset: RuleSet) -> Setting:
    spec = Spec(
        name="bench",
        version="1.0.0",
        kind="model",
        owner="bench",
        purpose="bench",
        responsibilities=("bench",),
        feature_set="bench@1.0.0",
        entity="entity",
        actions=ruleset.actions,
        decision_boundaries=("bench",),
        failure_modes=(FailureMode("never", "never"),),
        risk_tier="low",
        review_by=date(2014, 1, 1),
        parameters={},
    )
    pins = Pins.of(*(Pin(kind, "bench", "1.0.0", kind[0] * 64) for kind in ("feature_set", "model")))
    return Setting("bench", spec, ruleset, pins)


def _rolled(judged: pl.DataFrame, shown: pl.Series) -> pl.DataFrame:
    none = pl.lit(None, dtype=pl.String)
    return judged.with_columns(
        shown,
        none.alias("model"),
        none.alias("legacy_action"),
        none.alias("control"),
        none.alias("override"),
        none.alias("supersedes"),
        pl.lit("live").alias("phase"),
        pl.col("effective_action").alias("judged_action"),
    )
