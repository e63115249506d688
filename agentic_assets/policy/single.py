"""Judge one proposal at a time, as events arrive: the same verdicts as in a batch, in microseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.authorization import Asked
from agentic_assets.policy.judging import AUTHORIZATION
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.ruleset import Quota, Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["Tally", "judge_one"]


@dataclass
class Tally:
    """How much of each quota is used up by now, by its group; one for each stream of events, kept by its reader."""

    used: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def take(self, quota: Quota, row: Mapping[str, Any]) -> bool:
        """Take one of a quota for a row; False where none is left."""
        group = (quota.id, *(row[name] for name in quota.per))
        used = self.used.get(group, 0)
        self.used[group] = used + 1
        return used < quota.limit


def judge_one(
    row: Mapping[str, Any],
    ruleset: RuleSet,
    tally: Tally,
    *,
    agent: Asked | None = None,
    granted: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """Give the values of JUDGED for one proposal beside its context, as `judge` gives them for its row of a batch.

    Rows must come in the order in which the quotas count them (`order_by`); `tally` remembers what they took.
    `granted` says of each resource whether the row holds a unit. Raises PolicyInvalid for a column that is missing, an
    unknown action, a resource that nobody settled, and a policy that authorizes without being told the agent.
    """
    _refuse(row, ruleset)
    proposed = row["action"]
    permitted, by = _permitted(row, proposed, ruleset, agent)
    fired, winner = _first_match(row, ruleset)
    taken = proposed if permitted else NO_ACTION
    if permitted and winner is not None:
        taken = NO_ACTION if winner.verdict.stops else winner.to or proposed
    named: Rule | Resource | Quota | None = winner
    for bit, entry in enumerate(ruleset.limits, start=len(ruleset.rules)):
        if taken != entry.action:
            continue
        free = tally.take(entry, row) if isinstance(entry, Quota) else _holds(entry, ruleset, granted)
        if free:
            continue
        fired |= 1 << bit
        if entry.verdict.stops:
            taken = NO_ACTION
        elif entry.to is not None:
            taken = entry.to
        if named is None or entry.verdict.severity >= named.verdict.severity:
            named = entry
    if taken not in (proposed, NO_ACTION):
        permitted, by = _permitted(row, taken, ruleset, agent)
        taken = taken if permitted else NO_ACTION
    verdict = Verdict.ALLOW if named is None else named.verdict
    return {
        "verdict": verdict.value if permitted else Verdict.DENY.value,
        "rule": (named.id if named else None) if permitted else AUTHORIZATION,
        "fired": fired,
        "effective_action": taken,
        "authorized_by": by,
    }


def _refuse(row: Mapping[str, Any], ruleset: RuleSet) -> None:
    missing = [name for name in ruleset.reads if name not in row]
    if missing:
        raise PolicyInvalid(
            f"policy {ruleset.id}: no column `{missing[0]}`", hint="give it in the context of the proposal"
        )
    if row["action"] not in ruleset.actions:
        raise PolicyInvalid(
            f"policy {ruleset.id}: the proposal takes an unknown action, {row['action']!r:.40}",
            hint=f"the actions are {', '.join(ruleset.actions)}",
        )


def _first_match(row: Mapping[str, Any], ruleset: RuleSet) -> tuple[int, Rule | None]:
    """Give the mask of all rules that fire, and the first that does."""
    fired, winner = 0, None
    for bit, rule in enumerate(ruleset.rules):
        if rule.fires(rule.when.test(row)):
            fired |= 1 << bit
            winner = winner or rule
    return fired, winner


def _permitted(row: Mapping[str, Any], action: str, ruleset: RuleSet, agent: Asked | None) -> tuple[bool, str | None]:
    if ruleset.authorization is None:
        return True, None
    answer = ruleset.told(agent).answer(action, row[ruleset.authorization.column])
    return answer.permitted, answer.by


def _holds(resource: Resource, ruleset: RuleSet, granted: Mapping[str, bool] | None) -> bool:
    if granted is None or resource.id not in granted:
        raise PolicyInvalid(
            f"policy {ruleset.id}, resource {resource.id}: nobody settled who gets a unit",
            hint="claim a lease first (`coordination`)",
        )
    return granted[resource.id]
