"""The JSON Schema of a policy, for editors."""

from __future__ import annotations

import re

from agentic_assets.agents.declaration import NAME, VERSION
from agentic_assets.agents.schema.shape import (
    Shape,
    choice,
    dependent,
    document,
    items,
    mapping,
    section,
    text,
    texts,
    whole,
)
from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.language import Type
from agentic_assets.policy.authorization.reading import FILE, RESOURCE
from agentic_assets.policy.breaker import WHOLE
from agentic_assets.policy.loading import HIT_POLICY
from agentic_assets.policy.resources import AWARD, LEASE
from agentic_assets.policy.verdict import ORDER, Verdict

__all__ = ["policy_schema"]


_ANY = re.compile(".*", re.DOTALL)


def policy_schema() -> Shape:
    """Give the schema of a policy file: what it refuses, `load_ruleset` refuses too."""
    reads = mapping(
        "The columns that rules may read, each with its type",
        # Any name that a frame may have: quote it in conditions where it is no plain word.
        _ANY,
        choice("What the column holds", [type_.value for type_ in Type]),
    )
    required = {
        "name": text("The policy's name", NAME),
        "version": text("Its version as 1.2.3: raise it whenever a verdict may change", VERSION),
        "owner": text("Who answers for it"),
        "purpose": text("What it is for"),
        "hit_policy": choice("Of the rules, the first that matches wins", (HIT_POLICY,)),
        "actions": texts("Every action that may be proposed; `none` does nothing", containing=NO_ACTION),
        "reads": {**reads, "properties": {"action": {"const": Type.STRING.value}}, "required": ["action"]},
    }
    may = {
        "rules": items("Guardrails: the first that matches gives the verdict", _rule()),
        "resources": items("What proposals compete for", _resource()),
        "quotas": items("How often an action may be taken", _quota()),
        "escalation": section(
            "Who decides what is escalated",
            {
                "role": text("The role that decides", NAME),
                "within_minutes": whole("How long it may take", 1),
                "on_expiry": choice("The verdict when nobody decided", [Verdict.DENY.value, Verdict.ALLOW.value]),
            },
        ),
        "authorization": section(
            "Which agent may take which action at all, by Cedar",
            {
                "policies": text("The file with the Cedar policies, beside this one", FILE),
                "resource": text("The entity type of what actions are done to", RESOURCE),
                "column": text("The column that names it", NAME),
            },
        ),
    }
    may["breaker"] = _breaker()
    return document("A policy", section("One version of a policy", required, may))


def _breaker() -> Shape:
    limits = {
        "error_rate_bp": _share("So many of the days may be refused or blocked, in basis points"),
        "stale_inputs": section(
            "For how many of the proposals the inputs may be stale",
            {
                "when": text("When they are: a condition over the columns of `reads`, in the subset of SQL"),
                "at_most_bp": _share("For so many, in basis points"),
            },
        ),
        "drift_incidents": whole("On so many days the features may be fed by data that broke", 0),
        "worse_than_legacy_bp": _share("By so much of its savings the agent may do worse than the rule before"),
    }
    shape = section(
        "What makes an agent fall back to the rule before, until a person resets it",
        {
            "window_days": whole("Judged over the newest so many days", 1),
            "at_least_days": whole("And not before so many of them are known", 1),
        },
        limits,
    )
    watched = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in limits]
    return dependent(shape, {"anyOf": watched})


def _share(description: str) -> Shape:
    return whole(description, 0, WHOLE)


def _rule() -> Shape:
    return section(
        "One rule",
        {
            "id": text("The rule's name", NAME),
            "when": text("A condition over the columns of `reads`, in the subset of SQL"),
            "then": _then("The verdict where it holds"),
        },
        {
            "on_null": choice(
                "What a null condition does; rules that deny or escalate fire by default", ("fire", "skip")
            )
        },
    )


def _quota() -> Shape:
    return section(
        "At most so many of an action for each value of some columns",
        {
            "id": text("The quota's name", NAME),
            "action": _acting(),
            "limit": whole("At most so many", 0),
            "per": texts("For each value of these columns"),
            "order_by": texts("Granted in the order of these columns"),
            "over": _then("The verdict past the limit"),
        },
    )


def _resource() -> Shape:
    settle = section(
        "How bids meet",
        {"by": choice("All at once, or as they come", (AWARD, LEASE))},
        {"commit_after_minutes": whole("Until when a lease can be lost to a higher bid", 0)},
    )
    leased = {
        "if": {"properties": {"by": {"const": LEASE}}},
        "then": {"required": ["commit_after_minutes"], "properties": {"commit_after_minutes": {"type": "integer"}}},
        "else": {"properties": {"commit_after_minutes": {"type": "null"}}},
    }
    return section(
        "At most so many units of an action, to those for whom one is worth most",
        {
            "id": text("The resource's name", NAME),
            "action": _acting(),
            "capacity": whole("So many units", 0),
            "per": texts("For each value of these columns"),
            "utility": text("What a unit is worth to a row, in cents: a whole amount over columns of integers"),
            "settle": dependent(settle, leased),
            "over": _then("The verdict for who gets none"),
        },
    )


def _acting() -> Shape:
    return {**text("The action, one of `actions`"), "not": {"const": NO_ACTION}}


def _then(description: str) -> Shape:
    shape = section(
        description,
        {
            "verdict": choice("What becomes of the proposal", [verdict.value for verdict in ORDER]),
            "message": text("Why, in words"),
        },
        {"to": text("The action that a transform puts in place")},
    )
    transforms = {
        "if": {"properties": {"verdict": {"const": Verdict.TRANSFORM.value}}},
        "then": {"required": ["to"], "properties": {"to": {"type": "string"}}},
        "else": {"properties": {"to": {"type": "null"}}},
    }
    return dependent(shape, transforms)
