"""Analyse a policy: every question about each rule, pair and quota, in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agentic_assets.policy.analysis.asking import LIMIT
from agentic_assets.policy.analysis.declared import unused
from agentic_assets.policy.analysis.facts import Facts
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.pairs import chains, gap, overlaps
from agentic_assets.policy.analysis.quotas import about_limit
from agentic_assets.policy.analysis.rules import about_rule
from agentic_assets.policy.analysis.study import Study
from agentic_assets.policy.ruleset import RuleSet

__all__ = ["analyse"]

_NOTHING: Facts = MappingProxyType({})


def analyse(
    ruleset: RuleSet,
    facts: Facts = _NOTHING,
    lines: Mapping[str, int] = MappingProxyType({}),
    *,
    limit: int = LIMIT,
    probing: bool = True,
) -> tuple[Finding, ...]:
    """Find what is wrong, doubtful or worth knowing in a policy; the same every time.

    `facts` is what contracts promise of its columns, `lines` where its rules stand. Every question may take `limit`
    steps of Z3; one that takes more is a finding `undecided`. Rows in findings were run on both backends. Numbers are
    taken as exact and finite by Z3, so that a proof about rules which compute (`Finding.exact` is False) can be wrong
    where doubles round; rows that round are tried besides, and what they show is told. Without `probing` only Z3 looks
    for rows.
    """
    study = Study(ruleset, facts, lines, limit=limit, probing=probing)
    found: list[Finding] = []
    for place in range(len(ruleset.rules)):
        found += about_rule(study, place)
        found += overlaps(study, place)
    for place in range(len(ruleset.limits)):
        found += about_limit(study, place)
    found += chains(study)
    found += unused(study)
    found += gap(study)
    study.confirm()
    return tuple(found)
