"""The JSON Schemas of specs and rule tables say what their readers read, no more and no less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agentic_assets.agents import load_spec
from agentic_assets.agents.rules import load_rules
from agentic_assets.agents.schema import prompt_schema, rules_schema, spec_schema
from agentic_assets.contracts.odcs.document import read as parsed
from agentic_assets.domains import departures
from agentic_assets_tests.unit.agents.rules.cases import rule, spec, table
from agentic_assets_tests.unit.agents.schema_laws import compared, keys_of, keys_read


def _written(folder: Path) -> Path:
    spec(folder, resources={"bay": "stop"})
    return folder / "sentinel.agent.yaml"


def _ranked(folder: Path) -> Path:
    spec(folder)
    figures: dict[str, Any] = {"score_bp": 1, "confidence_bp": 2, "benefit_cents": "tight", "cost_cents": 3}
    rules = (
        rule("a", "slack < 3", "stop", priority=1, on_null="skip", **figures),
        rule("b", "running", "none", priority=2),
    )
    return table(folder, *rules, hit_policy="priority")


def test_the_schema_of_a_spec_has_the_keys_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _written(tmp_path)
    read = keys_read(lambda: load_spec(path), monkeypatch)
    declared = dict(keys_of(spec_schema()))
    for figure in ("score_bp", "confidence_bp", "cost_cents"):
        # One figure of the case stands as a mapping, and all are read alike.
        assert declared.pop(f"output.{figure}") == read["output.benefit_cents"]
    assert declared == read


def test_the_schema_of_a_table_has_the_keys_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, declared = _ranked(tmp_path), load_spec(tmp_path / "sentinel.agent.yaml")
    assert keys_read(lambda: load_rules(path, declared), monkeypatch) == dict(keys_of(rules_schema()))


def test_what_the_schema_of_a_spec_refuses_is_what_the_reader_refuses(tmp_path: Path) -> None:
    """But for what a schema cannot say: that two places of a file agree."""
    by_schema, by_reader = compared(_written(tmp_path), spec_schema(), load_spec)
    assert by_schema == []
    assert by_reader == ["actions.[]: dropped", "actions.[]: 'x'", "resources.bay: 'x'"]


def test_what_the_schema_of_a_table_refuses_is_what_the_reader_refuses(tmp_path: Path) -> None:
    """But for what stands in other files, what is written in the language of expressions, and one id twice."""
    path, declared = _ranked(tmp_path), load_spec(tmp_path / "sentinel.agent.yaml")
    by_schema, by_reader = compared(path, rules_schema(), lambda changed: load_rules(changed, declared))
    assert by_schema == []
    figures = ("score_bp", "confidence_bp", "benefit_cents", "cost_cents")
    expressions = {f"rules.[].then.{name}: '{word}'" for name in figures for word in ("x", "none")}
    conditions = {"rules.[].when: 'x'", "rules.[].when: 'none'"}
    assert set(by_reader) == expressions | conditions | {"rules.[].then.action: 'x'", "otherwise.action: 'x'"}


def test_the_files_of_the_domain_are_valid() -> None:
    files = {"*.agent.yaml": spec_schema(), "*.rules.yaml": rules_schema(), "*.prompt.yaml": prompt_schema()}
    for pattern, schema in files.items():
        found = sorted(Path(departures.__file__).parent.glob(pattern))
        assert found
        for path in found:
            jsonschema.Draft202012Validator(schema).validate(parsed(path, path.name).value)


def test_the_schemas_are_valid_schemas() -> None:
    for schema in (spec_schema(), rules_schema(), prompt_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)
