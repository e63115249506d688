"""Decisions: what they hold, and that they are the same however they come about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from agentic_assets.decisions import DECISIONS, Setting, decide
from agentic_assets.errors import PartitionRefused
from agentic_assets.versions import Pin
from agentic_assets_tests.unit.decisions.cases import SETTING, SPEC, decisions, features, judged


def test_a_decision_holds_proposal_verdict_versions_and_the_role_that_takes_an_escalation() -> None:
    row = decisions().row(by_predicate=pl.col("entity") == "m001", named=True)
    assert row["proposed_action"] == "stop"
    assert (row["verdict"], row["rule"], row["effective_action"]) == ("escalate", "unsure", "none")
    assert (row["fired"], row["escalation_role"]) == (1, "foreman")
    assert (row["agent"], row["policy"], row["feature_set"]) == ("sentinel@1.2.0", "plant@2.0.0", "readings@1.0.0")
    assert row["model"] == "sentinel@2013-02#eeeeeeeeeeee"
    assert (row["phase"], row["domain"], row["correlation_id"]) == ("live", "plant", "plant/m001")
    assert (row["pins"], row["legacy_action"]) == (SETTING.pins.digest, "none")
    assert row["day"] == date(2013, 2, 8)


def test_only_an_escalated_decision_names_a_role() -> None:
    frame = decisions()
    assert set(frame.filter(pl.col("verdict") != "escalate").get_column("escalation_role")) == {None}
    assert frame.filter(pl.col("verdict") == "escalate").height == 3


def test_decisions_have_the_declared_columns_and_stand_in_order_of_time_and_entity() -> None:
    frame = decisions()
    assert frame.schema == DECISIONS
    assert frame.equals(frame.sort("decided_at", "entity"))


def test_the_order_of_the_rows_changes_no_decision() -> None:
    rows = judged(features())
    assert decide(rows.reverse(), SETTING).equals(decide(rows, SETTING))


def test_an_empty_day_has_no_decisions_but_their_columns() -> None:
    assert decisions(0).schema == DECISIONS
    assert decisions(0).height == 0


def test_ids_are_unique_and_the_same_in_every_run() -> None:
    ids = decisions().get_column("decision_id")
    assert ids.n_unique() == 12
    assert ids.str.contains("^[0-9a-f]{32}$").all()
    assert ids.equals(decisions().get_column("decision_id"))


def test_an_id_is_the_hash_of_the_text_that_the_description_names() -> None:
    row = decisions().row(0, named=True)
    moment = int(row["decided_at"].timestamp()) * 1_000_000
    text = f"plant|sentinel@1.2.0|{moment}|{SETTING.pins.digest}|{row['input_digest']}|m000"
    assert row["decision_id"] == hashlib.sha256(text.encode()).hexdigest()[:32]


def test_an_id_changes_with_the_input_the_versions_the_domain_and_the_agent() -> None:
    def first(setting: Setting = SETTING, **changed: Any) -> str:
        return str(decide(judged(features(1, **changed)), setting).get_column("decision_id").item())

    others = [
        first(pressure=[7]),
        first(replace(SETTING, domain="other")),
        first(replace(SETTING, agent=replace(SPEC, version="1.2.1"))),
        first(replace(SETTING, pins=SETTING.pins.with_([Pin("contract", "c", "1.0.0", "c" * 64)]))),
        first(),
    ]
    assert len(set(others)) == len(others)


def test_without_a_rule_that_served_before_there_is_no_legacy_action() -> None:
    assert decide(judged(features(), legacy=None), SETTING).get_column("legacy_action").null_count() == 12


def test_what_the_policy_left_and_what_is_done_are_told_apart() -> None:
    rows = judged(features(), legacy="inspect").with_columns(
        pl.lit("shadow").alias("phase"),
        pl.col("legacy_action").alias("effective_action"),
        pl.lit("c" * 32).alias("control"),
    )
    row = decide(rows, SETTING).row(by_predicate=pl.col("entity") == "m005", named=True)
    assert (row["proposed_action"], row["judged_action"], row["effective_action"]) == ("stop", "stop", "inspect")
    assert (row["phase"], row["control"]) == ("shadow", "c" * 32)


def test_rows_that_lack_a_column_or_an_entity_are_refused() -> None:
    rows = judged(features())
    with pytest.raises(PartitionRefused, match=r"1 columns are missing or of another type: phase \(missing\)"):
        decide(rows.drop("phase"), SETTING)
    with pytest.raises(PartitionRefused, match=r"score_bp \(Int64\)"):
        decide(rows.with_columns(pl.col("score_bp").cast(pl.Int64)), SETTING)
    with pytest.raises(PartitionRefused, match="12 rows have no entity"):
        decide(rows.with_columns(pl.lit(None, dtype=pl.String).alias("entity")), SETTING)
