"""A rule table: conditions, the outcome of each, and which of those that hold decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentic_assets.agents.rules.wording import Wording
from agentic_assets.language import Amount, Condition
from agentic_assets.versions import Pin, of_json

__all__ = [
    "ABSTAIN",
    "FIRST",
    "HIT_POLICIES",
    "MATCH",
    "ON_NULL",
    "PRIORITY",
    "SKIP",
    "UNIQUE",
    "Outcome",
    "RuleTable",
    "TableRule",
]

FIRST, UNIQUE, PRIORITY = "first", "unique", "priority"
HIT_POLICIES = (FIRST, UNIQUE, PRIORITY)
"""first: the first rule that holds; unique: at most one may hold; priority: of those that hold, the highest."""

ABSTAIN, SKIP, MATCH = "abstain", "skip", "match"
ON_NULL = (ABSTAIN, SKIP, MATCH)
"""What a condition that is neither true nor false does: end in no action, count as false, count as true."""


@dataclass(frozen=True)
class Outcome:
    """What is proposed: an action, its figures (those that are not there are 0), and a reason in words."""

    action: str
    figures: Mapping[str, Amount]
    reason: Wording

    @property
    def content(self) -> list[object]:
        """What the file says of it."""
        return [self.action, {name: amount.text for name, amount in self.figures.items()}, self.reason.text]


@dataclass(frozen=True)
class TableRule:
    """One rule; `priority` counts under the hit policy of that name only."""

    id: str
    when: Condition
    outcome: Outcome
    on_null: str = ABSTAIN
    priority: int = 0


@dataclass(frozen=True)
class RuleTable:
    """The rules of one version of an agent, in the order in which they are looked at.

    `otherwise` is the outcome where no rule holds. Under `first` and `priority`, a rule whose condition is null stands
    for all after it: whether they may decide is not known. Under `unique` it does so for the whole table.
    """

    agent: str
    hit_policy: str
    rules: tuple[TableRule, ...]
    otherwise: Outcome

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcome of each rule, then the one where none holds."""
        return (*(rule.outcome for rule in self.rules), self.otherwise)

    @property
    def pin(self) -> Pin:
        """Pin what the table says; the layout of the file and its comments do not count."""
        name, _, version = self.agent.partition("@")
        rules = [[rule.id, rule.when.text, rule.on_null, rule.priority, rule.outcome.content] for rule in self.rules]
        return Pin("rules", name, version, of_json([self.hit_policy, rules, self.otherwise.content]))
