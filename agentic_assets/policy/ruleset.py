"""A policy: rules of which the first that matches wins, then resources, then quotas, and who decides an escalation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentic_assets.agents.spec import Spec
from agentic_assets.errors import PolicyInvalid
from agentic_assets.language.condition import Condition
from agentic_assets.language.terms import Type
from agentic_assets.policy.authorization import Asked, Authorization
from agentic_assets.policy.breaker import Breaker
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.verdict import Verdict
from agentic_assets.versions import Pin, of_json

__all__ = ["Escalation", "Quota", "Rule", "RuleSet"]


@dataclass(frozen=True)
class Rule:
    """One guardrail: when the condition holds of a proposal and its context, then the verdict.

    `to` is the action that a transform puts in place. `fires_on_null` says what a null condition means.
    """

    id: str
    when: Condition
    verdict: Verdict
    message: str
    to: str | None = None
    fires_on_null: bool = False

    def fires(self, condition: bool | None) -> bool:
        """Whether it fires where its condition was this."""
        return self.fires_on_null if condition is None else condition


@dataclass(frozen=True)
class Quota:
    """At most `limit` of an action for each value of `per`, granted in the order of `order_by`; then `verdict`.

    Only rows that would take the action count. Rows that are equal in `order_by` are taken by their entity.
    """

    id: str
    action: str
    limit: int
    per: tuple[str, ...]
    order_by: tuple[str, ...]
    verdict: Verdict
    message: str
    to: str | None = None


@dataclass(frozen=True)
class Escalation:
    """Who decides an escalated proposal, within how many minutes, and which verdict stands when nobody did."""

    role: str
    within_minutes: int
    on_expiry: Verdict


@dataclass(frozen=True)
class RuleSet:
    """One version of a policy. The hit policy within `rules` is `first`.

    What they leave competes for the `resources`; `quotas` come last; both in their order.
    """

    name: str
    version: str
    owner: str
    purpose: str
    actions: tuple[str, ...]
    reads: Mapping[str, Type]
    rules: tuple[Rule, ...]
    quotas: tuple[Quota, ...] = ()
    escalation: Escalation | None = None
    authorization: Authorization | None = None
    resources: tuple[Resource, ...] = ()
    breaker: Breaker | None = None

    @property
    def id(self) -> str:
        """Name and version, e.g. departures@1.0.0."""
        return f"{self.name}@{self.version}"

    @property
    def entries(self) -> tuple[Rule | Resource | Quota, ...]:
        """Rules, then resources, then quotas: the bits of `fired`, from the lowest."""
        return (*self.rules, *self.limits)

    @property
    def limits(self) -> tuple[Resource | Quota, ...]:
        """Resources, then quotas: what other rows may take from a row after the rules, in the order of asking."""
        return (*self.resources, *self.quotas)

    @property
    def guardrails(self) -> RuleSet:
        """The policy with its rules only: what a proposal must pass before it may bid for anything."""
        return replace(self, resources=(), quotas=())

    @property
    def pin(self) -> Pin:
        """Pin what the policy says; the layout of the file and its comments do not count."""
        rules = [
            [rule.id, rule.when.text, rule.verdict, rule.message, rule.to, rule.fires_on_null] for rule in self.rules
        ]
        quotas = [
            [quota.id, quota.action, quota.limit, quota.per, quota.order_by, quota.verdict, quota.message, quota.to]
            for quota in self.quotas
        ]
        escalation = self.escalation and [
            self.escalation.role,
            self.escalation.within_minutes,
            self.escalation.on_expiry,
        ]
        content = {
            "owner": self.owner,
            "purpose": self.purpose,
            "actions": self.actions,
            "reads": dict(self.reads),
            "hit_policy": "first",
            "rules": rules,
            "quotas": quotas,
            "escalation": escalation,
        }
        if self.authorization is not None:
            content["authorization"] = self.authorization.digest
        if self.resources:
            content["resources"] = [resource.content for resource in self.resources]
        if self.breaker is not None:
            content["breaker"] = self.breaker.content
        return Pin("policy", self.name, self.version, of_json(content))

    def asked(self, spec: Spec) -> Asked | None:
        """Give whom the policy's authorization is asked about; None under a policy that does not ask."""
        return None if self.authorization is None else Asked(self.authorization, spec)

    def told(self, agent: Asked | None) -> Asked:
        """Give the agent that proposes; PolicyInvalid where it was not told, or is asked about another policy."""
        if agent is None or agent.authorization != self.authorization:
            raise PolicyInvalid(
                f"policy {self.id} asks whether an agent may act, and was not told which agent proposes",
                hint="give `agent=ruleset.asked(spec)`",
            )
        return agent

    def fired_ids(self, fired: int) -> tuple[str, ...]:
        """Name the rules, resources and quotas of a mask."""
        return tuple(entry.id for bit, entry in enumerate(self.entries) if fired >> bit & 1)
