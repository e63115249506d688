"""Prompts: what a good one says, how it is written out for rows, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from agentic_assets.agents.llm import load_prompt
from agentic_assets.agents.schema import prompt_schema
from agentic_assets.errors import ConfigInvalid, ModelRefused
from agentic_assets_tests.unit.agents.llm.desk import OUTPUT
from agentic_assets_tests.unit.agents.schema_laws import compared


def _write(folder: Path, **changed: Any) -> Path:
    content: dict[str, Any] = {
        "name": "sentinel",
        "version": "1.0.0",
        "model": "function:rules",
        "settings": {"temperature": 0, "max_tokens": 50},
        "instructions": "Watch the machines.",
        "template": "{machine} runs {noise}; {machine} again.",
        "output": OUTPUT,
        "examples": [{"asked": "It runs.", "answer": {"action": "none", "reason": "It runs."}}],
        **changed,
    }
    path = folder / "sentinel.prompt.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in content.items() if v is not None}, sort_keys=False))
    return path


def test_a_prompt_reads_the_columns_of_its_template_and_offers_the_actions_of_its_schema(tmp_path: Path) -> None:
    prompt = load_prompt(_write(tmp_path))
    assert prompt.columns == ("machine", "noise")
    assert prompt.actions == ("inspect", "none")


def test_an_example_answers_with_its_fields_in_the_order_of_the_schema(tmp_path: Path) -> None:
    (example,) = load_prompt(_write(tmp_path)).examples
    assert example.text == '{"reason": "It runs.", "action": "none"}'


def test_values_are_put_in_once_and_never_read_as_a_template(tmp_path: Path) -> None:
    frame = pl.DataFrame({"machine": ["{noise}", None], "noise": ["{machine}", "loudly"]})
    assert load_prompt(_write(tmp_path)).render(frame).to_list() == [
        "{noise} runs {machine}; {noise} again.",
        "unknown runs loudly; unknown again.",
    ]


def test_numbers_and_dates_are_written_out(tmp_path: Path) -> None:
    frame = pl.DataFrame({"machine": [7], "noise": [True]})
    assert load_prompt(_write(tmp_path)).render(frame).item() == "7 runs true; 7 again."


def test_a_template_without_columns_is_written_for_every_row(tmp_path: Path) -> None:
    prompt = load_prompt(_write(tmp_path, template="Speak."))
    assert prompt.render(pl.DataFrame({"machine": ["a", "b"]})).to_list() == ["Speak.", "Speak."]


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="reads noise"):
        load_prompt(_write(tmp_path)).render(pl.DataFrame({"machine": ["a"]}))


def test_an_endless_prompt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="characters long"):
        load_prompt(_write(tmp_path)).render(pl.DataFrame({"machine": ["a" * 5_000], "noise": [""]}))


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "function:other"},
        {"settings": {"temperature": 0, "max_tokens": 51}},
        {"instructions": "Watch."},
        {"template": "{machine} runs {noise}."},
        {"examples": None},
        {"output": {**OUTPUT, "properties": dict(reversed(OUTPUT["properties"].items()))}},
    ],
)
def test_the_pin_follows_whatever_shapes_an_answer(tmp_path: Path, changed: dict[str, Any]) -> None:
    pin = load_prompt(_write(tmp_path)).pin
    assert load_prompt(_write(tmp_path, **changed)).pin.digest != pin.digest


def test_the_pin_does_not_follow_the_layout_of_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path)
    pin = load_prompt(path).pin
    path.write_text("# a comment\n\n" + path.read_text())
    assert load_prompt(path).pin == pin


def _output(**changed: Any) -> dict[str, Any]:
    return {**OUTPUT, **changed}


_FIELDS = OUTPUT["properties"]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"model": "rules"}, "`model` is 'rules'"),
        ({"settings": {"max_tokens": "many"}}, "not a number"),
        ({"settings": {"temperature": 0}}, "has no `max_tokens`"),
        ({"settings": {"max_tokens": 5, "tools": 1}}, "unknown key `tools`"),
        ({"output": _output(type="array")}, "takes any field"),
        ({"output": _output(additionalProperties=True)}, "takes any field"),
        ({"output": _output(required=["action"])}, "is not all of the fields"),
        ({"output": _output(type="objekt")}, "no JSON Schema"),
        ({"output": _output(properties={"action": _FIELDS["action"]})}, "has no `reason`"),
        ({"output": _output(properties={**_FIELDS, "action": {"type": "string"}})}, "has no `enum`"),
        ({"output": _output(properties={**_FIELDS, "reason": {"type": "string"}})}, "has no `maxLength`"),
        ({"output": _output(properties={**_FIELDS, "reason": {"$ref": "https://example.org"}})}, "another schema"),
        ({"examples": [{"asked": "x", "answer": {"action": "fly", "reason": "r"}}]}, "not what `output` asks for"),
        ({"surprise": 1}, "unknown key `surprise`"),
        ({"instructions": None}, "has no `instructions`"),
    ],
)
def test_a_bad_prompt_is_refused_with_its_place(tmp_path: Path, changed: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"sentinel\.prompt\.yaml:\d+: ") as refused:
        load_prompt(_write(tmp_path, **changed))
    assert what in str(refused.value)


def test_whatever_is_written_in_a_prompt_is_read_or_refused_and_the_schema_refuses_nothing_that_is_read(
    tmp_path: Path,
) -> None:
    by_schema, _ = compared(_write(tmp_path), prompt_schema(), load_prompt)
    assert by_schema == []
