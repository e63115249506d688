from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from agentic_assets.outcomes import scorecard
from agentic_assets_tests.unit.outcomes.terms import TERMS

FIRST, SECOND = date(2013, 2, 8), date(2013, 2, 9)

#       entity day    place effective legacy    bad    loss
ROWS = [
    ("a", FIRST, "x", "big", "big", True, 1_000),
    ("b", FIRST, "x", "small", "big", False, 40),
    ("c", FIRST, "x", "none", "small", True, 500),
    ("d", FIRST, "x", "none", "small", False, 0),
    ("e", SECOND, "x", "none", "none", False, 0),
]


def _decisions() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "entity": [row[0] for row in ROWS],
            "day": [row[1] for row in ROWS],
            "place": [row[2] for row in ROWS],
            "decided_at": [datetime(2013, 2, 8, 5, tzinfo=UTC) + timedelta(hours=at) for at in range(len(ROWS))],
            "effective_action": [row[3] for row in ROWS],
            "legacy_action": [row[4] for row in ROWS],
        }
    )


def _outcomes() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "entity": [row[0] for row in ROWS],
            "bad": [row[5] for row in ROWS],
            "loss_cents": [row[6] for row in ROWS],
        }
    )


def _of(strategy: str, day: date = FIRST, decisions: pl.DataFrame | None = None) -> dict[str, object]:
    card = scorecard(_decisions() if decisions is None else decisions, _outcomes(), TERMS, bad="bad")
    return card.filter(strategy=strategy, day=day).row(0, named=True)


def test_the_agent_is_scored_by_hand() -> None:
    assert _of("agent") == {
        "day": FIRST,
        "strategy": "agent",
        "decisions": 4,
        "known": 4,
        "bad": 2,
        "acted": 2,
        "true_positives": 1,
        "false_positives": 1,
        "false_negatives": 1,
        "precision_bp": 5_000,
        "recall_bp": 5_000,
        "loss_cents": 1_540,
        "cost_cents": 33,
        "avoided_cents": 504,
        "net_saved_cents": 471,
    }


def test_the_legacy_rule_is_scored_by_hand_under_the_same_quotas() -> None:
    # One `big` a day and place: the second becomes the first `small`, so the last of three `small` gets nothing.
    card = _of("legacy")

    assert (card["acted"], card["true_positives"], card["false_positives"]) == (3, 2, 1)
    assert (card["cost_cents"], card["avoided_cents"], card["net_saved_cents"]) == (36, 554, 518)
    assert (card["precision_bp"], card["recall_bp"]) == (6_667, 10_000)


def test_doing_nothing_costs_nothing_and_saves_nothing() -> None:
    card = _of("nothing")

    assert (card["acted"], card["cost_cents"], card["avoided_cents"], card["net_saved_cents"]) == (0, 0, 0, 0)
    assert (card["loss_cents"], card["false_negatives"], card["recall_bp"]) == (1_540, 2, 0)


def test_shares_without_a_denominator_are_null() -> None:
    card = _of("agent", SECOND)

    assert card["precision_bp"] is None
    assert card["recall_bp"] is None


def test_a_decision_whose_outcome_is_unknown_counts_with_its_cost_only() -> None:
    card = scorecard(_decisions(), _outcomes().filter(pl.col("entity") != "a"), TERMS, bad="bad")
    agent = card.filter(strategy="agent", day=FIRST).row(0, named=True)

    assert (agent["decisions"], agent["known"], agent["acted"], agent["cost_cents"]) == (4, 3, 2, 33)
    assert (agent["true_positives"], agent["false_positives"], agent["avoided_cents"]) == (0, 1, 4)


def test_the_legacy_rule_serves_who_was_decided_first_whatever_the_order_of_rows() -> None:
    expected = scorecard(_decisions(), _outcomes(), TERMS, bad="bad")

    assert_frame_equal(scorecard(_decisions().reverse(), _outcomes().reverse(), TERMS, bad="bad"), expected)


def test_an_outcome_that_comes_twice_is_an_error_and_counts_nothing_twice() -> None:
    with pytest.raises(pl.exceptions.ComputeError):
        scorecard(_decisions(), pl.concat([_outcomes(), _outcomes().head(1)]), TERMS, bad="bad")


def test_no_decisions_give_an_empty_card_with_the_same_columns() -> None:
    empty = scorecard(_decisions().clear(), _outcomes(), TERMS, bad="bad")

    assert empty.schema == scorecard(_decisions(), _outcomes(), TERMS, bad="bad").schema
    assert empty.is_empty()


def test_what_the_agent_would_have_earned_is_scored_beside_what_was_done() -> None:
    judged = _decisions().with_columns(judged_action=pl.col("effective_action"), effective_action=pl.lit("none"))
    assert {**_of("judged", decisions=judged), "strategy": "agent"} == _of("agent")
    assert _of("agent", decisions=judged)["acted"] == 0
    assert _of("legacy", decisions=judged) == _of("legacy")


def test_where_no_rule_was_before_the_rule_before_did_nothing() -> None:
    alone = _decisions().with_columns(legacy_action=pl.lit(None, dtype=pl.String))
    assert {**_of("legacy", decisions=alone), "strategy": "nothing"} == _of("nothing", decisions=alone)
