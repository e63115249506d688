"""A model that answers from recordings: it asks the model behind it, if there is one, only what is not recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings

from agentic_assets.agents.llm.recordings import Recording, Recordings
from agentic_assets.agents.llm.request import request_key
from agentic_assets.errors import ModelRefused

if TYPE_CHECKING:
    from agentic_assets.agents.llm.prompt import Prompt

__all__ = ["KEY", "Missing", "ReplayModel"]

KEY = "recording"
"""Where a response says the key under which it is recorded: in its `provider_details`."""

_PROFILE = ModelProfile(supports_json_schema_output=True)


class Missing(ModelRefused):
    """Nobody recorded the answer to a request, and no model may be asked."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no answer is recorded under {key[:12]}", hint="record it: `agentic agent record`")
        self.key = key


class ReplayModel(WrapperModel):
    """Answer each request from its recording; a miss raises Missing, or asks `live` and hands `keep` the recording."""

    def __init__(
        self,
        prompt: Prompt,
        recordings: Recordings,
        *,
        live: Model | None = None,
        keep: Callable[[Recording], None] | None = None,
    ) -> None:
        super().__init__(_Nobody(prompt.model) if live is None else live)
        self._prompt, self._recordings, self._live, self._keep = prompt, recordings, live, keep

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Give the recorded response; it carries no time and no id of this run."""
        settings: Mapping[str, Any] = dict(model_settings or {})
        key = request_key(self._prompt.model, messages, settings, model_request_parameters)
        recording = self._recordings.get(key)
        if recording is None:
            if self._live is None:
                raise Missing(key)
            response = await self._live.request(messages, model_settings, model_request_parameters)
            # What is handed on is what a replay will give, never the response itself: both must be read alike.
            recording = Recording(key, self._prompt.model, self._prompt.id, _asked(messages), _said(response))
            if self._keep is not None:
                self._keep(recording)
        return _response(recording)


class _Nobody(Model):
    """Stand where a model would: it has the pinned name, and cannot be asked."""

    def __init__(self, name: str) -> None:
        super().__init__(profile=_PROFILE)
        self._system, _, self._name = name.partition(":")

    @property
    def model_name(self) -> str:
        return self._name

    @property
    def system(self) -> str:
        return self._system

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        raise ModelRefused("no model may be asked in a replay", hint="record the answers: `agentic agent record`")


def _said(response: ModelResponse) -> tuple[Mapping[str, Any], ...]:
    """Keep what the model said; its thoughts are left out, since no answer rests on them."""
    said: list[Mapping[str, Any]] = []
    for part in response.parts:
        if isinstance(part, TextPart):
            said.append({"text": part.content})
        elif isinstance(part, ToolCallPart):
            said.append({"tool": part.tool_name, "args": part.args_as_json_str()})
        elif not isinstance(part, ThinkingPart):
            raise ModelRefused(
                f"the model answered with a part of kind {part.part_kind[:40]!r}, which cannot be recorded",
                hint="ask for text or for a call of a tool",
            )
    return tuple(said)


def _response(recording: Recording) -> ModelResponse:
    parts: list[TextPart | ToolCallPart] = []
    for index, part in enumerate(recording.response):
        if "tool" in part:
            # Derived, not drawn: a replay must send the same ids back as the run before it did.
            call_id = f"{recording.key[:16]}-{index}"
            parts.append(ToolCallPart(str(part["tool"]), part.get("args"), tool_call_id=call_id))
        else:
            parts.append(TextPart(str(part.get("text", ""))))
    return ModelResponse(parts=parts, model_name=recording.model, provider_details={KEY: recording.key})


def _asked(messages: list[ModelMessage]) -> str:
    """Give the words of the last question, for people who review recordings."""
    texts = [
        part.content for part in messages[-1].parts if part.part_kind == "user-prompt" and isinstance(part.content, str)
    ]
    return "\n".join(texts)
