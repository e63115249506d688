"""Resources of a policy: what their declaration may say, and what a proposal without a unit meets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import RuleSet, explain, judge, load_ruleset
from agentic_assets_tests.unit.policy.cases import proposals, quota, rule, write


def _resource(**changed: Any) -> dict[str, Any]:
    whole = {
        "id": "aircraft",
        "action": "standby",
        "capacity": 2,
        "per": ["origin", "day"],
        "utility": "100 - minute",
        "settle": {"by": "lease", "commit_after_minutes": 60},
        "over": {"verdict": "transform", "to": "notify", "message": "none left"},
        **changed,
    }
    return {key: value for key, value in whole.items() if value is not None}


def _policy(folder: Path, *resources: dict[str, Any], **changed: Any) -> RuleSet:
    return load_ruleset(write(folder, resources=list(resources), **changed))


def _granted(*held: bool | None) -> dict[str, pl.Series]:
    return {"aircraft": pl.Series(held, dtype=pl.Boolean)}


def test_a_resource_says_who_takes_it_what_it_is_worth_and_how_it_is_settled(tmp_path: Path) -> None:
    (resource,) = _policy(tmp_path, _resource()).resources
    assert (resource.id, resource.action, resource.capacity, resource.per) == (
        "aircraft",
        "standby",
        2,
        ("origin", "day"),
    )
    assert (resource.settle.mode, resource.settle.commit_after_minutes) == ("lease", 60)
    assert resource.columns == ("day", "minute", "origin")
    assert proposals({"minute": 5}).select(resource.utility.expression).item() == 95.0
    assert resource.utility.value({"minute": 5}) == 95.0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"action": "none"}, "resource aircraft is taken by the action that does nothing"),
        ({"capacity": -1}, "`capacity` is -1"),
        ({"per": ["gate"]}, "resource aircraft names the unknown column `gate`"),
        ({"per": ["score"]}, "resource aircraft is shared out by the number `score`"),
        ({"utility": "score"}, "resource aircraft, line 1 column 1|the amount holds the number column `score`"),
        ({"utility": "minute / 2"}, "the amount holds a division"),
        ({"utility": "minute * 0.5"}, "the amount holds 0.5"),
        ({"utility": "late"}, "the amount is the boolean column `late`, not a number"),
        ({"settle": {"by": "luck"}}, "`by` is 'luck'"),
        ({"settle": {"by": "lease"}}, "has no `commit_after_minutes`"),
        ({"settle": {"by": "award", "commit_after_minutes": 5}}, "`commit_after_minutes` stands beside an award"),
        ({"over": {"verdict": "allow", "message": "m"}}, "resource aircraft lets pass who got no unit"),
        ({"over": {"verdict": "warn", "message": "m"}}, "resource aircraft lets pass who got no unit"),
        (
            {"over": {"verdict": "transform", "to": "standby", "message": "m"}},
            "resource aircraft transforms standby to itself",
        ),
        ({"limit": 8}, "unknown key `limit`"),
    ],
)
def test_what_a_resource_cannot_be_is_refused_at_its_line(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyInvalid, match=told):
        _policy(tmp_path, _resource(**changed))


def test_a_resource_and_a_quota_may_not_share_an_id(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match="the id `aircraft` stands twice"):
        _policy(tmp_path, _resource(), quotas=[quota("aircraft", "notify", 1, "deny")])


def test_who_would_take_the_action_and_has_no_unit_meets_the_verdict_of_the_resource(tmp_path: Path) -> None:
    judged = judge(
        proposals({}, {}, {}, {"action": "notify"}),
        _policy(tmp_path, _resource()),
        granted=_granted(True, False, None, False),
    )
    assert judged.get_column("effective_action").to_list() == ["standby", "notify", "notify", "notify"]
    assert judged.get_column("rule").to_list() == [None, "aircraft", "aircraft", None]
    assert judged.get_column("fired").to_list() == [0, 0b10, 0b10, 0]


def test_what_a_resource_transforms_meets_the_quotas_after_it(tmp_path: Path) -> None:
    ruleset = _policy(tmp_path, _resource(), quotas=[quota("notices", "notify", 1, "deny")])
    judged = judge(proposals({}, {}, {"action": "notify"}), ruleset, granted=_granted(False, True, False))
    assert judged.get_column("effective_action").to_list() == ["notify", "standby", "none"]
    assert judged.get_column("fired").to_list() == [0b010, 0, 0b100]


@pytest.mark.parametrize(
    "granted", [None, {}, {"gates": pl.Series([True])}, _granted(True), {"aircraft": pl.Series([1, 1])}]
)
def test_a_resource_that_nobody_settled_is_refused_and_never_free(tmp_path: Path, granted: Any) -> None:
    with pytest.raises(PolicyInvalid, match=r"policy yard@1\.0\.0, resource aircraft: .* for 2 rows"):
        judge(proposals({}, {}), _policy(tmp_path, _resource()), granted=granted)


def test_the_guardrails_are_the_rules_alone(tmp_path: Path) -> None:
    ruleset = _policy(
        tmp_path, _resource(), rules=[rule("late", "late", "deny")], quotas=[quota("notices", "notify", 1, "deny")]
    )
    judged = judge(proposals({}, {"late": True}), ruleset.guardrails)
    assert judged.get_column("effective_action").to_list() == ["standby", "none"]


def test_an_explanation_tells_what_the_units_are_given_by_and_what_the_row_offered(tmp_path: Path) -> None:
    ruleset = _policy(tmp_path, _resource())
    judged = judge(proposals({"minute": 7}), ruleset, granted=_granted(False))
    told = explain(judged.row(0, named=True), ruleset)[-1]
    assert (told.kind, told.text) == ("resource", "2 standby per origin, day, by 100 - minute")
    assert (told.values["minute"], told.fired, told.won, told.to) == (7, True, True, "notify")


def test_another_capacity_is_another_policy_and_no_resource_leaves_the_digest_as_it_was(tmp_path: Path) -> None:
    digests = {
        _policy(tmp_path, *resources).pin.digest
        for resources in ((), (_resource(),), (_resource(capacity=3),), (_resource(settle={"by": "award"}),))
    }
    assert len(digests) == 4
