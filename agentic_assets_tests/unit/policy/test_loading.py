"""Policy files: what a good one says, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import Type, Verdict, load_ruleset
from agentic_assets_tests.unit.policy.cases import policy, quota, rule, write


def test_a_policy_says_who_owns_it_what_it_reads_and_what_it_does(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("late", "late AND score > 0.5", "escalate"),
        rule("odd", "score > 1", "transform", to="notify"),
        quotas=(quota("standby_quota", "standby", 8, "transform", to="notify"),),
    )
    assert (ruleset.id, ruleset.owner, ruleset.reads["score"]) == ("yard@1.0.0", "yard-operations", Type.NUMBER)
    late, odd = ruleset.rules
    assert (late.verdict, late.when.columns, late.to) == (Verdict.ESCALATE, ("late", "score"), None)
    assert (odd.verdict, odd.to, odd.message) == (Verdict.TRANSFORM, "notify", "odd fired")
    assert ruleset.quotas[0].limit == 8
    assert ruleset.escalation is not None
    assert ruleset.escalation.on_expiry is Verdict.DENY
    assert ruleset.fired_ids(0b101) == ("late", "standby_quota")


def test_rules_that_stop_fire_on_null_and_the_others_do_not_unless_they_say_so(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("a", "late", "deny"),
        rule("b", "late", "escalate"),
        rule("c", "late", "transform", to="none"),
        rule("d", "late", "warn"),
        rule("e", "late", "allow"),
        rule("f", "late", "deny", on_null="skip"),
        rule("g", "late", "warn", on_null="fire"),
    )
    assert [entry.fires_on_null for entry in ruleset.rules] == [True, True, False, False, False, False, True]


def test_the_pin_follows_what_a_policy_says_and_not_how_its_file_is_laid_out(tmp_path: Path) -> None:
    path = write(tmp_path)
    pin = load_ruleset(path).pin
    assert (pin.kind, pin.name, pin.version) == ("policy", "yard", "1.0.0")
    path.write_text("# a comment\n" + path.read_text().replace("rules:\n", "rules:\n\n"))
    assert load_ruleset(path).pin == pin
    path.write_text(path.read_text().replace("when: late", "when: late OR late"))
    assert load_ruleset(path).pin.digest != pin.digest


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": "another"},
        {"rules": [rule("late", "late", "deny")]},
        {"rules": [rule("late", "late", "warn", on_null="fire")]},
        {"escalation": {"role": "yard_master", "within_minutes": 31, "on_expiry": "deny"}},
        {"quotas": [quota("q", "notify", 1, "deny")]},
    ],
)
def test_any_change_of_meaning_gives_another_pin(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert load_ruleset(write(tmp_path)).pin.digest != load_ruleset(write(tmp_path, **changed)).pin.digest


def _rule(**changed: Any) -> dict[str, Any]:
    entry = {"id": "r", "when": "late", "then": {"verdict": "deny", "message": "m"}, **changed}
    return {"rules": [{key: value for key, value in entry.items() if value is not None}]}


def _then(**then: Any) -> dict[str, Any]:
    return _rule(then={"message": "m", **then})


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"name": None}, "the file has no `name`"),
        ({"name": "Yard!"}, "`name` is 'Yard!'"),
        ({"version": "1.0"}, "`version` is '1.0'"),
        ({"hit_policy": None}, "the file has no `hit_policy`"),
        ({"hit_policy": "any"}, "`hit_policy` is 'any'"),
        ({"owner": 7}, "`owner` is 7, not text"),
        ({"rule": []}, "unknown key `rule` in the file"),
        ({"rules": "late"}, "`rules` is 'late', not a list of mappings"),
        ({"rules": []}, "the policy has no rule, resource or quota"),
        (
            {"rules": [rule(f"r{n}", "late", "warn") for n in range(63)]},
            "63 rules, resources and quotas, 62 are permitted",
        ),
        ({"rules": [rule("r", "late", "warn")] * 2}, "the id `r` stands twice among rules, resources and quotas"),
        ({"actions": ["standby"]}, "`actions` lacks 'none'"),
        ({"actions": ["none", "none"]}, "`actions` names 'none' twice"),
        ({"reads": {"action": "text"}}, "`action` is 'text'"),
        ({"reads": {"late": "boolean"}}, "`reads` lacks `action: string`"),
        ({"escalation": None, **_then(verdict="escalate")}, "`r` escalates, but to nobody"),
        ({"escalation": {"role": "m", "within_minutes": 0, "on_expiry": "deny"}}, "`within_minutes` is 0"),
        ({"escalation": {"role": "m", "within_minutes": 1, "on_expiry": "warn"}}, "`on_expiry` is 'warn'"),
        (_rule(id=None), "rules[0] has no `id`"),
        (_rule(when=None), "rules[0] has no `when`"),
        (_rule(when=True), "`when` is True, not text"),
        (_rule(then=None), "rules[0] has no `then`"),
        (_rule(on_null="maybe"), "`on_null` is 'maybe'"),
        (_rule(whenn="late"), "unknown key `whenn` in rules[0]"),
        (_then(verdict="refuse"), "`verdict` is 'refuse'"),
        (_then(verdict="transform"), "rules[0].then has no `to`"),
        (_then(verdict="transform", to="stand_by"), "`to` is 'stand_by'"),
        (_then(verdict="deny", to="notify"), "`to` stands beside the verdict deny"),
        ({**_rule(then={"verdict": "allow", "message": "m"}, on_null="fire")}, "rule r would allow what is not known"),
        (_rule(when="speed > 1"), "policy yard@1.0.0, rule r, line 1 column 1: unknown column `speed`"),
        (_rule(when="action = 'stand_by'"), "policy yard@1.0.0, rule r: `action` is compared with 'stand_by'"),
        (_rule(when="late AND action IN ('none', 'go')"), "policy yard@1.0.0, rule r: `action` is compared with 'go'"),
        ({"quotas": [quota("q", "fly", 1, "deny")]}, "`action` is 'fly'"),
        ({"quotas": [quota("q", "none", 1, "deny")]}, "quota q limits the action that does nothing"),
        ({"quotas": [quota("q", "notify", -1, "deny")]}, "`limit` is -1"),
        ({"quotas": [quota("q", "notify", 1, "allow")]}, "quota q allows what exceeds it"),
        ({"quotas": [quota("q", "notify", 1, "transform", to="notify")]}, "quota q transforms notify to itself"),
        ({"quotas": [{**quota("q", "notify", 1, "deny"), "per": ["gate"]}]}, "quota q names the unknown column `gate`"),
        ({"quotas": [{**quota("q", "notify", 1, "deny"), "per": []}]}, "`per` is [], not a list of texts"),
        (
            {"quotas": [{**quota("q", "notify", 1, "deny"), "order_by": ["score"]}]},
            "quota q ranks by the double `score`",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_file_and_line(
    tmp_path: Path, changed: dict[str, Any], what: str
) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        load_ruleset(write(tmp_path, **changed))
    assert what in refused.value.what
    assert refused.value.what.startswith("policy.yaml:")
    assert len(str(refused.value)) < 500


def test_a_repeated_key_a_tag_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    good = path.read_text()
    for bad, what in (
        (good + "name: other\n", "the key `name` stands twice"),
        (good.replace("name: yard", "name: !!python/object:os.system yard"), "tag"),
        (good + "# " + "x" * 1_100_000, "is larger than"),
        ("- a list\n", "holds no mapping"),
        ("name: [", "is not YAML"),
    ):
        path.write_text(bad)
        with pytest.raises(PolicyInvalid, match=what):
            load_ruleset(path)


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"none\.yaml: cannot be read"):
        load_ruleset(tmp_path / "none.yaml")
