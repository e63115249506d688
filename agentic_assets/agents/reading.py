"""Read an agent's spec from YAML: every key checked, each fault with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from agentic_assets.agents.declaration import NAME, VERSION, Declaration, read_declaration
from agentic_assets.agents.spec import (
    FIGURES,
    KINDS,
    NO_ACTION,
    PHASES,
    RISK_TIERS,
    FailureMode,
    Figure,
    Parameter,
    Spec,
)
from agentic_assets.errors import ConfigInvalid
from agentic_assets.language import Type

__all__ = ["KEYS", "SET", "load_spec"]

SET = re.compile(rf"{NAME.pattern}@{VERSION.pattern}")

KEYS = (
    "name",
    "version",
    "kind",
    "owner",
    "author",
    "purpose",
    "responsibilities",
    "input",
    "actions",
    "output",
    "resources",
    "decision_boundaries",
    "failure_modes",
    "risk_tier",
    "review_by",
    "phase",
    "parameters",
)


def load_spec(path: Path) -> Spec:
    """Read and check an agent's spec in YAML; raises ConfigInvalid with file, line and field."""
    file = read_declaration(path, ConfigInvalid)
    file.only(*KEYS)
    source = file.section("input")
    source.only("feature_set", "entity", "columns")
    actions = file.texts("actions")
    if NO_ACTION not in actions:
        file.refuse("actions", f"`actions` lacks {NO_ACTION!r}", "an agent must be able to do nothing")
    modes = tuple(_failure_mode(item) for item in file.sections("failure_modes"))
    if not modes:
        file.refuse(None, "the spec has no `failure_modes`", "say what can go wrong, and what happens then")
    entity, parameters = source.text("entity", NAME), _parameters(file)
    return Spec(
        name=file.text("name", NAME),
        version=file.text("version", VERSION),
        kind=file.choice("kind", KINDS),
        owner=file.text("owner"),
        author=file.text("author"),
        purpose=file.text("purpose"),
        responsibilities=file.texts("responsibilities"),
        feature_set=source.text("feature_set", SET),
        entity=entity,
        columns=_columns(source, entity, parameters),
        actions=actions,
        output=_output(file.section("output")),
        resources=_resources(file, actions),
        decision_boundaries=file.texts("decision_boundaries"),
        failure_modes=modes,
        risk_tier=file.choice("risk_tier", RISK_TIERS),
        review_by=file.day("review_by"),
        phase=file.choice("phase", PHASES),
        parameters=parameters,
    )


def _failure_mode(item: Declaration) -> FailureMode:
    item.only("when", "then")
    return FailureMode(item.text("when"), item.text("then"))


def _columns(source: Declaration, entity: str, parameters: Mapping[str, Parameter]) -> Mapping[str, Type]:
    if not source.has("columns"):
        return MappingProxyType({})
    section = source.section("columns")
    if not section.value:
        source.refuse("columns", "`columns` names none", "leave it out to read the whole set")
    read: dict[str, Type] = {}
    for name in section.value:
        _refuse_unplain(section, name, "column")
        if name == entity:
            section.refuse(name, f"the column `{name}` is the entity", "it is there anyway")
        if name in parameters:
            section.refuse(name, f"`{name}` is a column and a parameter", "give one of the two another name")
        read[name] = Type(section.choice(name, [type_.value for type_ in Type]))
    return MappingProxyType(dict(sorted(read.items())))


def _output(section: Declaration) -> Mapping[str, Figure]:
    section.only(*FIGURES)
    if not section.value:
        section.refuse(None, "`output` names no figure", f"say what the figures mean: {', '.join(FIGURES)}")
    figures = {}
    for name in section.value:
        if not isinstance(section.value[name], dict):
            figures[name] = Figure(section.text(name), FIGURES[name])
            continue
        said = section.section(name)
        said.only("means", "at_most")
        most = said.integer("at_most", minimum=1) if said.has("at_most") else FIGURES[name]
        if most > FIGURES[name]:
            said.refuse("at_most", f"`at_most` is {most}", f"`{name}` is at most {FIGURES[name]}")
        figures[name] = Figure(said.text("means"), most)
    return MappingProxyType({name: figures[name] for name in FIGURES if name in figures})


def _resources(file: Declaration, actions: tuple[str, ...]) -> Mapping[str, str]:
    if not file.has("resources"):
        return MappingProxyType({})
    section = file.section("resources")
    taken: dict[str, str] = {}
    for name in section.value:
        _refuse_unplain(section, name, "resource")
        action = section.choice(name, actions)
        if action == NO_ACTION or action in taken.values():
            section.refuse(name, f"the action {action} cannot take `{name}`", "one action takes one resource, or none")
        taken[name] = action
    return MappingProxyType(dict(sorted(taken.items())))


def _parameters(file: Declaration) -> Mapping[str, Parameter]:
    if not file.has("parameters"):
        return MappingProxyType({})
    section = file.section("parameters")
    for name, value in section.value.items():
        _refuse_unplain(section, name, "parameter")
        if not isinstance(value, int | str):
            hint = "write basis points or cents instead of a fraction" if isinstance(value, float) else "write a value"
            section.refuse(name, f"the parameter `{name}` is {value!r:.60}", hint)
    return MappingProxyType(dict(sorted(section.value.items())))


def _refuse_unplain(section: Declaration, name: str, what: str) -> None:
    if not NAME.fullmatch(name):
        section.refuse(name, f"the {what} {name[:60]!r} has no plain name", f"it must match {NAME.pattern}")
