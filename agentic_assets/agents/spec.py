"""An agent's spec: who answers for it, what it reads, what it may propose, and what happens when it fails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from agentic_assets.agents.declaration import NAME, VERSION, Declaration, read_declaration
from agentic_assets.errors import ConfigInvalid
from agentic_assets.versions import Pin, of_json

__all__ = ["KINDS", "NO_ACTION", "RISK_TIERS", "FailureMode", "Spec", "load_spec"]

KINDS = ("model",)
RISK_TIERS = ("low", "medium", "high")
# The action that does nothing: every agent may propose it, and it is what remains of a denied or escalated proposal.
NO_ACTION = "none"

_SET = re.compile(rf"{NAME.pattern}@{VERSION.pattern}")
Parameter = int | str | bool


@dataclass(frozen=True)
class FailureMode:
    """Something that can go wrong, and what happens then."""

    when: str
    then: str


@dataclass(frozen=True)
class Spec:
    """One version of an agent as declared; parameters are whole numbers, texts and booleans (no floats)."""

    name: str
    version: str
    kind: str
    owner: str
    purpose: str
    responsibilities: tuple[str, ...]
    feature_set: str
    entity: str
    actions: tuple[str, ...]
    decision_boundaries: tuple[str, ...]
    failure_modes: tuple[FailureMode, ...]
    risk_tier: str
    review_by: date
    parameters: Mapping[str, Parameter]

    @property
    def id(self) -> str:
        """Name and version, e.g. delay_risk@1.0.0."""
        return f"{self.name}@{self.version}"

    @property
    def pin(self) -> Pin:
        """Pin the content of the declaration; the layout of the file and its comments do not count."""
        content = {name: getattr(self, name) for name in self.__dataclass_fields__}
        content |= {
            "failure_modes": [asdict(mode) for mode in self.failure_modes],
            "review_by": self.review_by.isoformat(),
            "parameters": dict(self.parameters),
        }
        return Pin("agent", self.name, self.version, of_json(content))

    def integer(self, parameter: str) -> int:
        """Give a parameter that must be a whole number; raises ConfigInvalid naming it."""
        value = self.parameters.get(parameter)
        if not isinstance(value, int) or isinstance(value, bool):
            known = ", ".join(sorted(self.parameters)) or "none"
            raise ConfigInvalid(
                f"agent {self.id}: the parameter `{parameter}` is {value!r}, not a whole number",
                hint=f"declare it under `parameters` of the spec; declared are {known}",
            )
        return value


def load_spec(path: Path) -> Spec:
    """Read and check an agent's spec in YAML; raises ConfigInvalid with file, line and field."""
    file = read_declaration(path, ConfigInvalid)
    file.only(*_KEYS)
    source = file.section("input")
    source.only("feature_set", "entity")
    actions = file.texts("actions")
    if NO_ACTION not in actions:
        file.refuse("actions", f"`actions` lacks {NO_ACTION!r}", "an agent must be able to do nothing")
    modes = tuple(_failure_mode(item) for item in file.sections("failure_modes"))
    if not modes:
        file.refuse(None, "the spec has no `failure_modes`", "say what can go wrong, and what happens then")
    return Spec(
        name=file.text("name", NAME),
        version=file.text("version", VERSION),
        kind=file.choice("kind", KINDS),
        owner=file.text("owner"),
        purpose=file.text("purpose"),
        responsibilities=file.texts("responsibilities"),
        feature_set=source.text("feature_set", _SET),
        entity=source.text("entity", NAME),
        actions=actions,
        decision_boundaries=file.texts("decision_boundaries"),
        failure_modes=modes,
        risk_tier=file.choice("risk_tier", RISK_TIERS),
        review_by=file.day("review_by"),
        parameters=_parameters(file),
    )


_KEYS = (
    "name",
    "version",
    "kind",
    "owner",
    "purpose",
    "responsibilities",
    "input",
    "actions",
    "decision_boundaries",
    "failure_modes",
    "risk_tier",
    "review_by",
    "parameters",
)


def _failure_mode(item: Declaration) -> FailureMode:
    item.only("when", "then")
    return FailureMode(item.text("when"), item.text("then"))


def _parameters(file: Declaration) -> Mapping[str, Parameter]:
    if not file.has("parameters"):
        return MappingProxyType({})
    section = file.section("parameters")
    for name, value in section.value.items():
        if not NAME.fullmatch(name):
            section.refuse(name, f"the parameter {name[:60]!r} has no plain name", f"it must match {NAME.pattern}")
        if not isinstance(value, int | str):
            hint = "write basis points or cents instead of a fraction" if isinstance(value, float) else "write a value"
            section.refuse(name, f"the parameter `{name}` is {value!r:.60}", hint)
    return MappingProxyType(dict(sorted(section.value.items())))
