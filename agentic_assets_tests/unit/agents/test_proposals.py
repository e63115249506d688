"""Proposals: exactly one an entity, in exactly the promised columns, or none is used."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from agentic_assets.agents import PROPOSALS, FailureMode, ModelAgent, Spec, checked_proposals, propose
from agentic_assets.errors import ModelRefused, PartitionRefused

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
    parameters={"stop_from_bp": 5000},
)
ENTITIES = pl.Series("machine", ["a", "b", "c"])


def _proposals(**changed: Any) -> pl.DataFrame:
    columns = {
        "entity": ["a", "b", "c"],
        "action": ["none", "inspect", "stop"],
        "score_bp": [0, 5_000, 10_000],
        "confidence_bp": [10_000, 0, 1],
        "benefit_cents": [0, 1, 2],
        "cost_cents": [0, 0, 3],
        "reason": ["", "x", "y"],
    }
    return pl.DataFrame({**columns, **changed}, schema=PROPOSALS)


def test_good_proposals_come_back_as_they_are() -> None:
    assert checked_proposals(_proposals(), SPEC, ENTITIES).equals(_proposals())


def test_proposals_in_another_order_come_back_in_the_order_of_the_features() -> None:
    assert checked_proposals(_proposals().reverse(), SPEC, ENTITIES).equals(_proposals())


def test_no_features_want_no_proposals() -> None:
    assert checked_proposals(_proposals().clear(), SPEC, ENTITIES.clear()).height == 0


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"entity": ["a", "b", None]}, "`entity` is null: 1"),
        ({"action": ["none", None, None]}, "`action` is null: 2, e.g. b, c"),
        ({"action": ["none", "fly", "stop"]}, "`action` is not one of the spec's: 1, e.g. b"),
        ({"score_bp": [0, -1, 10_001]}, "`score_bp` is not within 0 to 10,000: 2, e.g. b, c"),
        ({"score_bp": [0, None, 1]}, "`score_bp` is null: 1, e.g. b"),
        ({"confidence_bp": [0, 1, 20_000]}, "`confidence_bp` is not within 0 to 10,000: 1, e.g. c"),
        ({"benefit_cents": [-1, 0, 0]}, "`benefit_cents` is negative: 1, e.g. a"),
        ({"cost_cents": [-1, -1, -1]}, "`cost_cents` is negative: 3, e.g. a, b, c"),
        ({"reason": [None, "", ""]}, "`reason` is null: 1, e.g. a"),
        ({"entity": ["a", "b", "b"]}, "more than one proposal for an entity: 1, e.g. b"),
        ({"entity": ["a", "b", "b"]}, "no proposal for an entity: 1, e.g. c"),
        ({"entity": ["a", "b", "z"]}, "a proposal for an entity that was not asked about: 1, e.g. z"),
    ],
)
def test_every_breach_is_counted_with_an_example(changed: dict[str, Any], what: str) -> None:
    with pytest.raises(PartitionRefused) as refused:
        checked_proposals(_proposals(**changed), SPEC, ENTITIES)
    assert f"  - {what}" in refused.value.what
    assert refused.value.what.startswith("agent sentinel@1.2.0 broke its promise, none of its proposals is used:")


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (_proposals().drop("reason"), "no column reason"),
        (_proposals().with_columns(extra=1), "unknown column extra"),
        (_proposals().cast({"score_bp": pl.Float64}), "`score_bp` is Float64, not Int32"),
        (_proposals().select(reversed(PROPOSALS.names())), "the columns are not in the order entity, action"),
    ],
)
def test_another_schema_is_refused_by_column(frame: pl.DataFrame, what: str) -> None:
    with pytest.raises(PartitionRefused, match=what):
        checked_proposals(frame, SPEC, ENTITIES)


def test_features_that_hold_an_entity_twice_are_refused() -> None:
    twice = pl.Series("machine", ["a", "b", "c", "c"])
    with pytest.raises(PartitionRefused, match="the features hold an entity twice: 1"):
        checked_proposals(_proposals(), SPEC, twice)


class _Fixed:
    def __init__(self, *scores: float | None) -> None:
        self.scores = scores

    def predict(self, frame: pl.DataFrame) -> pl.Series:
        return pl.Series("score", self.scores, dtype=pl.Float64)


def _decide(features: pl.DataFrame, score_bp: pl.Series, spec: Spec) -> pl.DataFrame:
    stop = score_bp >= spec.integer("stop_from_bp")
    action = pl.select(pl.when(stop).then(pl.lit("stop")).otherwise(pl.lit("none"))).to_series()
    return _proposals(entity=features.get_column("machine"), action=action, score_bp=score_bp)


def test_a_model_agent_scores_in_basis_points_and_decides() -> None:
    agent = ModelAgent(SPEC, _Fixed(0.0, 0.49994, 0.5), _decide)
    proposed = propose(agent, ENTITIES.to_frame())
    assert proposed.get_column("score_bp").to_list() == [0, 4_999, 5_000]
    assert proposed.get_column("action").to_list() == ["none", "none", "stop"]


@pytest.mark.parametrize("bad", [None, float("nan"), -0.1, 1.1, float("inf")])
def test_a_score_that_is_no_probability_stops_the_agent(bad: float | None) -> None:
    with pytest.raises(ModelRefused, match="gave no probability for 1 of 3 rows"):
        propose(ModelAgent(SPEC, _Fixed(0.1, bad, 0.2), _decide), ENTITIES.to_frame())


def test_a_model_that_scores_other_rows_than_it_was_given_stops_the_agent() -> None:
    with pytest.raises(ModelRefused, match="gave 2 scores for 3 rows"):
        propose(ModelAgent(SPEC, _Fixed(0.1, 0.2), _decide), ENTITIES.to_frame())
