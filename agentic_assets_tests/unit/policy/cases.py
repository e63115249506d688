"""A small policy in YAML, with a way to change it, and proposals to judge by it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from agentic_assets.policy import RuleSet, load_ruleset

__all__ = ["policy", "proposals", "quota", "rule", "write"]


def rule(name: str, when: str, verdict: str, **then: Any) -> dict[str, Any]:
    """Give one rule as it stands in a file; `on_null` may be among the rest."""
    on_null = {"on_null": then.pop("on_null")} if "on_null" in then else {}
    return {"id": name, "when": when, "then": {"verdict": verdict, "message": f"{name} fired", **then}, **on_null}


def quota(name: str, action: str, limit: int, verdict: str, **over: Any) -> dict[str, Any]:
    """Give one quota as it stands in a file."""
    return {
        "id": name,
        "action": action,
        "limit": limit,
        "per": ["origin", "day"],
        "order_by": ["minute", "entity"],
        "over": {"verdict": verdict, "message": f"{name} exceeded", **over},
    }


def write(folder: Path, **changed: Any) -> Path:
    """Write a policy file; a key changed to None is left out."""
    content: dict[str, Any] = {
        "name": "yard",
        "version": "1.0.0",
        "owner": "yard-operations",
        "purpose": "Keep the yard safe.",
        "hit_policy": "first",
        "actions": ["none", "notify", "standby"],
        "reads": {
            "action": "string",
            "entity": "string",
            "origin": "string",
            "day": "date",
            "minute": "integer",
            "score": "number",
            "late": "boolean",
        },
        "rules": [rule("late", "late", "warn")],
        "quotas": [],
        "escalation": {"role": "yard_master", "within_minutes": 30, "on_expiry": "deny"},
        **changed,
    }
    path = folder / "policy.yaml"
    path.write_text(
        yaml.safe_dump({key: value for key, value in content.items() if value is not None}, sort_keys=False)
    )
    return path


def policy(folder: Path, *rules: dict[str, Any], quotas: tuple[dict[str, Any], ...] = (), **changed: Any) -> RuleSet:
    """Load a policy of these rules and quotas."""
    return load_ruleset(write(folder, rules=list(rules), quotas=list(quotas), **changed))


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity": pl.String,
    "action": pl.String,
    "origin": pl.String,
    "day": pl.Date,
    "minute": pl.Int32,
    "score": pl.Float64,
    "late": pl.Boolean,
}


def proposals(*rows: dict[str, Any]) -> pl.DataFrame:
    """Give proposals; what a row leaves out has a default, and the entity is its place."""
    default = {"action": "standby", "origin": "EWR", "day": date(2013, 2, 8), "score": 0.5, "late": False}
    full = [{"entity": f"e{place:03d}", "minute": place, **default, **row} for place, row in enumerate(rows)]
    return pl.DataFrame(full, schema=_SCHEMA)
