"""What changed between two versions of an agent, and which version number that demands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentic_assets.agents import agent_changes, card
from agentic_assets.features.compatibility import demanded
from agentic_assets_tests.unit.agents.rules.cases import COLUMNS, spec

_INPUT = {"feature_set": "readings@1.0.0", "entity": "machine", "columns": COLUMNS}
_OUTPUT = {
    "score_bp": "the risk of a failure",
    "confidence_bp": "how sure it is",
    "benefit_cents": {"means": "the repair that is avoided", "at_most": 100_000},
    "cost_cents": "lost work",
}
_PARAMETERS = {"tight": 5, "home": "east", "careful": True, "stop_cents": 700}


def _without(mapping: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


@pytest.mark.parametrize(
    ("changed", "weight", "subject", "what"),
    [
        ({"name": "guard"}, "breaking", "name", "sentinel became guard: it is another agent"),
        ({"input": {**_INPUT, "feature_set": "readings@2.0.0"}}, "breaking", "feature_set", "is fed from another set"),
        ({"input": {**_INPUT, "entity": "part"}}, "breaking", "entity", "it decides about something else"),
        ({"input": {**_INPUT, "columns": {**COLUMNS, "age": "integer"}}}, "breaking", "age", "whoever feeds it must"),
        ({"input": {**_INPUT, "columns": {**COLUMNS, "heat": "integer"}}}, "breaking", "heat", "read as integer"),
        ({"input": {**_INPUT, "columns": _without(COLUMNS, "heat")}}, "compatible", "heat", "is not read any more"),
        ({"input": _without(_INPUT, "columns")}, "breaking", "columns", "it reads the whole set"),
        ({"actions": ["none", "inspect", "stop", "fly"]}, "breaking", "fly", "can be proposed, and could not"),
        ({"actions": ["none", "stop"]}, "values", "inspect", "is never proposed any more"),
        ({"output": {**_OUTPUT, "score_bp": "the wear"}}, "breaking", "score_bp", "and means `the wear`"),
        ({"output": _without(_OUTPUT, "cost_cents")}, "breaking", "cost_cents", "is always 0 now"),
        (
            {"output": {**_OUTPUT, "benefit_cents": {"means": "the repair that is avoided", "at_most": 100_001}}},
            "breaking",
            "benefit_cents",
            "was at most 100,000 and can be 100,001",
        ),
        (
            {"output": {**_OUTPUT, "benefit_cents": {"means": "the repair that is avoided", "at_most": 99_999}}},
            "values",
            "benefit_cents",
            "is at most 99,999",
        ),
        ({"resources": {"bay": "stop"}}, "values", "bay", "was bid for by nothing and is by stop"),
        ({"kind": "model"}, "values", "kind", "it proposes on other grounds"),
        ({"phase": "canary"}, "values", "phase", "it is born in canary, and was in shadow"),
        ({"parameters": {**_PARAMETERS, "tight": 6}}, "values", "tight", "the parameter was 5 and is 6"),
        ({"parameters": _without(_PARAMETERS, "home")}, "values", "home", "was 'east' and is not there"),
        ({"owner": "another"}, "words", "owner", "another owner answers for it"),
        ({"author": "another"}, "words", "author", "who may not validate it"),
        ({"purpose": "another"}, "words", "purpose", "in other words"),
        ({"responsibilities": ["another"]}, "words", "responsibilities", "in other words"),
        ({"decision_boundaries": ["another"]}, "words", "decision_boundaries", "in other words"),
        ({"failure_modes": [{"when": "a", "then": "b"}]}, "words", "failure_modes", "in other words"),
        ({"risk_tier": "high"}, "words", "risk_tier", "rated otherwise"),
        ({"review_by": "2015-01-01"}, "words", "review_by", "at another time"),
    ],
)
def test_every_change_is_told_with_its_weight(
    tmp_path: Path, changed: dict[str, Any], weight: str, subject: str, what: str
) -> None:
    (change,) = agent_changes(card(spec(tmp_path)), card(spec(tmp_path, **changed)))
    assert (change.weight, change.subject) == (weight, subject)
    assert what in change.what


def test_naming_columns_after_reading_the_whole_set_asks_for_less(tmp_path: Path) -> None:
    whole = card(spec(tmp_path, input=_without(_INPUT, "columns")))
    (change,) = agent_changes(whole, card(spec(tmp_path)))
    assert (change.weight, change.subject) == ("compatible", "columns")


def test_the_heaviest_change_stands_first_and_demands_the_version(tmp_path: Path) -> None:
    old = card(spec(tmp_path))
    new = card(spec(tmp_path, owner="another", actions=["none", "inspect", "stop", "fly"], phase="canary"))
    changes = agent_changes(old, new)
    assert [change.weight for change in changes] == ["breaking", "values", "words"]
    assert [demanded(changes[index:], "1.2.0") for index in (0, 1, 2)] == ["2.0.0", "1.3.0", "1.2.1"]


def test_an_agent_is_compatible_with_itself(tmp_path: Path) -> None:
    assert agent_changes(card(spec(tmp_path)), card(spec(tmp_path))) == ()
