"""Load a rule table from YAML: every key checked and every expression parsed before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from agentic_assets.agents.declaration import NAME, Declaration, read_declaration
from agentic_assets.agents.reading import SET
from agentic_assets.agents.rules.table import (
    ABSTAIN,
    HIT_POLICIES,
    MATCH,
    ON_NULL,
    PRIORITY,
    Outcome,
    RuleTable,
    TableRule,
)
from agentic_assets.agents.rules.wording import read_wording
from agentic_assets.agents.spec import FIGURES, NO_ACTION, Spec
from agentic_assets.errors import ConfigInvalid, PolicyInvalid
from agentic_assets.language import (
    Amount,
    Condition,
    Type,
    columns_of,
    parse_amount,
    parse_condition,
    to_closure,
    to_expression,
)
from agentic_assets.language.binding import bind, type_of

__all__ = ["MAX_RULES", "load_rules"]

MAX_RULES = 64

Parsed = TypeVar("Parsed", Amount, Condition)


def load_rules(path: Path, spec: Spec) -> RuleTable:
    """Read the rule table of an agent; raises ConfigInvalid with the file, line, rule, column and position of a fault.

    Conditions and amounts may name the columns and the parameters of the spec. A figure must be one that the spec's
    output names; where it is the same for every row, it is held against the output's bounds at once.
    """
    file = read_declaration(path, ConfigInvalid)
    file.only("agent", "hit_policy", "rules", "otherwise")
    if spec.kind != "rules":
        file.refuse(None, f"agent {spec.id} is of the kind {spec.kind}, not rules", "write `kind: rules` in its spec")
    if not spec.columns:
        file.refuse(None, f"the spec of {spec.id} names no columns", "add `input.columns`: what rules may read, typed")
    if file.text("agent", SET) != spec.id:
        hint = f"write {spec.id}, or raise the version of the spec with the table"
        file.refuse("agent", f"the table is for {file.text('agent')}, and the spec is of {spec.id}", hint)
    hit_policy = file.choice("hit_policy", HIT_POLICIES)
    rules = tuple(_rule(item, spec, hit_policy) for item in file.sections("rules"))
    _refuse_rules(file, rules, hit_policy)
    if hit_policy == PRIORITY:
        rules = tuple(sorted(rules, key=lambda rule: -rule.priority))
    return RuleTable(spec.id, hit_policy, rules, _outcome(file.section("otherwise"), spec, "otherwise"))


def _rule(item: Declaration, spec: Spec, hit_policy: str) -> TableRule:
    item.only("id", "when", "then", "on_null", *(["priority"] if hit_policy == PRIORITY else []))
    name = item.text("id", NAME)
    when = _parsed(item, "when", item.text("when"), f"rule {name}", spec, parse_condition)
    outcome = _outcome(item.section("then"), spec, f"rule {name}")
    on_null = item.choice("on_null", ON_NULL) if item.has("on_null") else ABSTAIN
    if on_null == MATCH and outcome.action != NO_ACTION:
        item.refuse(
            "on_null", f"rule {name} would propose {outcome.action} where nothing is known", "only `none` may match"
        )
    return TableRule(
        id=name,
        when=when,
        outcome=outcome,
        on_null=on_null,
        priority=item.integer("priority", minimum=0) if hit_policy == PRIORITY else 0,
    )


def _outcome(section: Declaration, spec: Spec, whose: str) -> Outcome:
    section.only("action", *FIGURES, "reason")
    figures = {name: _figure(section, name, spec, whose) for name in FIGURES if section.has(name)}
    reason = section.text("reason")
    try:
        wording = read_wording(
            reason,
            {**_names(spec), spec.entity: Type.STRING},
            spec.parameters,
            lambda text: _parsed(section, "reason", text, f"{whose}, reason", spec, parse_amount),
        )
    except ValueError as error:
        section.refuse("reason", f"{whose}: {error}", "braces hold a column, a parameter or a whole amount")
    return Outcome(section.choice("action", spec.actions), MappingProxyType(figures), wording)


def _figure(section: Declaration, name: str, spec: Spec, whose: str) -> Amount:
    if name not in spec.output:
        section.refuse(
            name, f"{whose} gives `{name}`, which the spec's output does not name", "say what it means there"
        )
    given = section.value[name]
    text = section.text(name) if isinstance(given, str) else str(section.integer(name, minimum=0))
    amount = _parsed(section, name, text, f"{whose}, {name}", spec, parse_amount)
    if not amount.columns:
        value = amount.value({})
        if value is None or not 0 <= value <= spec.at_most(name):
            hint = f"the spec's output has it within 0 to {spec.at_most(name):,}"
            section.refuse(name, f"the `{name}` of {whose} is {value}", hint)
    return amount


def _names(spec: Spec) -> dict[str, Type]:
    return {**spec.columns, **{name: type_of(value) for name, value in spec.parameters.items()}}


def _parsed(item: Declaration, key: str, text: str, whose: str, spec: Spec, parse: Callable[..., Parsed]) -> Parsed:
    """Parse an expression over columns and parameters, and put the parameters' values in their places."""
    try:
        found = parse(text, _names(spec), where=f"{item.where(key)}: agent {spec.id}, {whose}")
    except PolicyInvalid as refused:
        raise ConfigInvalid(refused.what, hint=refused.hint) from refused
    return _bound(found, spec.parameters)


def _bound(found: Parsed, parameters: Mapping[str, int | str | bool]) -> Parsed:
    term = bind(found.term, parameters)
    return type(found)(found.text, term, columns_of(term), to_expression(term), to_closure(term))


def _refuse_rules(file: Declaration, rules: tuple[TableRule, ...], hit_policy: str) -> None:
    if not rules:
        file.refuse(None, "the table has no `rules`", "add at least one")
    if len(rules) > MAX_RULES:
        file.refuse("rules", f"{len(rules)} rules, {MAX_RULES} are permitted", "split the agent")
    ids, priorities = [rule.id for rule in rules], [rule.priority for rule in rules]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        file.refuse("rules", f"the id `{twice}` stands twice", "give each rule its own id")
    tied = next((rule for rule in rules if priorities.count(rule.priority) > 1), None)
    if hit_policy == PRIORITY and tied is not None:
        file.refuse("rules", f"two rules have the priority {tied.priority}, as `{tied.id}`", "give each its own")
