"""Load a policy from YAML: every key checked, every condition parsed, before anything is judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from agentic_assets.agents.declaration import NAME, VERSION, Declaration, read_declaration
from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import PolicyInvalid
from agentic_assets.language.condition import parse_condition
from agentic_assets.language.terms import Column, Compare, Constant, OneOf, Term, Type, walk
from agentic_assets.policy.authorization.reading import read_authorization
from agentic_assets.policy.breaker import read_breaker
from agentic_assets.policy.resources import Resource, read_resource
from agentic_assets.policy.ruleset import Escalation, Quota, Rule, RuleSet
from agentic_assets.policy.verdict import ORDER, Verdict

__all__ = ["HIT_POLICY", "MAX_ENTRIES", "load_ruleset"]

HIT_POLICY = "first"
# `fired` is a mask in a signed 64-bit integer.
MAX_ENTRIES = 62


def load_ruleset(path: Path) -> RuleSet:
    """Read and compile a policy; raises PolicyInvalid with the file, line, rule, column and position of a fault."""
    file = read_declaration(path, PolicyInvalid)
    file.only(
        *("name", "version", "owner", "purpose", "hit_policy", "actions", "reads"),
        *("rules", "resources", "quotas", "escalation", "authorization", "breaker"),
    )
    name, version = file.text("name", NAME), file.text("version", VERSION)
    file.choice("hit_policy", (HIT_POLICY,))
    actions, reads = _actions(file), _reads(file.section("reads"))
    policy = f"policy {name}@{version}"
    rules = tuple(_rule(item, policy, actions, reads) for item in file.sections("rules"))
    resources = tuple(read_resource(item, policy, actions, reads, _then) for item in file.sections("resources"))
    quotas = tuple(_quota(item, actions, reads) for item in file.sections("quotas"))
    entries: list[Rule | Resource | Quota] = [*rules, *resources, *quotas]
    _refuse_ids(file, [entry.id for entry in entries])
    escalation = _escalation(file.section("escalation")) if file.has("escalation") else None
    escalating = [entry.id for entry in entries if entry.verdict is Verdict.ESCALATE]
    if escalating and escalation is None:
        file.refuse(None, f"`{escalating[0]}` escalates, but to nobody", "add `escalation:` with role and time limit")
    authorization = None
    if file.has("authorization"):
        section = file.section("authorization")
        authorization = read_authorization(section, path.parent, actions)
        if reads.get(authorization.column) is not Type.STRING:
            section.refuse("column", f"`reads` lacks `{authorization.column}: string`", "it names the resource")
    return RuleSet(
        name=name,
        version=version,
        owner=file.text("owner"),
        purpose=file.text("purpose"),
        actions=actions,
        reads=reads,
        rules=rules,
        quotas=quotas,
        escalation=escalation,
        authorization=authorization,
        resources=resources,
        breaker=read_breaker(file.section("breaker"), policy, reads) if file.has("breaker") else None,
    )


def _actions(file: Declaration) -> tuple[str, ...]:
    actions = file.texts("actions")
    if NO_ACTION not in actions:
        file.refuse("actions", f"`actions` lacks {NO_ACTION!r}", "what is denied or escalated takes no action")
    return actions


def _reads(section: Declaration) -> Mapping[str, Type]:
    reads = {column: Type(section.choice(column, [type_.value for type_ in Type])) for column in section.value}
    if reads.get("action") is not Type.STRING:
        section.refuse(None, "`reads` lacks `action: string`", "a policy judges proposed actions")
    return MappingProxyType(dict(sorted(reads.items())))


def _rule(item: Declaration, policy: str, actions: tuple[str, ...], reads: Mapping[str, Type]) -> Rule:
    item.only("id", "when", "then", "on_null")
    rule = item.text("id", NAME)
    where = f"{item.where('when')}: {policy}, rule {rule}"
    when = parse_condition(item.text("when"), reads, where=where)
    for word in _compared_with_action(when.term):
        if word not in actions:
            raise PolicyInvalid(
                f"{where}: `action` is compared with {word[:60]!r}", hint=f"the actions are {', '.join(actions)}"
            )
    verdict, to, message = _then(item.section("then"), actions)
    fires_on_null = verdict.fires_on_null
    if item.has("on_null"):
        fires_on_null = item.choice("on_null", ("fire", "skip")) == "fire"
        if fires_on_null and verdict is Verdict.ALLOW:
            item.refuse("on_null", f"rule {rule} would allow what is not known", "a rule that allows must skip a null")
    return Rule(rule, when, verdict, message, to, fires_on_null)


def _compared_with_action(term: Term) -> list[str]:
    words: list[str] = []
    for part in walk(term):
        match part:
            case Compare(left=Column(name="action"), right=Constant(value=str(word))):
                words.append(word)
            case Compare(left=Constant(value=str(word)), right=Column(name="action")):
                words.append(word)
            case OneOf(item=Column(name="action"), values=values):
                words.extend(word for word in values if isinstance(word, str))
    return words


def _quota(item: Declaration, actions: tuple[str, ...], reads: Mapping[str, Type]) -> Quota:
    item.only("id", "action", "limit", "per", "order_by", "over")
    quota = item.text("id", NAME)
    action = item.choice("action", actions)
    if action == NO_ACTION:
        item.refuse("action", f"quota {quota} limits the action that does nothing", "name another action")
    columns = {}
    for key in ("per", "order_by"):
        columns[key] = item.texts(key)
        for column in columns[key]:
            if column not in reads:
                item.refuse(key, f"quota {quota} names the unknown column `{column[:60]}`", "declare it under `reads`")
            if reads[column] is Type.NUMBER:
                item.refuse(key, f"quota {quota} ranks by the double `{column}`", "ranks must not hang on rounding")
    verdict, to, message = _then(item.section("over"), actions)
    if verdict is Verdict.ALLOW:
        item.refuse("over", f"quota {quota} allows what exceeds it", "warn, transform, escalate or deny")
    if to == action:
        item.refuse("over", f"quota {quota} transforms {action} to itself", "name another action")
    return Quota(
        id=quota,
        action=action,
        limit=item.integer("limit", minimum=0),
        per=columns["per"],
        order_by=columns["order_by"],
        verdict=verdict,
        message=message,
        to=to,
    )


def _then(section: Declaration, actions: tuple[str, ...]) -> tuple[Verdict, str | None, str]:
    section.only("verdict", "to", "message")
    verdict = Verdict(section.choice("verdict", [verdict.value for verdict in ORDER]))
    if verdict is Verdict.TRANSFORM:
        return verdict, section.choice("to", actions), section.text("message")
    if section.has("to"):
        section.refuse("to", f"`to` stands beside the verdict {verdict}", "only a transform changes the action")
    return verdict, None, section.text("message")


def _escalation(section: Declaration) -> Escalation:
    section.only("role", "within_minutes", "on_expiry")
    expiry = Verdict(section.choice("on_expiry", [Verdict.DENY.value, Verdict.ALLOW.value]))
    return Escalation(section.text("role", NAME), section.integer("within_minutes", minimum=1), expiry)


def _refuse_ids(file: Declaration, ids: list[str]) -> None:
    if not ids:
        file.refuse(None, "the policy has no rule, resource or quota", "add at least one under `rules`")
    if len(ids) > MAX_ENTRIES:
        file.refuse("rules", f"{len(ids)} rules, resources and quotas, {MAX_ENTRIES} are permitted", "split the policy")
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        file.refuse(
            "rules", f"the id `{twice[0]}` stands twice among rules, resources and quotas", "give each its own id"
        )
