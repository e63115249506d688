"""Name what a model is asked by its content, so that the same question finds its recording in every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentic_assets.errors import ModelRefused
from agentic_assets.versions import of_json

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import ModelRequestParameters

__all__ = ["pairs_of", "request_key"]


def request_key(
    model: str, messages: Sequence[ModelMessage], settings: Mapping[str, Any], parameters: ModelRequestParameters
) -> str:
    """Digest (model, messages, settings, output schema): SHA-256, 64 hexadecimal digits.

    Only what a model reads counts: timestamps, run, conversation and call ids, usage and telemetry are left out. Raises
    ModelRefused for a part that is not text or a call of a tool: what cannot be named cannot be replayed.
    """
    return of_json(
        {
            "model": model,
            "messages": [_message(message) for message in messages],
            "settings": dict(settings),
            "output": _output(parameters),
            "tools": [_tool(tool) for tool in parameters.function_tools],
        }
    )


def pairs_of(value: Any) -> Any:
    """Give mappings as pairs: a model that is held to a schema writes the fields in its order."""
    if isinstance(value, Mapping):
        return [[key, pairs_of(item)] for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [pairs_of(item) for item in value]
    return value


def _message(message: ModelMessage) -> list[Any]:
    told = [message.kind, *(_part(part) for part in message.parts)]
    instructions = getattr(message, "instructions", None)
    return [*told, ["instructions", instructions]] if instructions else told


def _part(part: Any) -> list[Any]:
    kind = part.part_kind
    if kind in {"system-prompt", "user-prompt", "text"} and isinstance(part.content, str):
        return [kind, part.content]
    if kind == "tool-call":
        return [kind, part.tool_name, part.args_as_dict()]
    if kind == "tool-return":
        return [kind, part.tool_name, part.model_response_str()]
    if kind == "retry-prompt":
        return [kind, part.tool_name, part.model_response()]
    raise ModelRefused(
        f"a message holds a part of kind {str(kind)[:40]!r}, which cannot be recorded",
        hint="ask in text; pictures, files and thoughts have no digest here",
    )


def _output(parameters: ModelRequestParameters) -> list[Any]:
    schema = parameters.output_object.json_schema if parameters.output_object else None
    return [parameters.output_mode, pairs_of(schema), [_tool(tool) for tool in parameters.output_tools]]


def _tool(tool: Any) -> list[Any]:
    return [tool.name, tool.description, pairs_of(tool.parameters_json_schema)]
