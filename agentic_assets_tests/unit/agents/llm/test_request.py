"""The key of a request: what a model reads counts, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition

from agentic_assets.agents.llm.request import request_key
from agentic_assets.errors import ModelRefused
from agentic_assets_tests.unit.agents.llm.desk import OUTPUT

SETTINGS: dict[str, Any] = {"temperature": 0, "max_tokens": 50}


def _key(
    model: str = "function:rules",
    instructions: str = "Watch.",
    text: str = "It runs loudly.",
    settings: dict[str, Any] = SETTINGS,
    schema: dict[str, Any] = OUTPUT,
    mode: Any = "native",
    **said: Any,
) -> str:
    return request_key(model, _messages(instructions, text, **said), settings, _parameters(schema, mode))


def _messages(
    instructions: str, text: str, *, at: datetime | None = None, run: str = "r", call: str = "c"
) -> list[ModelMessage]:
    moment = at or datetime(2013, 1, 1, tzinfo=UTC)
    return [
        ModelRequest([UserPromptPart("Look.", timestamp=moment)], timestamp=moment, run_id=run, conversation_id=run),
        ModelResponse(
            [TextPart("I look."), ToolCallPart("look", {"at": "m1"}, tool_call_id=call)],
            timestamp=moment,
            run_id=run,
            provider_response_id=call,
            model_name=run,
        ),
        ModelRequest(
            [ToolReturnPart("look", "it shakes", tool_call_id=call, timestamp=moment), UserPromptPart(text)],
            instructions=instructions,
            run_id=run,
        ),
    ]


def _parameters(schema: dict[str, Any], mode: Any = "native") -> ModelRequestParameters:
    return ModelRequestParameters(output_mode=mode, output_object=OutputObjectDefinition(json_schema=schema))


@given(
    at=st.datetimes(timezones=st.just(UTC)), run=st.text(min_size=1, max_size=8), call=st.text(min_size=1, max_size=8)
)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_times_runs_and_calls_do_not_count(at: datetime, run: str, call: str) -> None:
    assert _key(at=at, run=run, call=call) == _key()


def test_the_order_of_the_settings_does_not_count() -> None:
    assert _key(settings=dict(reversed(SETTINGS.items()))) == _key()


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "function:other"},
        {"instructions": "Watch closely."},
        {"text": "It runs loudly!"},
        {"settings": {**SETTINGS, "temperature": 1}},
        {"settings": {"temperature": 0}},
        {"schema": {**OUTPUT, "required": ["action"]}},
        # A model that is held to a schema writes the fields in its order, and so thinks in it.
        {"schema": {**OUTPUT, "properties": dict(reversed(OUTPUT["properties"].items()))}},
        {"mode": "tool"},
    ],
)
def test_whatever_a_model_reads_counts(changed: dict[str, Any]) -> None:
    assert _key(**changed) != _key()


def test_what_cannot_be_named_is_refused() -> None:
    picture = UserPromptPart(["What is this?", BinaryContent(b"...", media_type="image/png")])
    with pytest.raises(ModelRefused, match="'user-prompt', which cannot be recorded"):
        request_key("function:rules", [ModelRequest([picture])], SETTINGS, _parameters(OUTPUT))
