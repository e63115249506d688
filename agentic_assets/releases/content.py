"""What each version says that others rely on, as plain JSON values: no words for people, nothing of the library."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, Final

from agentic_assets.agents import Spec
from agentic_assets.agents.llm import Prompt, Recordings
from agentic_assets.agents.rules.table import RuleTable
from agentic_assets.contracts import Contract
from agentic_assets.features import FeatureSet
from agentic_assets.features.card import card
from agentic_assets.features.digest import said
from agentic_assets.models import Recipe
from agentic_assets.policy import RuleSet
from agentic_assets.versions import of_json

__all__ = ["VERSIONED", "content_of", "without_words"]

VERSIONED: Final = (Contract, FeatureSet, Prompt, Recipe, Recordings, RuleSet, RuleTable, Spec)
"""What has a version, or a digest, of its own."""

_DIGITS: Final = 12
AGENT_WORDS: Final = frozenset({"purpose", "responsibilities", "decision_boundaries", "failure_modes", "author"})
"""What people read of an agent; its owner and risk tier are no words: policies ask for them."""
ROLLOUT: Final = frozenset({"phase", "review_by"})
"""What an agent's spec says of its rollout, which is told apart."""
_CONTRACT_WORDS: Final = frozenset(
    {
        *("authoritativeDefinitions", "businessImpact", "businessName", "contractCreatedTs", "criticalDataElement"),
        *("dataGranularityDescription", "dataProduct", "description", "dimension", "examples", "kind", "price"),
        *("support", "tags", "team", "tenant", "transformDescription", "version"),
    }
)


@singledispatch
def content_of(value: Any) -> dict[str, Any]:
    """Tell what a version says; TypeError for what has none."""
    raise TypeError(f"{type(value).__name__} has no version")


@content_of.register
def _(value: Contract) -> dict[str, Any]:
    told = without_words(value.said)
    return {**without(told, "name", "schema"), "table": told["schema"][0]}


@content_of.register
def _(value: FeatureSet) -> dict[str, Any]:
    told = without(card(value), "name", "version", "digest", "description")
    told["features"] = [without(feature, "description") for feature in told["features"]]
    return {**told, "definition": of_json(said(value))}


@content_of.register
def _(value: Recipe) -> dict[str, Any]:
    return value.content


@content_of.register
def _(value: Spec) -> dict[str, Any]:
    return without(value.content, "name", "version", *AGENT_WORDS, *ROLLOUT)


@content_of.register
def _(value: RuleTable) -> dict[str, Any]:
    rules = [
        {"id": rule.id, "when": rule.when.text, "on_null": rule.on_null, "priority": rule.priority}
        | dict(zip(("action", "figures", "reason"), rule.outcome.content, strict=True))
        for rule in value.rules
    ]
    otherwise = dict(zip(("action", "figures", "reason"), value.otherwise.content, strict=True))
    return {"hit_policy": value.hit_policy, "rules": rules, "otherwise": otherwise}


@content_of.register
def _(value: Prompt) -> dict[str, Any]:
    shown = [[example.asked, example.text] for example in value.examples]
    return {
        "model": value.model,
        "settings": dict(value.settings),
        "instructions": _short(value.instructions),
        "template": value.template,
        "actions": list(value.actions),
        "examples": _short(shown),
        "definition": value.pin.digest,
    }


@content_of.register
def _(value: Recordings) -> dict[str, Any]:
    return {"answers": len(value), "definition": value.digest}


@content_of.register
def _(value: RuleSet) -> dict[str, Any]:
    told: dict[str, Any] = {
        "actions": list(value.actions),
        "reads": dict(value.reads),
        "rules": [
            _given(id=rule.id, when=rule.when.text, verdict=str(rule.verdict), to=rule.to, on_null=rule.fires_on_null)
            for rule in value.rules
        ],
        "quotas": [
            _given(
                id=quota.id,
                action=quota.action,
                limit=quota.limit,
                per=list(quota.per),
                order_by=list(quota.order_by),
                verdict=str(quota.verdict),
                to=quota.to,
            )
            for quota in value.quotas
        ],
        "resources": [
            _given(
                id=each.id,
                action=each.action,
                capacity=each.capacity,
                per=list(each.per),
                utility=each.utility.text,
                settle=f"{each.settle.mode} after {each.settle.commit_after_minutes} min",
                verdict=str(each.verdict),
                to=each.to,
            )
            for each in value.resources
        ],
    }
    if value.escalation is not None:
        told["escalation"] = {
            "role": value.escalation.role,
            "within_minutes": value.escalation.within_minutes,
            "on_expiry": str(value.escalation.on_expiry),
        }
    if value.authorization is not None:
        told["authorization"] = _short(value.authorization.digest)
    if value.breaker is not None:
        told["breaker"] = _given(**value.breaker.content)
    return told


def without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Leave out keys."""
    return {key: held for key, held in value.items() if key not in keys}


def without_words(value: Any) -> Any:
    """Leave out what only people read of a contract, at any depth, and what is null."""
    if isinstance(value, Mapping):
        kept = {key: without_words(held) for key, held in value.items() if key not in _CONTRACT_WORDS}
        return {key: held for key, held in kept.items() if held is not None}
    if isinstance(value, list | tuple):
        return [without_words(held) for held in value]
    return value


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _short(value: Any) -> str:
    return of_json(value)[:_DIGITS]
