"""A prompt, an agent and a model that answers by rule, for tests; the model counts how often it is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.profiles import ModelProfile

from agentic_assets.agents import FailureMode, Spec
from agentic_assets.agents.llm import Example, LlmAgent, Prompt, Recordings

__all__ = ["OUTPUT", "PROMPT", "Model", "agent", "rows", "spec"]

OUTPUT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reason", "action"],
    "properties": {
        "reason": {"type": "string", "maxLength": 40},
        "action": {"type": "string", "enum": ["inspect", "none"]},
    },
}
PROMPT = Prompt(
    name="sentinel",
    version="1.0.0",
    model="function:rules",
    settings={"max_tokens": 50, "temperature": 0},
    instructions="Watch the machines.",
    template="It runs {noise}.",
    output=OUTPUT,
    examples=(Example("It runs smoothly.", {"reason": "It runs smoothly.", "action": "none"}),),
)


def spec(**changed: Any) -> Spec:
    """Give the spec of the agent `sentinel`."""
    fields: dict[str, Any] = {
        "name": "sentinel",
        "version": "1.0.0",
        "kind": "llm",
        "owner": "team",
        "purpose": "test",
        "responsibilities": ("test",),
        "feature_set": "readings@1.0.0",
        "entity": "machine",
        "actions": ("none", "inspect", "stop"),
        "decision_boundaries": ("test",),
        "failure_modes": (FailureMode("always", "never"),),
        "risk_tier": "low",
        "review_by": date(2014, 1, 1),
        "parameters": {"confidence_bp": 6_000, "inspect_cost_cents": 900},
    }
    return Spec(**fields | changed)


@dataclass
class Model:
    """Answer `inspect` to a loud machine; `says` gives other answers to some prompts, as raw text."""

    says: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def live(self) -> FunctionModel:
        """Give the model as pydantic-ai asks one."""
        return FunctionModel(self._answer, model_name="rules", profile=ModelProfile(supports_json_schema_output=True))

    def _answer(self, messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        text = str(getattr(messages[-1].parts[-1], "content", ""))
        self.asked.append(text)
        action = "inspect" if "loudly" in text else "none"
        said = self.says.get(text, json.dumps({"reason": f"It was said: {text}", "action": action}))
        return ModelResponse([TextPart(said)])


def agent(path: Path, **changed: Any) -> LlmAgent:
    """Give the agent that replays the recordings of a file."""
    fields: dict[str, Any] = {
        "spec": spec(),
        "prompt": PROMPT,
        "recordings": Recordings(path),
        "situate": lambda frame: frame,
    }
    return LlmAgent(**fields | changed)


def rows(*noises: str | None) -> pl.DataFrame:
    """Give one machine a noise."""
    return pl.DataFrame(
        {"machine": [f"m{index}" for index in range(len(noises))], "noise": list(noises)},
        schema={"machine": pl.String, "noise": pl.String},
    )
