"""Rule tables that cannot be meant: each refused with the file, its line, the rule, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentic_assets.agents.rules import load_rules
from agentic_assets.errors import ConfigInvalid
from agentic_assets_tests.unit.agents.rules.cases import agent, rule, spec, table


@pytest.mark.parametrize(
    ("rules", "changed", "what"),
    [
        ([], {}, "the table has no `rules`"),
        ([rule("a", "TRUE")], {"otherwise": None}, "the file has no `otherwise`"),
        ([rule("a", "TRUE")], {"hit_policy": None}, "the file has no `hit_policy`"),
        ([rule("a", "TRUE")], {"hit_policy": "collect"}, "`hit_policy` is 'collect'"),
        ([rule("a", "TRUE")], {"agent": "sentinel@1.1.0"}, "the table is for sentinel@1.1.0, and the spec is of"),
        ([rule("a", "TRUE")], {"rule": []}, "unknown key `rule` in the file"),
        ([rule("a", "TRUE"), rule("a", "running")], {}, "the id `a` stands twice"),
        ([rule(f"r{i}", "TRUE") for i in range(65)], {}, "65 rules, 64 are permitted"),
        ([rule("a", "TRUE", priority=1)], {}, "unknown key `priority` in rules[0]"),
        ([rule("a", "TRUE")], {"hit_policy": "priority"}, "rules[0] has no `priority`"),
        (
            [rule("a", "TRUE", priority=1), rule("b", "TRUE", priority=1)],
            {"hit_policy": "priority"},
            "two rules have the priority 1, as `a`",
        ),
        ([rule("a", "slck < 3")], {}, "agent sentinel@1.2.0, rule a, line 1 column 1: unknown column `slck`"),
        ([rule("a", "slack < 'x'")], {}, "< compares the integer column `slack` with the string 'x'"),
        ([rule("a", "slack")], {}, "the condition is the integer column `slack`, not a boolean"),
        ([rule("a", "slack < NOW()")], {}, "NOW changes from one run to the next"),
        ([rule("a", " OR ".join(["running"] * 10_000))], {}, "characters, 4,000 are permitted"),
        ([rule("a", "TRUE", "fly")], {}, "`action` is 'fly'"),
        ([rule("a", "TRUE", reason="")], {}, "`reason` is '', not text"),
        ([rule("a", "TRUE", reason="hot {heat}")], {}, "`heat` is a number with a fraction"),
        ([rule("a", "TRUE", reason="hot {")], {}, "a brace is not closed, or not opened"),
        ([rule("a", "TRUE", reason="{slck}")], {}, "rule a, reason, line 1 column 1: unknown column `slck`"),
        ([rule("a", "TRUE", score_bp=10_001)], {}, "the `score_bp` of rule a is 10001"),
        ([rule("a", "TRUE", benefit_cents="stop_cents * 200")], {}, "the `benefit_cents` of rule a is 140000.0"),
        ([rule("a", "TRUE", score_bp="-tight")], {}, "the `score_bp` of rule a is -5"),
        ([rule("a", "TRUE", score_bp=-1)], {}, "`score_bp` is -1"),
        ([rule("a", "TRUE", score_bp=0.5)], {}, "`score_bp` is 0.5, not a whole number"),
        ([rule("a", "TRUE", score_bp="heat")], {}, "the amount holds the number column `heat`"),
        ([rule("a", "TRUE", profit=1)], {}, "unknown key `profit` in rules[0].then"),
        ([rule("a", "running", on_null="match")], {}, "rule a would propose stop where nothing is known"),
        ([rule("a", "running", on_null="guess")], {}, "`on_null` is 'guess'"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_file_and_line(
    tmp_path: Path, rules: list[dict[str, Any]], changed: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        load_rules(table(tmp_path, *rules, **changed), spec(tmp_path))
    assert what in refused.value.what
    assert refused.value.what.startswith("sentinel.rules.yaml:")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"kind": "model"}, "agent sentinel@1.2.0 is of the kind model, not rules"),
        (
            {"input": {"feature_set": "readings@1.0.0", "entity": "machine"}},
            "the spec of sentinel@1.2.0 names no columns",
        ),
        ({"output": {"score_bp": "the risk"}}, "rule a gives `cost_cents`, which the spec's output does not name"),
    ],
)
def test_a_spec_that_says_too_little_for_rules_is_refused(tmp_path: Path, changed: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        load_rules(table(tmp_path, rule("a", "TRUE", cost_cents=1)), spec(tmp_path, **changed))
    assert what in refused.value.what


def test_the_pin_follows_what_the_table_says_and_not_its_layout(tmp_path: Path) -> None:
    pin = agent(tmp_path, rule("a", "slack < 3")).table.pin
    assert (pin.kind, pin.name, pin.version) == ("rules", "sentinel", "1.2.0")
    path = table(tmp_path, rule("a", "slack < 3"))
    path.write_text("# a comment\n" + path.read_text())
    assert load_rules(path, spec(tmp_path)).pin == pin


@pytest.mark.parametrize(
    "changed",
    [
        rule("a", "slack < 4"),
        rule("a", "slack < 3", "inspect"),
        rule("a", "slack < 3", score_bp=1),
        rule("a", "slack < 3", reason="others"),
        rule("a", "slack < 3", on_null="skip"),
    ],
)
def test_any_change_of_a_rule_gives_another_pin(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert agent(tmp_path, changed).table.pin != agent(tmp_path, rule("a", "slack < 3")).table.pin
