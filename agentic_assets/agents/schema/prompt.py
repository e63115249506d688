"""The JSON Schema of a prompt, for editors."""

from __future__ import annotations

from agentic_assets.agents.declaration import NAME, VERSION
from agentic_assets.agents.llm.prompt import MODEL
from agentic_assets.agents.schema.shape import Shape, document, items, section, text, texts, whole

__all__ = ["prompt_schema"]


_SAID = {
    "temperature": "How much chance there is in an answer; 0 is none",
    "seed": "Where chance begins",
    "top_p": "The share of the likeliest words that are chosen from",
}


def prompt_schema() -> Shape:
    """Give the schema of a prompt: what it refuses, `load_prompt` refuses too; not all that is refused can be said."""
    action: Shape = {
        "type": "object",
        "required": ["enum"],
        "properties": {"enum": texts("The actions to choose from")},
    }
    reason: Shape = {
        "type": "object",
        "required": ["maxLength"],
        "properties": {"maxLength": whole("How many characters a reason may have", 1)},
    }
    output: Shape = {
        "description": "A JSON Schema of the answer, an object; a model writes the fields in their order",
        "type": "object",
        "required": ["type", "properties", "required", "additionalProperties"],
        "properties": {
            "type": {"const": "object"},
            "additionalProperties": {"const": False},
            "required": texts("All of the fields"),
            "properties": section(
                "The fields of the answer",
                {"action": action, "reason": reason},
                {"confidence": {"description": "How sure the model says it is, in percent", "type": "object"}},
            ),
        },
    }
    example = section(
        "A turn that the model is shown before the question",
        {"asked": text("What was asked"), "answer": {"description": "A good answer", "type": "object"}},
    )
    required = {
        "name": text("The prompt's name", NAME),
        "version": text("Its version; a changed prompt is another version, and is answered anew", VERSION),
        "model": text("The provider and its model; of one on this machine also how its digest begins", MODEL),
        "settings": section(
            "How the model is asked",
            {"max_tokens": {"description": "How long an answer may become, in tokens", "type": "number"}},
            {name: {"description": said, "type": "number"} for name, said in _SAID.items()},
        ),
        "instructions": text("What the model is told before anything else"),
        "template": text("The question; braces hold a column of the situation"),
        "output": output,
    }
    return document(
        "A language model's prompt",
        section("One version of a prompt", required, {"examples": items("Turns shown before", example)}),
    )
