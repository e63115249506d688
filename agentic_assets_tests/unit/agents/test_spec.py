"""Specs: what a good one says, and how a bad one is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from agentic_assets.agents import FailureMode, Figure, load_spec
from agentic_assets.errors import ConfigInvalid
from agentic_assets.language import Type


def _write(folder: Path, **changed: Any) -> Path:
    content: dict[str, Any] = {
        "name": "sentinel",
        "version": "1.2.0",
        "kind": "model",
        "owner": "yard-operations",
        "author": "r.stone",
        "purpose": "Stop machines before they break.",
        "responsibilities": ["propose an inspection", "propose a stop"],
        "input": {"feature_set": "readings@1.0.0", "entity": "machine_id"},
        "actions": ["none", "inspect", "stop"],
        "output": {"score_bp": "the risk of a failure", "cost_cents": {"means": "lost work", "at_most": 500}},
        "decision_boundaries": ["never proposes to start a machine"],
        "failure_modes": [{"when": "no model serves", "then": "abstains"}],
        "risk_tier": "high",
        "review_by": "2014-06-30",
        "phase": "canary",
        "parameters": {"stop_from_bp": 4500, "region": "east", "careful": True},
        **changed,
    }
    path = folder / "sentinel.agent.yaml"
    path.write_text(
        yaml.safe_dump({key: value for key, value in content.items() if value is not None}, sort_keys=False)
    )
    return path


def test_a_spec_says_who_answers_what_is_read_and_what_may_be_proposed(tmp_path: Path) -> None:
    spec = load_spec(_write(tmp_path))
    assert (spec.id, spec.kind, spec.owner, spec.risk_tier) == ("sentinel@1.2.0", "model", "yard-operations", "high")
    assert (spec.feature_set, spec.entity) == ("readings@1.0.0", "machine_id")
    assert spec.actions == ("none", "inspect", "stop")
    assert spec.failure_modes == (FailureMode("no model serves", "abstains"),)
    assert spec.review_by == date(2014, 6, 30)
    assert spec.integer("stop_from_bp") == 4500


def test_a_spec_says_what_its_figures_mean_and_those_that_it_does_not_name_are_zero(tmp_path: Path) -> None:
    spec = load_spec(_write(tmp_path))
    assert spec.output == {"score_bp": Figure("the risk of a failure", 10_000), "cost_cents": Figure("lost work", 500)}
    assert [spec.at_most(name) for name in ("score_bp", "cost_cents", "benefit_cents")] == [10_000, 500, 0]


def test_a_spec_says_which_columns_it_reads_and_what_it_bids_for(tmp_path: Path) -> None:
    spec = load_spec(_write(tmp_path, input={**_INPUT, "columns": {"heat": "number"}}, resources={"bay": "stop"}))
    assert (dict(spec.columns), dict(spec.resources), spec.phase) == ({"heat": Type.NUMBER}, {"bay": "stop"}, "canary")


@pytest.mark.parametrize(("day", "lapsed"), [(date(2014, 6, 30), False), (date(2014, 7, 1), True)])
def test_a_review_has_lapsed_after_its_day_by_the_day_that_is_decided(tmp_path: Path, day: date, lapsed: bool) -> None:
    said = load_spec(_write(tmp_path)).review_lapsed(day)
    told = "agent sentinel@1.2.0 was to be reviewed by 2014-06-30, and 2014-07-01 is past that"
    assert said == (told if lapsed else None)


def test_a_spec_needs_no_parameters(tmp_path: Path) -> None:
    assert load_spec(_write(tmp_path, parameters=None)).parameters == {}


def test_the_pin_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    path = _write(tmp_path)
    pin = load_spec(path).pin
    assert (pin.kind, pin.name, pin.version) == ("agent", "sentinel", "1.2.0")
    path.write_text("# a comment\n\n" + path.read_text())
    assert load_spec(path).pin == pin


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": "another"},
        {"parameters": {"stop_from_bp": 4501}},
        {"failure_modes": [{"when": "no model serves", "then": "guesses"}]},
        {"review_by": "2014-07-01"},
        {"actions": ["none", "stop", "inspect"]},
        {"author": "another"},
        {"phase": "live"},
        {"output": {"score_bp": "the risk of a failure", "cost_cents": {"means": "lost work", "at_most": 501}}},
        {"resources": {"bay": "stop"}},
        {"input": {"feature_set": "readings@1.0.0", "entity": "machine_id", "columns": {"heat": "number"}}},
    ],
)
def test_any_change_of_content_gives_another_pin(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert load_spec(_write(tmp_path)).pin.digest != load_spec(_write(tmp_path, **changed)).pin.digest


@pytest.mark.parametrize("parameter", ["nothing", "region", "careful"])
def test_a_parameter_that_is_no_whole_number_is_refused_by_name(tmp_path: Path, parameter: str) -> None:
    with pytest.raises(ConfigInvalid, match=f"agent sentinel@1.2.0: the parameter `{parameter}` is"):
        load_spec(_write(tmp_path)).integer(parameter)


_INPUT = {"feature_set": "readings@1.0.0", "entity": "machine_id"}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"name": None}, "the file has no `name`"),
        ({"name": "Sentinel"}, "`name` is 'Sentinel'"),
        ({"version": 1}, "`version` is 1, not text"),
        ({"version": "1.2"}, "`version` is '1.2'"),
        ({"version": "1.02.0"}, "`version` is '1.02.0'"),
        ({"kind": "oracle"}, "`kind` is 'oracle'"),
        ({"owner": " "}, "`owner` is ' ', not text"),
        ({"pupose": "x"}, "unknown key `pupose` in the file"),
        ({"responsibilities": []}, "`responsibilities` is [], not a list of texts"),
        ({"responsibilities": ["a", 2]}, "`responsibilities` is ['a', 2], not a list of texts"),
        ({"input": "readings"}, "`input` is 'readings', not a mapping"),
        ({"input": {"feature_set": "readings", "entity": "m"}}, "`feature_set` is 'readings'"),
        ({"input": {"feature_set": "readings@1.0.0"}}, "input has no `entity`"),
        ({"input": {"feature_set": "readings@1.0.0", "entity": "m", "x": 1}}, "unknown key `x` in input"),
        ({"actions": ["stop"]}, "`actions` lacks 'none'"),
        ({"actions": ["none", "none"]}, "`actions` names 'none' twice"),
        ({"failure_modes": []}, "the spec has no `failure_modes`"),
        ({"failure_modes": [{"when": "x"}]}, "failure_modes[0] has no `then`"),
        ({"risk_tier": "extreme"}, "`risk_tier` is 'extreme'"),
        ({"author": None}, "the file has no `author`"),
        ({"phase": None}, "the file has no `phase`"),
        ({"phase": "trial"}, "`phase` is 'trial'"),
        ({"review_by": "20140630"}, "`review_by` is '20140630', not a date"),
        ({"output": None}, "the file has no `output`"),
        ({"output": {}}, "`output` names no figure"),
        ({"output": {"profit_cents": "x"}}, "unknown key `profit_cents` in output"),
        ({"output": {"score_bp": ""}}, "`score_bp` is '', not text"),
        ({"output": {"score_bp": {"at_most": 5}}}, "output.score_bp has no `means`"),
        ({"output": {"score_bp": {"means": "x", "at_most": 10_001}}}, "`at_most` is 10001"),
        ({"output": {"score_bp": {"means": "x", "at_most": 0}}}, "`at_most` is 0"),
        ({"input": {**_INPUT, "columns": {}}}, "`columns` names none"),
        ({"input": {**_INPUT, "columns": {"heat": "double"}}}, "`heat` is 'double'"),
        ({"input": {**_INPUT, "columns": {"machine_id": "string"}}}, "the column `machine_id` is the entity"),
        ({"input": {**_INPUT, "columns": {"region": "string"}}}, "`region` is a column and a parameter"),
        ({"input": {**_INPUT, "columns": {"a b": "string"}}}, "the column 'a b' has no plain name"),
        ({"resources": {"bay": "fly"}}, "`bay` is 'fly'"),
        ({"resources": {"bay": "none"}}, "the action none cannot take `bay`"),
        ({"resources": {"bay": "stop", "crew": "stop"}}, "the action stop cannot take `crew`"),
        ({"failure_modes": 0}, "`failure_modes` is 0, not a list of mappings"),
        ({"review_by": "soon"}, "`review_by` is 'soon', not a date"),
        ({"parameters": {"a": 0.5}}, "the parameter `a` is 0.5"),
        ({"parameters": {"a": None}}, "the parameter `a` is None"),
        ({"parameters": {"a": [1]}}, "the parameter `a` is [1]"),
        ({"parameters": {"A b": 1}}, "the parameter 'A b' has no plain name"),
    ],
)
def test_a_spec_that_cannot_be_meant_is_refused_with_file_and_line(
    tmp_path: Path, changed: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        load_spec(_write(tmp_path, **changed))
    assert what in refused.value.what
    assert refused.value.what.startswith("sentinel.agent.yaml:")
    assert refused.value.hint


def test_a_misspelt_key_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="did you mean `purpose`"):
        load_spec(_write(tmp_path, pupose="x"))


def test_a_repeated_key_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path)
    path.write_text(path.read_text() + "owner: another\n")
    with pytest.raises(ConfigInvalid, match="the key `owner` stands twice"):
        load_spec(path)
