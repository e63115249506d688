"""May this agent take this action here? Cedar answers, and every doubt is a no."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cedarpy import is_authorized_batch

from agentic_assets.agents import Spec
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import Asked, RuleSet, judge
from agentic_assets.policy.authorization import Authorization
from agentic_assets_tests.unit.decisions.cases import SPEC
from agentic_assets_tests.unit.policy.cases import policy, proposals, quota, rule

PERMIT = """
// What the yard's own agent may do.
@id("sentinel_notifies") permit(principal, action == Action::"notify", resource) when { principal.name == "sentinel" };
@id("sentinel_stands_by") permit(principal, action == Action::"standby", resource)
when { principal.name == "sentinel" && principal.kind == "model" };
"""
FORBID = """
@id("no_standby_at_lga") forbid(principal, action == Action::"standby", resource == Airport::"LGA");
"""


def _policy(folder: Path, cedar: str = PERMIT + FORBID, *rules: dict[str, Any], **changed: Any) -> RuleSet:
    (folder / "yard.cedar").write_text(cedar)
    section = {"policies": "yard.cedar", "resource": "Airport", "column": "origin"}
    return policy(folder, *(rules or (rule("late", "late", "warn"),)), authorization=section, **changed)


def _judged(ruleset: RuleSet, *rows: dict[str, Any], spec: Spec = SPEC) -> list[tuple[Any, ...]]:
    judged = judge(proposals(*rows), ruleset, agent=ruleset.asked(spec))
    return judged.select("verdict", "rule", "effective_action", "authorized_by").rows()


def test_a_permitted_action_names_the_policy_that_permits_it(tmp_path: Path) -> None:
    found = _judged(_policy(tmp_path), {"action": "notify"}, {"action": "standby"})
    assert found == [
        ("allow", None, "notify", "sentinel_notifies"),
        ("allow", None, "standby", "sentinel_stands_by"),
    ]


def test_a_forbidden_resource_is_denied_and_names_the_policy_that_forbids_it(tmp_path: Path) -> None:
    [found] = _judged(_policy(tmp_path), {"origin": "LGA"})
    assert found == ("deny", "authorization", "none", "no_standby_at_lga")


def test_what_no_policy_permits_is_denied(tmp_path: Path) -> None:
    [found] = _judged(_policy(tmp_path), {}, spec=replace(SPEC, name="stranger"))
    assert found == ("deny", "authorization", "none", "no policy permits it")


def test_doing_nothing_needs_no_permission(tmp_path: Path) -> None:
    [found] = _judged(_policy(tmp_path), {"action": "none"}, spec=replace(SPEC, name="stranger"))
    assert found == ("allow", None, "none", "")


def test_an_action_on_a_resource_without_a_name_is_denied(tmp_path: Path) -> None:
    [found] = _judged(_policy(tmp_path), {"origin": None})
    assert found == ("deny", "authorization", "none", "the resource has no name")


def test_a_resource_whose_name_is_code_stays_a_name(tmp_path: Path) -> None:
    [found] = _judged(_policy(tmp_path), {"origin": 'EWR" || true || "'})
    assert found[0] == "allow", "it is some airport, and only LGA is forbidden"


def test_a_policy_that_authorizes_is_never_judged_without_asking(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match="was not told which agent proposes"):
        judge(proposals({}), _policy(tmp_path))


def test_who_was_asked_about_another_policy_is_not_believed(tmp_path: Path) -> None:
    lenient = Asked(Authorization(PERMIT, ("notify", "standby"), "Airport", "origin"), SPEC)
    with pytest.raises(PolicyInvalid, match="was not told which agent proposes"):
        judge(proposals({}), _policy(tmp_path), agent=lenient)


def test_an_unauthorized_row_takes_no_place_of_a_quota(tmp_path: Path) -> None:
    cedar = '@id("no") forbid(principal, action, resource == Airport::"LGA");' + PERMIT
    one_a_day = {**quota("one", "notify", 1, "deny"), "per": ["day"]}
    ruleset = _policy(tmp_path, cedar, quotas=[one_a_day])
    found = _judged(ruleset, {"action": "notify", "origin": "LGA"}, {"action": "notify"}, {"action": "notify"})
    assert [row[1] for row in found] == ["authorization", None, "one"]


def test_an_action_that_a_rule_puts_in_place_must_be_permitted_too(tmp_path: Path) -> None:
    cedar = '@id("only_standby") permit(principal, action == Action::"standby", resource);'
    ruleset = _policy(tmp_path, cedar, rule("late", "late", "transform", to="notify"))
    found = _judged(ruleset, {"late": True}, {"late": False})
    assert found == [
        ("deny", "authorization", "none", "no policy permits it"),
        ("allow", None, "standby", "only_standby"),
    ]


def test_cedar_is_asked_once_for_each_agent_action_and_class_of_resource(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def counted(requests: list[dict[str, Any]], *given: Any) -> Any:
        asked.extend((request["action"]["id"], request["resource"]["id"]) for request in requests)
        return is_authorized_batch(requests, *given)

    monkeypatch.setattr("cedarpy.is_authorized_batch", counted)
    ruleset = _policy(tmp_path)
    rows = [{"action": action, "origin": origin} for action in ("notify", "standby") for origin in ("EWR", "LGA")]
    told = ruleset.asked(SPEC)
    assert told is not None
    for _ in range(2):
        judge(proposals(*rows * 50, {"action": "none", "origin": "EWR"}), ruleset, agent=told)
        told.answer("notify", "EWR")  # a single event, as online
    assert sorted(asked) == [("notify", "EWR"), ("notify", "LGA"), ("standby", "EWR"), ("standby", "LGA")]


def test_a_policy_that_errs_denies_even_where_another_permits(tmp_path: Path) -> None:
    ruleset = _policy(
        tmp_path, PERMIT + '@id("typo") forbid(principal, action, resource) when { principal.owner == "x" };'
    )
    assert ruleset.authorization is not None
    asked = Asked(ruleset.authorization, SPEC)
    # Without the agent among the entities every condition about it errs; a plain Cedar engine would skip the forbid.
    asked.__dict__["_agent"] = []
    answer = asked.answer("standby", "EWR")
    assert not answer.permitted
    assert answer.by.startswith("error: ")


@pytest.mark.parametrize(
    ("cedar", "told"),
    [
        ("permit(principal, action, resource);", "have no @id"),
        (
            '@id("a") permit(principal, action, resource); @id("a") forbid(principal, action, resource);',
            "two share one",
        ),
        ('@id("a") permit(principal, action == Action::"fly", resource);', "a: "),
        ('@id("a") permit(principal, action, resource) when { principal.risktier == "low" };', "risktier"),
        ('@id("a") permit(principal == User::"me", action, resource);', "User"),
        ('@id("a") permit(principal, action, resource', "is not Cedar"),
        ("", "there is no policy"),
        ('@id("a") permit(principal == ?principal, action, resource);', "templates"),
    ],
    ids=["no id", "same id", "unknown action", "unknown attribute", "unknown type", "syntax", "empty", "template"],
)
def test_cedar_that_could_fail_open_is_refused_when_it_is_loaded(tmp_path: Path, cedar: str, told: str) -> None:
    with pytest.raises(PolicyInvalid, match=r"yard\.cedar") as refused:
        _policy(tmp_path, cedar)
    assert told in str(refused.value)


def test_a_missing_file_of_policies_is_refused(tmp_path: Path) -> None:
    section = {"policies": "gone.cedar", "resource": "Airport", "column": "origin"}
    with pytest.raises(PolicyInvalid, match=r"gone\.cedar cannot be read"):
        policy(tmp_path, rule("late", "late", "warn"), authorization=section)


def test_a_missing_resource_column_is_refused(tmp_path: Path) -> None:
    ruleset = _policy(tmp_path)
    with pytest.raises(PolicyInvalid, match="no column `origin`"):
        judge(proposals({}).drop("origin"), ruleset, agent=ruleset.asked(SPEC))


def test_comments_are_no_new_version_and_a_changed_policy_is(tmp_path: Path) -> None:
    first = _policy(tmp_path).pin
    assert _policy(tmp_path, "// why\n" + PERMIT + FORBID).pin == first
    assert _policy(tmp_path, PERMIT).pin != first
    assert policy(tmp_path, rule("late", "late", "warn")).pin != first


def test_row_order_changes_no_answer(tmp_path: Path) -> None:
    ruleset = _policy(tmp_path)
    rows = proposals(
        *({"origin": name, "action": act} for name in ("EWR", "LGA", None) for act in ("notify", "standby"))
    )
    agent = ruleset.asked(SPEC)
    forwards = judge(rows, ruleset, agent=agent)
    backwards = judge(rows.reverse(), ruleset, agent=agent)
    assert backwards.reverse().equals(forwards)
    one_by_one = pl.concat([judge(rows[place], ruleset, agent=ruleset.asked(SPEC)) for place in range(rows.height)])
    assert one_by_one.equals(forwards)
