"""One event at a time, or a whole day at once: the verdicts are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import JUDGED, RuleSet, Tally, judge, judge_one
from agentic_assets_tests.unit.decisions.cases import SPEC
from agentic_assets_tests.unit.policy.cases import policy, proposals, quota, rule

CEDAR = """
@id("notifies") permit(principal, action == Action::"notify", resource);
@id("stands_by") permit(principal, action == Action::"standby", resource) when { principal.name == "sentinel" };
@id("not_at_lga") forbid(principal, action == Action::"notify", resource == Airport::"LGA");
"""
RESOURCE = {
    "id": "aircraft",
    "action": "standby",
    "capacity": 1,
    "per": ["origin", "day"],
    "utility": "minute * 10",
    "settle": {"by": "award"},
    "over": {"verdict": "transform", "to": "notify", "message": "none left"},
}


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """A policy with every layer."""
    folder = tmp_path_factory.mktemp("policy")
    (folder / "yard.cedar").write_text(CEDAR)
    return policy(
        folder,
        rule("hot", "score > 0.9", "deny", on_null="skip"),
        rule("unsure", "score < 0.2 AND action = 'standby'", "escalate"),
        rule("late", "late", "transform", to="notify"),
        rule("odd", "minute > 3 OR late IS NULL", "warn"),
        quotas=(quota("standbys", "standby", 2, "transform", to="notify"), quota("notes", "notify", 2, "deny")),
        resources=[RESOURCE],
        authorization={"policies": "yard.cedar", "resource": "Airport", "column": "origin"},
    )


_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "action": st.sampled_from(["none", "notify", "standby"]),
            "origin": st.sampled_from(["EWR", "LGA", None]),
            "score": st.sampled_from([0.1, 0.5, 0.95, None, float("nan")]),
            "late": st.sampled_from([True, False, None]),
        }
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=_ROWS, grants=st.lists(st.booleans(), min_size=14, max_size=14))
def test_one_by_one_gives_what_the_batch_gives(
    ruleset: RuleSet, rows: list[dict[str, Any]], grants: list[bool]
) -> None:
    frame = proposals(*rows)
    held = pl.Series(grants[: frame.height], dtype=pl.Boolean)
    agent, tally = ruleset.asked(SPEC), Tally()
    batch = judge(frame, ruleset, agent=agent, granted={"aircraft": held}).select(JUDGED.names()).to_dicts()
    single = [
        judge_one(row, ruleset, tally, agent=agent, granted={"aircraft": grants[place]})
        for place, row in enumerate(frame.iter_rows(named=True))
    ]
    assert single == batch


def _row(**changed: Any) -> dict[str, Any]:
    return proposals({"action": "standby", **changed}).row(0, named=True)


def test_a_missing_column_an_unknown_action_and_an_unsettled_resource_are_refused(ruleset: RuleSet) -> None:
    agent = ruleset.asked(SPEC)
    row = _row()
    with pytest.raises(PolicyInvalid, match="no column `late`"):
        judge_one({name: value for name, value in row.items() if name != "late"}, ruleset, Tally(), agent=agent)
    with pytest.raises(PolicyInvalid, match="unknown action, 'fly'"):
        judge_one({**row, "action": "fly"}, ruleset, Tally(), agent=agent)
    with pytest.raises(PolicyInvalid, match="nobody settled who gets a unit"):
        judge_one(row, ruleset, Tally(), agent=agent)


def test_a_policy_that_authorizes_is_never_judged_without_asking(ruleset: RuleSet) -> None:
    with pytest.raises(PolicyInvalid, match="was not told which agent proposes"):
        judge_one(_row(), ruleset, Tally(), granted={"aircraft": True})


def test_a_new_tally_starts_the_quotas_afresh(tmp_path: Path) -> None:
    few = policy(tmp_path, rule("late", "late", "warn"), quotas=(quota("notes", "notify", 1, "deny"),))
    tally = Tally()
    rows = proposals({"action": "notify"}, {"action": "notify"})
    first, second = (judge_one(row, few, tally) for row in rows.iter_rows(named=True))
    assert (first["rule"], second["rule"]) == (None, "notes")
    assert judge_one(rows.row(1, named=True), few, Tally())["rule"] is None
