"""An agent that asks a language model: it replays what was recorded, and proposes nothing where it may not believe."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agentic_assets.agents import PROPOSALS, propose, propose_one
from agentic_assets.agents.llm import Answer, Recordings, record
from agentic_assets.errors import ConfigInvalid, ModelRefused, PartitionRefused
from agentic_assets_tests.unit.agents.llm.desk import OUTPUT, PROMPT, Model, agent, rows, spec

NOISES = ("loudly", "softly", None, "loudly", "with a hiss")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the answers to all the noises."""
    path = tmp_path_factory.mktemp("recordings") / "sentinel.jsonl"
    record(PROMPT, agent(path).prompts(rows(*NOISES)).to_list(), Recordings(path), Model().live)
    return path


def _first(path: Path, noise: str) -> dict[str, object]:
    return propose(agent(path), rows(noise)).row(0, named=True)


def _say(tmp_path: Path, said: str) -> Path:
    path = tmp_path / "sentinel.jsonl"
    record(PROMPT, ["It runs oddly."], Recordings(path), Model({"It runs oddly.": said}).live)
    return path


def test_what_the_model_answered_is_proposed_with_the_figures_of_the_spec(recorded: Path) -> None:
    assert _first(recorded, "loudly") == {
        "entity": "m0",
        "action": "inspect",
        "score_bp": 0,
        "confidence_bp": 6_000,
        "benefit_cents": 0,
        "cost_cents": 900,
        "reason": "It was said: It runs loudly.",
    }


def test_a_batch_says_what_its_rows_say_one_by_one(recorded: Path) -> None:
    frame = rows(*NOISES)
    batch = propose(agent(recorded), frame)
    alone = [propose_one(agent(recorded), row, frame.schema) for row in frame.to_dicts()]
    assert batch.to_dicts() == alone


@given(order=st.permutations(range(len(NOISES))))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_order_of_the_rows_changes_no_proposal(recorded: Path, order: list[int]) -> None:
    frame = rows(*NOISES)
    shuffled = propose(agent(recorded), frame[order])
    assert shuffled.sort("entity").equals(propose(agent(recorded), frame))


def test_a_replay_opens_no_connection(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert propose(agent(recorded), rows("loudly")).get_column("action").to_list() == ["inspect"]


def test_a_replay_says_what_the_recording_run_said(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.jsonl"
    said = record(PROMPT, ["It runs loudly.", "It runs oddly."], Recordings(path), Model({"It runs oddly.": "x"}).live)
    assert said == [*agent(path).answers(rows("loudly")), *agent(path).answers(rows("oddly"))]


def test_each_distinct_prompt_is_asked_once_and_never_again(tmp_path: Path) -> None:
    path, model = tmp_path / "sentinel.jsonl", Model()
    texts = ["It runs loudly."] * 50 + ["It runs softly."] * 50
    record(PROMPT, texts, Recordings(path), model.live)
    record(PROMPT, texts, Recordings(path), model.live)
    assert model.asked == ["It runs loudly.", "It runs softly."]


def test_a_miss_proposes_nothing_says_why_and_touches_no_other_row(recorded: Path) -> None:
    made = propose(agent(recorded), rows("loudly", "like never before", "softly"))
    assert made.get_column("action").to_list() == ["inspect", "none", "none"]
    assert made.get_column("confidence_bp").to_list() == [6_000, 0, 6_000]
    assert "no answer of the model is recorded" in made.item(1, "reason")


def test_without_a_file_of_recordings_every_row_abstains(tmp_path: Path) -> None:
    made = propose(agent(tmp_path / "none.jsonl"), rows("loudly", "softly"))
    assert made.get_column("confidence_bp").to_list() == [0, 0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("I would inspect it.", "not the JSON object"),
        ('{"reason": "r"}', "'action' is a required property"),
        ('{"reason": "r", "action": "explode"}', "'explode' is not one of"),
        ('{"reason": "r", "action": "inspect", "also": 1}', "Additional properties"),
        (f'{{"reason": "{"r" * 41}", "action": "inspect"}}', "is too long"),
        ('{"reason": " \\n ", "action": "inspect"}', "it gives no reason"),
        ('{"reason": "It runs.<|im_end|>", "action": "inspect"}', "a mark of the model's own"),
        ('{"reason": "no answer of the model is recorded for this prompt (x)", "action": "none"}', "is too long"),
        ("", "not the JSON object"),
        ("[]", "not the JSON object"),
    ],
)
def test_an_answer_that_breaks_its_schema_is_a_recorded_refusal(tmp_path: Path, said: str, why: str) -> None:
    path = _say(tmp_path, said)
    assert len(Recordings(path)) == 1
    proposal = _first(path, "oddly")
    assert (proposal["action"], proposal["confidence_bp"], proposal["cost_cents"]) == ("none", 0, 0)
    assert why in str(proposal["reason"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"reason": 5, "action": "inspect", "confidence": 90}', "its reason is no text"),
        ('{"reason": null, "action": "inspect", "confidence": 90}', "its reason is no text"),
        ('{"reason": "r", "action": "inspect", "confidence": "90"}', "its confidence is '90'"),
        ('{"reason": "r", "action": "inspect", "confidence": NaN}', "its confidence is"),
        ('{"reason": "r", "action": "inspect", "confidence": null}', "its confidence is None"),
        ('{"reason": "r", "action": "inspect", "confidence": true}', "its confidence is True"),
        ('{"reason": "r", "action": "inspect", "confidence": -1}', "its confidence is -1"),
        ('{"reason": "r", "action": "inspect", "confidence": 1e300}', "its confidence is 1e+300"),
        ('{"reason": "r", "action": "inspect", "confidence": 100.001}', "its confidence is 100.001"),
    ],
)
def test_an_answer_under_a_schema_without_types_is_refused_where_it_is_no_text_or_no_number(
    tmp_path: Path, said: str, why: str
) -> None:
    untyped = {"reason": {"maxLength": 40}, "action": OUTPUT["properties"]["action"], "confidence": {}}
    output = {**OUTPUT, "required": list(untyped), "properties": untyped}
    prompt, path = replace(PROMPT, output=output, examples=()), tmp_path / "sentinel.jsonl"
    record(prompt, ["It runs oddly."], Recordings(path), Model({"It runs oddly.": said}).live)
    proposal = propose(agent(path, prompt=prompt), rows("oddly")).row(0, named=True)
    assert (proposal["action"], proposal["confidence_bp"]) == ("none", 0)
    assert why in proposal["reason"]


def test_an_objection_turns_an_answer_into_a_refusal(recorded: Path) -> None:
    def objection(asked: str, answer: Answer) -> str | None:
        return "it may not be loud" if "loudly" in asked and answer.action == "inspect" else None

    made = propose(agent(recorded, objection=objection), rows("loudly", "softly"))
    assert made.get_column("confidence_bp").to_list() == [0, 6_000]
    assert "it may not be loud" in made.item(0, "reason")


def test_control_characters_of_an_answer_do_not_reach_a_proposal(tmp_path: Path) -> None:
    path = _say(tmp_path, '{"reason": "bell\\u0007 and\\u001b[31m red", "action": "none"}')
    assert _first(path, "oddly")["reason"] == "bell and [31m red"


def test_a_prompt_with_an_action_that_the_spec_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="lets the model answer inspect"):
        agent(tmp_path / "x.jsonl", spec=spec(actions=("none", "stop")))


def test_another_schema_finds_no_recording(recorded: Path) -> None:
    output = {
        **PROMPT.output,
        "properties": {**PROMPT.output["properties"], "reason": {"type": "string", "maxLength": 39}},
    }
    made = propose(agent(recorded, prompt=replace(PROMPT, output=output)), rows("loudly"))
    assert made.item(0, "confidence_bp") == 0


def test_situations_must_be_one_a_row(recorded: Path) -> None:
    with pytest.raises(PartitionRefused, match="described 1 situations for 2 rows"):
        propose(agent(recorded, situate=lambda frame: frame.head(1)), rows("loudly", "softly"))


def test_no_rows_are_no_proposals(recorded: Path) -> None:
    made = propose(agent(recorded), rows())
    assert made.height == 0
    assert made.schema == PROPOSALS


def test_the_answer_can_be_declared_as_a_pydantic_model(tmp_path: Path) -> None:
    class Finding(BaseModel, extra="forbid"):
        reason: Annotated[str, Field(max_length=40)]
        confidence: Annotated[int, Field(ge=0, le=100)]
        action: Literal["inspect", "none"]

    prompt, path = replace(PROMPT, output=Finding.model_json_schema()), tmp_path / "sentinel.jsonl"
    said = '{"reason": "It hums.", "confidence": 87, "action": "inspect"}'
    record(prompt, ["It runs oddly."], Recordings(path), Model({"It runs oddly.": said}).live)
    made = propose(agent(path, prompt=prompt), rows("oddly")).row(0, named=True)
    assert (made["action"], made["confidence_bp"], made["reason"]) == ("inspect", 8_700, "It hums.")


def test_a_model_of_another_name_is_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.jsonl"
    with pytest.raises(ModelRefused, match="function:rules would be asked"):
        record(replace(PROMPT, model="function:other"), ["It runs."], Recordings(path), Model().live)
    assert not path.exists()


def test_an_answer_is_kept_although_a_later_one_fails(tmp_path: Path) -> None:
    path, model = tmp_path / "sentinel.jsonl", Model()

    def fail(_: object) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        record(PROMPT, ["a", "b"], Recordings(path), model.live, after=fail)
    assert [recording.asked for recording in Recordings(path)] == ["a"]


def test_an_agent_can_be_asked_inside_an_event_loop(recorded: Path) -> None:
    import asyncio

    async def within() -> pl.DataFrame:
        return propose(agent(recorded), rows("loudly"))

    assert asyncio.run(within()).item(0, "action") == "inspect"
