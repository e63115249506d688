"""Rule tables of agents: what is found in them, and that the agent itself does what a finding's row says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.agents import propose
from agentic_assets.agents.rules import RuleAgent
from agentic_assets.errors import PartitionRefused
from agentic_assets.policy.analysis import Fact, Finding, analyse_table
from agentic_assets.policy.places import lines_of
from agentic_assets_tests.unit.agents.rules.cases import agent, rows, rule

_TIGHT, _HOT = rule("tight", "slack < tight", "stop"), rule("hot", "heat > 2", "inspect")


def _found(of: RuleAgent, *kinds: str, **options: Any) -> list[Finding]:
    found = analyse_table(of.table, of.spec.columns, **options)
    return [finding for finding in found if not kinds or finding.kind in kinds]


def _said(of: RuleAgent, row: Mapping[str, Any] | None) -> str:
    assert row is not None
    return str(propose(of, rows(dict(row))).get_column("reason")[0])


def test_two_rules_that_can_hold_of_one_row_are_an_error_under_unique(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, _HOT, hit_policy="unique")
    [finding] = _found(asked, "overlap")
    assert (finding.severity, finding.entries) == ("error", ("tight", "hot"))
    with pytest.raises(PartitionRefused, match="more than one rule holds for 1 of 1 rows"):
        _said(asked, finding.row)


def test_rules_that_exclude_each_other_pass_under_unique(tmp_path: Path) -> None:
    cool = rule("cool", "slack < tight AND heat <= 2", "stop")
    assert _found(agent(tmp_path, cool, _HOT, hit_policy="unique"), "overlap") == []


@pytest.mark.parametrize("hit_policy", ["first", "priority"])
def test_where_the_order_decides_an_overlap_is_a_note_with_a_row(tmp_path: Path, hit_policy: str) -> None:
    ranked = {"priority": 2} if hit_policy == "priority" else {}
    last = {"priority": 1} if hit_policy == "priority" else {}
    asked = agent(tmp_path, {**_HOT, **last}, {**_TIGHT, **ranked}, hit_policy=hit_policy)
    [finding] = _found(asked, "overlap")
    first, second = ("tight", "hot") if hit_policy == "priority" else ("hot", "tight")
    assert (finding.severity, finding.entries) == ("note", (first, second))
    assert _said(asked, finding.row) == f"{first} held" or f"rule {first} holds is not known" in _said(
        asked, finding.row
    )


def test_a_rule_that_never_decides_is_an_error(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, rule("tighter", "slack < 3 AND running", "inspect", on_null="skip"))
    [finding] = _found(asked, "shadowed")
    assert (finding.severity, finding.entries) == ("error", ("tighter", "tight"))
    assert _said(asked, finding.row) == "tight held"


def test_rules_of_one_action_but_other_figures_are_not_alike(tmp_path: Path) -> None:
    rules = [rule("a", "slack < 5", score_bp=100), rule("b", "slack < 3", score_bp=200)]
    assert [one.severity for one in _found(agent(tmp_path, *rules), "shadowed")] == ["error"]
    same = [rule("a", "slack < 5", score_bp=100), rule("b", "slack < 3", score_bp=100)]
    assert [one.severity for one in _found(agent(tmp_path, *same), "shadowed")] == ["warning"]


def test_a_condition_that_can_never_hold_is_an_error_with_its_parameters_in_place(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("r", "slack < tight AND slack > 6 AND site = home"))
    assert [one.severity for one in _found(asked, "never-true")] == ["error"]


def test_what_a_rule_abstains_from_keeps_later_ones_from_deciding(tmp_path: Path) -> None:
    # Of a null the first rule abstains, so that the second can never see one.
    asked = agent(tmp_path, rule("low", "slack < 5"), rule("unknown", "slack IS NULL", "inspect"))
    assert [one.entries for one in _found(asked, "shadowed")] == [("unknown", "low")]
    skips = agent(tmp_path, rule("low", "slack < 5", on_null="skip"), rule("unknown", "slack IS NULL", "inspect"))
    assert _found(skips, "shadowed") == []


def test_otherwise_is_shown_with_a_row_or_said_to_be_idle(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, _HOT)
    [gap] = _found(asked, "gap")
    assert _said(asked, gap.row) == "all is well"
    covered = agent(tmp_path, _TIGHT, rule("rest", "slack >= tight", "none"))
    assert _found(covered, "gap") == []
    assert "`otherwise` never decides" in _found(covered)[-1].message


def test_rows_keep_what_the_contract_of_the_features_promises(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, _HOT)
    facts = {"slack": (Fact("c", required=True, minimum=7),)}
    assert ("never-true", "note") in {(one.kind, one.severity) for one in _found(asked, facts=facts)}
    [gap] = _found(asked, "gap", facts=facts)
    assert gap.row is not None
    assert gap.row["slack"] >= 7
    assert "action" not in gap.row


def test_lines_of_a_table_stand_in_its_findings(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, rule("tighter", "slack < 3"))
    path = tmp_path / "sentinel.rules.yaml"
    [finding] = _found(asked, "shadowed", lines=lines_of(path))
    assert [path.read_text().splitlines()[line - 1] for line in finding.lines] == ["- id: tighter", "- id: tight"]
