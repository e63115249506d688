"""The agent delay_risk and the policy departures: what they propose and permit, flight by flight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from agentic_assets.agents import AbstainingAgent, ModelAgent, checked_proposals, propose
from agentic_assets.coordination import settle
from agentic_assets.coordination.bidding import bids_of
from agentic_assets.domains.departures import costs
from agentic_assets.domains.departures.agent import (
    context,
    delay_risk,
    departures_policy,
    propose_actions,
    serving,
)
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.models import Artefact, Recipe, train
from agentic_assets.policy import explain, judge
from agentic_assets.versions import Pin

_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "flight_id": pl.String,
    "day": pl.Date,
    "decided_at": pl.Datetime("us", "UTC"),
    "origin": pl.String,
    "wx_age_minutes": pl.Int32,
    "origin_dep_delay_2h": pl.Float64,
    "origin_cancelled_2h": pl.Int32,
    "inbound_slack_minutes": pl.Int32,
}
_START = datetime(2013, 2, 8, 6, tzinfo=UTC)


def _flights(*rows: dict[str, Any]) -> pl.DataFrame:
    default = {
        "day": date(2013, 2, 8),
        "origin": "EWR",
        "wx_age_minutes": 75,
        "origin_dep_delay_2h": 47.6,
        "origin_cancelled_2h": 0,
        "inbound_slack_minutes": 30,
    }
    full = [
        {"flight_id": f"f{place:03d}", "decided_at": _START + timedelta(minutes=place), **default, **row}
        for place, row in enumerate(rows)
    ]
    return pl.DataFrame(full, schema=_SCHEMA)


def _proposed(flights: pl.DataFrame, *scores: int) -> pl.DataFrame:
    made = propose_actions(flights, pl.Series("score_bp", scores, dtype=pl.Int32), delay_risk())
    return checked_proposals(made, delay_risk(), flights.get_column("flight_id"))


def _judged(flights: pl.DataFrame, *scores: int, model_kind: str = "lightgbm") -> pl.DataFrame:
    return _judge(_proposed(flights, *scores), flights, context(flights, model_kind))


def _judge(proposals: pl.DataFrame, flights: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """Judge as the award and the decision node do, for the agent alone."""
    policy = departures_policy()
    (standby,) = policy.resources
    rows = proposals.hstack(flights.select("day", "decided_at")).hstack(beside)
    rails = judge(rows, policy.guardrails, agent=policy.asked(delay_risk()))
    wanting = rails.filter(pl.col("effective_action") == standby.action).with_columns(binding=pl.lit(value=True))
    bids = bids_of(wanting, standby, delay_risk().id)
    settled = settle(bids, dict.fromkeys(bids.get_column("resource"), standby.capacity), standby.settle)
    granted = rows.get_column("entity").is_in(settled.filter("granted").get_column("entity").implode())
    return judge(rows, policy, agent=policy.asked(delay_risk()), granted={standby.id: granted})


def _verdict(row: dict[str, Any], score: int) -> tuple[Any, ...]:
    return _judged(_flights(row), score).select("action", "verdict", "rule", "effective_action").row(0)


def test_the_spec_the_policy_and_the_cost_model_know_the_same_actions_and_quotas() -> None:
    assert delay_risk().actions == departures_policy().actions == costs.ACTIONS
    (standby,), (notify,) = departures_policy().resources, departures_policy().quotas
    assert {standby.action: standby.capacity, notify.action: notify.limit} == costs.QUOTAS
    assert {each.action: each.to or costs.NONE for each in (standby, notify)} == costs.OVERFLOW
    assert {frozenset(each.per) for each in (standby, notify)} == {frozenset(costs.QUOTA_SCOPE)}
    assert delay_risk().resources == {standby.id: standby.action}


def test_the_spec_names_the_feature_set_that_exists() -> None:
    assert delay_risk().feature_set == f"{DEPARTURE_DELAY.name}@{DEPARTURE_DELAY.version}"
    assert delay_risk().entity == DEPARTURE_DELAY.entity
    read = {"origin", "wx_age_minutes", "origin_dep_delay_2h", "origin_cancelled_2h", "inbound_slack_minutes"}
    declared = {feature.name: feature.dtype for feature in DEPARTURE_DELAY.features if feature.name in read}
    assert declared == {name: _SCHEMA[name] for name in read}


def test_the_action_follows_the_thresholds_of_the_spec() -> None:
    spec = delay_risk()
    notify, standby = spec.integer("notify_from_bp"), spec.integer("standby_from_bp")
    scores = [0, notify - 1, notify, standby - 1, standby, 10_000]
    proposed = _proposed(_flights(*[{}] * 6), *scores)
    assert proposed.get_column("action").to_list() == ["none", "none", "notify", "notify", "standby", "standby"]
    assert proposed.get_column("score_bp").to_list() == scores


def test_a_proposal_tells_what_the_action_should_avoid_and_what_it_costs() -> None:
    proposed = _proposed(_flights({}, {}, {}), 1_000, 5_000, 8_000)
    assert proposed.get_column("benefit_cents").to_list() == [0, 74_500, 456_000]
    assert proposed.get_column("cost_cents").to_list() == [0, 30_000, 300_000]


def test_confidence_grows_with_the_distance_from_the_nearest_threshold() -> None:
    spec = delay_risk()
    notify, standby = spec.integer("notify_from_bp"), spec.integer("standby_from_bp")
    scores = [notify, notify - 100, notify + 250, standby - 250, standby, 10_000, 0]
    confidence = _proposed(_flights(*[{}] * 7), *scores).get_column("confidence_bp").to_list()
    assert confidence == [5_000, 5_200, 5_500, 5_500, 5_000, 10_000, 10_000]


@pytest.mark.parametrize(("age", "confidence"), [(60, 9_000), (180, 9_000), (181, 7_500), (None, 7_500)])
def test_confidence_falls_without_recent_weather(age: int | None, confidence: int) -> None:
    score = delay_risk().integer("standby_from_bp") + 2_000
    assert _proposed(_flights({"wx_age_minutes": age}), score).get_column("confidence_bp").to_list() == [confidence]


@pytest.mark.parametrize(
    ("flight", "score", "reason"),
    [
        ({}, 3_741, "risk 37 %: departures from EWR ran 48 min late on average in the last 2 h; weather 75 min old"),
        (
            {"origin_dep_delay_2h": -3.2, "origin": "LGA", "origin_cancelled_2h": 2, "wx_age_minutes": 1},
            3_750,
            "risk 38 %: departures from LGA ran 3 min early on average in the last 2 h, 2 cancelled; weather 1 min old",
        ),
        (
            {"origin_dep_delay_2h": None, "inbound_slack_minutes": -5, "wx_age_minutes": None},
            49,
            (
                "risk 0 %: no departure from EWR in the last 2 h; its aircraft is expected 5 min too late; "
                "weather not known"
            ),
        ),
        (
            {"origin_dep_delay_2h": 0.4},
            50,
            "risk 1 %: departures from EWR ran on time on average in the last 2 h; weather 75 min old",
        ),
        (
            {"origin_dep_delay_2h": None, "inbound_slack_minutes": None, "wx_age_minutes": 300},
            10_000,
            "risk 100 %: no departure from EWR in the last 2 h; weather 5 h old",
        ),
        (
            {"origin_dep_delay_2h": None, "origin_cancelled_2h": None, "wx_age_minutes": None},
            5_000,
            "risk 50 %: no departure from EWR in the last 2 h; weather not known",
        ),
    ],
)
def test_the_reason_says_in_words_what_was_seen(flight: dict[str, Any], score: int, reason: str) -> None:
    assert _proposed(_flights(flight), score).get_column("reason").to_list() == [reason]


def test_a_reason_is_always_there_whatever_is_not_known() -> None:
    nothing = ("wx_age_minutes", "origin_dep_delay_2h", "origin_cancelled_2h", "inbound_slack_minutes")
    proposed = _proposed(_flights(dict.fromkeys(nothing)), 7_000)
    assert proposed.get_column("reason").to_list() == [
        "risk 70 %: no departure from EWR in the last 2 h; weather not known"
    ]


@pytest.mark.parametrize(
    ("flight", "score", "expected"),
    [
        ({}, 500, ("none", "allow", None, "none")),
        ({}, 3_999, ("notify", "escalate", "unsure_notify", "none")),
        ({}, 4_000, ("notify", "allow", None, "notify")),
        ({}, 7_000, ("standby", "escalate", "unsure_standby", "none")),
        ({}, 7_100, ("standby", "transform", "standby_cost_limit", "notify")),
        ({}, 7_518, ("standby", "transform", "standby_cost_limit", "notify")),
        ({}, 7_519, ("standby", "allow", None, "standby")),
        ({"wx_age_minutes": 180}, 9_000, ("standby", "allow", None, "standby")),
        ({"wx_age_minutes": 181}, 9_000, ("standby", "escalate", "standby_without_weather", "none")),
        ({"wx_age_minutes": None}, 9_000, ("standby", "escalate", "standby_without_weather", "none")),
        ({"wx_age_minutes": 181}, 5_050, ("notify", "warn", "notify_without_weather", "notify")),
        ({"wx_age_minutes": None}, 5_050, ("notify", "warn", "notify_without_weather", "notify")),
        ({"wx_age_minutes": None}, 4_500, ("notify", "escalate", "unsure_notify", "none")),
        ({"wx_age_minutes": None}, 500, ("none", "allow", None, "none")),
    ],
)
def test_each_guardrail_stands_where_it_is_meant_to(
    flight: dict[str, Any], score: int, expected: tuple[Any, ...]
) -> None:
    assert _verdict(flight, score) == expected


def test_an_action_that_costs_more_than_it_avoids_is_denied() -> None:
    flights = _flights({})
    proposals = _proposed(flights, 9_000).with_columns(benefit_cents=pl.col("cost_cents") - 1)
    judged = _judge(proposals, flights, context(flights, "lightgbm"))
    assert judged.select("verdict", "rule").row(0) == ("deny", "costs_more_than_it_avoids")


def test_eight_standbys_a_day_at_each_airport_then_notifications_then_nothing() -> None:
    flights = _flights(*[{}] * 70, {"origin": "JFK"}, {"day": date(2013, 2, 9)})
    judged = _judged(flights, *[9_000] * 72)
    assert judged.get_column("effective_action").to_list() == (
        ["standby"] * 8 + ["notify"] * 60 + ["none"] * 2 + ["standby"] * 2
    )
    expected = [None] * 8 + ["standby_aircraft"] * 60 + ["notify_quota"] * 2 + [None] * 2
    assert judged.get_column("rule").to_list() == expected


def _artefact(reason: str) -> Artefact:
    recipe = Pin("recipe", "delay_risk", "1.0.0", "0" * 64)
    return Artefact("delay_risk@2013-01", recipe, "none", datetime(2013, 1, 1, tzinfo=UTC), 0, reason=reason)


def test_without_a_model_the_agent_abstains_and_the_policy_denies_for_that_reason() -> None:
    agent = serving(_artefact("0 known outcomes before the cut, 5000 are needed"))
    assert isinstance(agent, AbstainingAgent)
    flights = _flights({}, {"wx_age_minutes": None})
    proposals = propose(agent, flights)
    assert proposals.drop("entity").unique().to_dicts() == [
        {
            "action": "none",
            "score_bp": 0,
            "confidence_bp": 0,
            "benefit_cents": 0,
            "cost_cents": 0,
            "reason": "no model serves 2013-01: 0 known outcomes before the cut, 5000 are needed",
        }
    ]
    judged = _judge(proposals, flights, context(flights, "none"))
    assert judged.select("verdict", "rule", "effective_action").unique().rows() == [("deny", "no_model", "none")]


def test_even_a_confident_proposal_is_denied_where_no_model_serves_or_it_is_not_known_whether_one_does() -> None:
    flights = _flights({})
    assert _judged(flights, 9_900, model_kind="none").get_column("rule").to_list() == ["no_model"]
    unknown = context(flights, "x").with_columns(model_kind=pl.lit(None, dtype=pl.String))
    judged = _judge(_proposed(flights, 9_900), flights, unknown)
    assert judged.select("verdict", "rule").row(0) == ("deny", "no_model")


def test_with_a_model_its_scores_are_what_the_agent_proposes_on() -> None:
    recipe = Recipe(
        name="delay_risk",
        version="1.0.0",
        features=("origin_dep_delay_2h",),
        label="disrupted",
        order=("flight_id",),
        rounds=20,
        min_rows=500,
    )
    known = [_START + timedelta(minutes=place, hours=9) for place in range(1_000)]
    rows = _flights(*({"origin_dep_delay_2h": float(place % 100)} for place in range(1_000))).with_columns(
        (pl.col("origin_dep_delay_2h") > 70).alias("disrupted"), pl.Series("outcome_known_at", known)
    )
    agent = serving(train(recipe, rows, serves="2013-03", cut=datetime(2013, 3, 1, tzinfo=UTC)))
    assert isinstance(agent, ModelAgent)
    proposed = propose(agent, _flights({"origin_dep_delay_2h": 5.0}, {"origin_dep_delay_2h": 95.0}))
    assert proposed.get_column("action").to_list() == ["none", "standby"]


def test_a_flight_is_judged_alone_as_it_is_in_a_batch() -> None:
    flights = _flights({}, {"wx_age_minutes": None}, {"origin_dep_delay_2h": None})
    batch = _judged(flights, 4_500, 9_000, 6_550)
    alone = pl.concat([_judged(flights[place], score) for place, score in enumerate((4_500, 9_000, 6_550))])
    assert alone.equals(batch)


def test_every_verdict_can_be_explained_from_the_row_that_was_judged() -> None:
    judged = _judged(_flights({"wx_age_minutes": None}), 9_000)
    told = {item.id: item for item in explain(judged.row(0, named=True), departures_policy())}
    assert told["standby_without_weather"].won
    assert told["standby_without_weather"].values == {"action": "standby", "wx_age_minutes": None}
    assert [name for name, item in told.items() if item.fired] == ["standby_without_weather"]
