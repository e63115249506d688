"""A prompt as declared: which model is asked, with which settings, in which words, and what an answer looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from agentic_assets.agents.declaration import NAME, VERSION, Declaration, read_declaration
from agentic_assets.agents.llm.request import pairs_of
from agentic_assets.errors import ConfigInvalid, ModelRefused
from agentic_assets.versions import Pin, of_json
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["MODEL", "SETTINGS", "Example", "Prompt", "load_prompt"]

SETTINGS: Final = ("max_tokens", "seed", "temperature", "top_p")
_KEYS: Final = ("name", "version", "model", "settings", "instructions", "template", "output", "examples")
# The provider, the model, and for a model on this machine the first digits of its file's SHA-256.
MODEL: Final = re.compile(r"[a-z][a-z0-9-]*:[\w./:-]+(@[0-9a-f]{12,64})?")
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LONGEST: Final = 8_000


@dataclass(frozen=True)
class Example:
    """A turn shown to the model before the question: what was asked, and a good answer."""

    asked: str
    answer: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The answer as the model should have written it, its fields in their declared order."""
        import json

        return json.dumps(dict(self.answer), ensure_ascii=False)


@dataclass(frozen=True)
class Prompt:
    """One version of a prompt; `template` holds columns in braces, `output` is a JSON Schema of an object.

    A pydantic model gives such a schema by `model_json_schema()`; forbid extra fields and bound the length of `reason`.
    """

    name: str
    version: str
    model: str
    settings: Mapping[str, int | float]
    instructions: str
    template: str
    output: Mapping[str, Any]
    examples: tuple[Example, ...] = ()

    @property
    def id(self) -> str:
        """Name and version, e.g. station_brief@1.0.0."""
        return f"{self.name}@{self.version}"

    @cached_property
    def pin(self) -> Pin:
        """Pin everything that shapes an answer: model, settings, words, examples and the schema of the output."""
        content = {
            "model": self.model,
            "settings": dict(self.settings),
            "instructions": self.instructions,
            "template": self.template,
            # The order of the fields is the order in which a model writes them, so it counts.
            "output": pairs_of(self.output),
            "examples": [[example.asked, example.text] for example in self.examples],
        }
        return Pin("prompt", self.name, self.version, of_json(content))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the template reads, in the order of their first use."""
        return tuple(dict.fromkeys(_PLACE.findall(self.template)))

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that an answer may name."""
        return tuple(self.output["properties"]["action"]["enum"])

    def render(self, situations: pl.DataFrame) -> pl.Series:
        """Write the prompt of each row: a String series `prompt`, in their order; null reads `unknown`.

        Values are put in once and never read as a template again. Raises ModelRefused when a column is missing or a
        text is longer than 8,000 characters.
        """
        missing = [name for name in self.columns if name not in situations.columns]
        if missing:
            raise ModelRefused(
                f"prompt {self.id} reads {', '.join(missing[:5])}, which the situations do not have",
                hint=f"there are {', '.join(situations.columns[:12])}",
            )
        parts = [
            pl.col(piece).cast(pl.String).fill_null("unknown") if place else pl.lit(piece)
            for place, piece in _pieces(self.template)
        ]
        texts = situations.select(pl.concat_str(parts).alias("prompt") if parts else pl.lit("").alias("prompt"))
        found = texts.get_column("prompt")
        if not self.columns:
            found = found.new_from_index(0, situations.height)
        longest = found.str.len_chars().max()
        if isinstance(longest, int) and longest > _LONGEST:
            raise ModelRefused(
                f"prompt {self.id} becomes {longest:,} characters long",
                hint=f"at most {_LONGEST:,}: put fewer or coarser columns into the template",
            )
        return found


def load_prompt(path: Path) -> Prompt:
    """Read and check a prompt in YAML; raises ConfigInvalid with file, line and field."""
    file = read_declaration(path, ConfigInvalid)
    file.only(*_KEYS)
    output = _output(file.section("output"))
    return Prompt(
        name=file.text("name", NAME),
        version=file.text("version", VERSION),
        model=file.text("model", MODEL),
        settings=_settings(file),
        instructions=file.text("instructions"),
        template=file.text("template"),
        output=output,
        examples=tuple(_example(item, output) for item in file.sections("examples")),
    )


def _pieces(template: str) -> Sequence[tuple[bool, str]]:
    """Cut a template into literal text (False) and column names (True)."""
    cut = _PLACE.split(template)
    return [(bool(index % 2), piece) for index, piece in enumerate(cut) if piece]


def _settings(file: Declaration) -> dict[str, int | float]:
    section = file.section("settings")
    section.only(*SETTINGS)
    for name, value in section.value.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            section.refuse(name, f"`{name}` is {value!r:.60}, not a number", "write a number")
    if "max_tokens" not in section.value:
        section.refuse(None, "`settings` has no `max_tokens`", "say how long an answer may become")
    return dict(sorted(section.value.items()))


def _output(section: Declaration) -> dict[str, Any]:
    """Check the schema of the answer: an object with `action` out of a list and a `reason` of bounded length."""
    schema: dict[str, Any] = section.value
    wrong = _fault_of_schema(schema)
    if wrong is not None:
        section.refuse(None, f"`output` is no JSON Schema: {wrong[:160]}", "see json-schema.org")
    if "$ref" in canonical_json(schema):
        section.refuse(None, "`output` refers to another schema", "write it out")
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        section.refuse(None, "`output` takes any field", "write `type: object` and `additionalProperties: false`")
    fields = section.section("properties")
    fields.only("action", "reason", "confidence")
    action, reason = fields.section("action"), fields.section("reason")
    action.texts("enum")
    reason.integer("maxLength", minimum=1)
    if set(section.texts("required")) != set(fields.value):
        section.refuse("required", "`required` is not all of the fields", "an answer that leaves one out says less")
    return schema


def _fault_of_schema(schema: dict[str, Any]) -> str | None:
    import jsonschema_rs

    if "$schema" not in schema and jsonschema_rs.meta.is_valid(schema):
        return None
    import jsonschema  # slow to import, and good at saying what is wrong

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return str(error.message)
    return None


def _fault_of_answer(answer: Mapping[str, Any], output: Mapping[str, Any]) -> str | None:
    import jsonschema_rs

    if jsonschema_rs.Draft202012Validator(dict(output)).is_valid(answer):
        return None
    import jsonschema

    wrong = next(jsonschema.Draft202012Validator(output).iter_errors(answer), None)
    return None if wrong is None else str(wrong.message)


def _example(item: Declaration, output: Mapping[str, Any]) -> Example:
    item.only("asked", "answer")
    answer = item.section("answer").value
    wrong = _fault_of_answer(answer, output)
    if wrong is not None:
        item.refuse("answer", f"the example is not what `output` asks for: {wrong[:120]}", "show a good answer")
    return Example(item.text("asked"), {name: answer[name] for name in output["properties"]})
