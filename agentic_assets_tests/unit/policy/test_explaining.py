"""Explanations: every rule with what it read, in agreement with what was judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import Verdict, explain, judge
from agentic_assets_tests.unit.policy.cases import policy, proposals, quota, rule

_row = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["none", "notify", "standby"]),
        "score": st.one_of(st.none(), st.sampled_from([0.1, 0.6, float("nan")])),
        "late": st.one_of(st.none(), st.booleans()),
    }
)


@given(st.lists(_row, min_size=1, max_size=8))
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_explanation_agrees_with_the_mask_and_the_winner_of_every_row(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    ruleset = policy(
        tmp_path,
        rule("unsure", "score < 0.5 AND action <> 'none'", "escalate"),
        rule("late", "late", "warn"),
        rule("odd", "score / (score - 0.6) > 1", "deny", on_null="skip"),
        quotas=(quota("standbys", "standby", 1, "transform", to="notify"),),
    )
    for row in judge(proposals(*rows), ruleset).iter_rows(named=True):
        told = explain(row, ruleset)
        assert tuple(item.id for item in told if item.fired) == ruleset.fired_ids(row["fired"])
        assert [item.id for item in told if item.won] == [row["rule"]] * (row["rule"] is not None)


def test_an_explanation_shows_text_values_condition_and_message_of_each_rule(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("unsure", "score < 0.5", "escalate"),
        rule("late", "late AND minute > 3", "warn"),
        quotas=(quota("standbys", "standby", 1, "deny"),),
    )
    row = judge(proposals({}, {"score": None, "late": True, "minute": 7}), ruleset).row(1, named=True)
    unsure, late, standbys = explain(row, ruleset)
    assert (unsure.text, unsure.values, unsure.condition) == ("score < 0.5", {"score": None}, None)
    assert (unsure.fired, unsure.won, unsure.verdict, unsure.message) == (True, True, Verdict.ESCALATE, "unsure fired")
    assert (late.values, late.condition, late.fired, late.won) == ({"late": True, "minute": 7}, True, True, False)
    assert (standbys.kind, standbys.text) == ("quota", "at most 1 standby per origin, day, by minute, entity")
    assert (standbys.condition, standbys.fired, standbys.won) == (None, False, False)


def test_without_a_mask_nothing_is_claimed_about_quotas(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("late", "late", "warn"), quotas=(quota("q", "standby", 1, "deny"),))
    late, limit = explain(proposals({"late": True}).row(0, named=True), ruleset)
    assert (late.fired, limit.fired) == (True, None)


def test_a_row_that_does_not_give_the_recorded_mask_is_refused(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("late", "late", "warn"))
    row = judge(proposals({"late": True}), ruleset).row(0, named=True)
    with pytest.raises(PolicyInvalid, match=r"policy yard@1\.0\.0, rule late: recorded as fired, but now not fired"):
        explain({**row, "late": False}, ruleset)


def test_a_row_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("late", "late", "warn"))
    with pytest.raises(PolicyInvalid, match="the row lacks late, origin"):
        explain({"action": "none", "entity": "e", "day": None, "minute": 1, "score": 1.0}, ruleset)
