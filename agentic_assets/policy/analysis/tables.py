"""Analyse the rule table of an agent as policies are: which of its rules can decide, and where they meet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from agentic_assets.agents.rules import FIRST, UNIQUE, RuleTable, TableRule
from agentic_assets.agents.rules.table import MATCH, SKIP
from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.language import Type
from agentic_assets.policy.analysis.asking import LIMIT, State
from agentic_assets.policy.analysis.claims import Row
from agentic_assets.policy.analysis.facts import Facts
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.rules import about_rule
from agentic_assets.policy.analysis.study import Study, same_outcome
from agentic_assets.policy.ruleset import Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["analyse_table"]

_NOTHING: Facts = MappingProxyType({})
_PROPOSED: Final = "action"
_REST: Final = "\x1f"


def analyse_table(
    table: RuleTable,
    columns: Mapping[str, Type],
    facts: Facts = _NOTHING,
    lines: Mapping[str, int] = MappingProxyType({}),
    *,
    limit: int = LIMIT,
    probing: bool = True,
) -> tuple[Finding, ...]:
    """Find what is wrong, doubtful or worth knowing in a rule table over these columns; see `analyse`.

    Under the hit policy `unique`, two rules that can hold of one row are an error: the table would be refused there.
    """
    ruleset = _as_policy(table, columns)
    study = Study(
        ruleset,
        {name: told for name, told in facts.items() if name != _PROPOSED},
        lines,
        limit=limit,
        probing=probing,
        wording=lambda entry: (entry.to or "").partition(_REST)[0],
        first=(),
    )
    if _PROPOSED in columns:
        question = f"the table reads a column `{_PROPOSED}`, which stands for the proposal here;"
        return (study.undecided([], question),)
    found: list[Finding] = []
    for place in range(len(ruleset.rules)):
        found += about_rule(study, place, behind=table.hit_policy != UNIQUE)
        found += _meeting(study, place, table.hit_policy)
    found += _otherwise(study, table)
    study.confirm()
    return tuple(
        replace(one, row={name: value for name, value in one.row.items() if name != _PROPOSED}) if one.row else one
        for one in found
    )


def _as_policy(table: RuleTable, columns: Mapping[str, Type]) -> RuleSet:
    """Say the table as rules of which the first decides; its outcomes stand for actions that are put in place."""
    name, _, version = table.agent.partition("@")
    return RuleSet(
        name=name,
        version=version,
        owner="",
        purpose="",
        actions=(NO_ACTION, *dict.fromkeys(_outcome(rule) for rule in table.rules)),
        reads=MappingProxyType({**columns, _PROPOSED: Type.STRING}),
        rules=tuple(
            Rule(rule.id, rule.when, Verdict.TRANSFORM, "", _outcome(rule), _takes_null(rule, table.hit_policy))
            for rule in table.rules
        ),
    )


def _outcome(rule: TableRule) -> str:
    figures = {name: amount.text for name, amount in sorted(rule.outcome.figures.items())}
    return f"{rule.outcome.action}{_REST}{json.dumps(figures)}"


def _takes_null(rule: TableRule, hit_policy: str) -> bool:
    # Whoever abstains on null keeps all after it from deciding; under `unique` it ends in nothing by itself.
    return rule.on_null == MATCH if hit_policy == UNIQUE else rule.on_null != SKIP


def _meeting(study: Study, place: int, hit_policy: str) -> list[Finding]:
    """Find later rules that hold of rows of which this one holds."""
    rules = study.ruleset.rules
    first = rules[place]
    met: list[tuple[Rule, Row]] = []
    found: list[Finding] = []
    mine = study.claims.fires(place) if hit_policy == UNIQUE else study.claims.wins(place)
    for later in range(place + 1, len(rules)):
        if hit_policy != UNIQUE and same_outcome(first, rules[later]):
            continue
        answer = study.promised.ask(mine & study.claims.fires(later))
        if answer.row is not None:
            met.append((rules[later], answer.row))
        elif answer.state is State.UNDECIDED:
            question = f"do {study.named(first)} and {study.named(rules[later])} overlap?"
            found.append(study.undecided([first, rules[later]], question))
    if not met:
        return found
    second, row = met[0]
    listed = ", ".join(study.named(rule) for rule, _ in met[:8]) + (", ..." if len(met) > 8 else "")
    entries = [first, *(rule for rule, _ in met)]
    if hit_policy == UNIQUE:
        message = f"{study.named(first)} and {listed} can hold of one row, e.g. {study.told(row, first, second)}"
        hint = "the hit policy is `unique`, such a batch is refused: make them exclusive, or name another hit policy"
        return [*found, study.finding("overlap", "error", entries, message, hint, row)]
    message = f"{study.named(first)} decides rows that {listed} would decide otherwise, e.g. "
    hint = f"nothing to do: the hit policy is `{hit_policy}`"
    return [*found, study.finding("overlap", "note", entries, message + study.told(row, first, second), hint, row)]


def _otherwise(study: Study, table: RuleTable) -> list[Finding]:
    """Say what is left for `otherwise`."""
    answer = study.promised.ask(study.claims.wins(None))
    if answer.row is not None:
        example = study.told(answer.row, *study.ruleset.rules)
        message = f"no rule holds of some rows: `otherwise` decides ({table.otherwise.action}), e.g. {example}"
        return [
            study.finding("gap", "note", [], message, "make sure that this is meant", answer.row, section="otherwise")
        ]
    if answer.state is State.UNDECIDED:
        return [study.undecided([], "is there a row of which no rule holds?")]
    message = "`otherwise` never decides: the rules cover every row, or abstain where they see a null"
    hint = "nothing to do, if that is meant" if table.hit_policy == FIRST else "nothing to do"
    return [study.finding("shadowed", "note", [], message, hint, section="otherwise")]
