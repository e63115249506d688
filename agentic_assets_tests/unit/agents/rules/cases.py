"""A small rule table in YAML with the spec that it answers to, and ways to change both."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from agentic_assets.agents import Spec, load_spec
from agentic_assets.agents.rules import RuleAgent, load_rules

__all__ = ["COLUMNS", "SCHEMA", "agent", "rows", "rule", "spec", "table"]

COLUMNS = {
    "slack": "integer",
    "heat": "number",
    "site": "string",
    "running": "boolean",
    "built": "date",
    "seen_at": "timestamp",
}
SCHEMA = pl.Schema(
    {
        "machine": pl.String(),
        "slack": pl.Int32(),
        "heat": pl.Float64(),
        "site": pl.String(),
        "running": pl.Boolean(),
        "built": pl.Date(),
        "seen_at": pl.Datetime("us", "UTC"),
    }
)
_ROW = {
    "slack": 10,
    "heat": 1.5,
    "site": "east",
    "running": True,
    "built": date(2013, 1, 1),
    "seen_at": datetime(2013, 2, 3, 4, 5, tzinfo=UTC),
}


def rule(name: str, when: str, action: str = "stop", **further: Any) -> dict[str, Any]:
    """Give one rule as it stands in a file; figures go into its outcome, `on_null` and `priority` beside it."""
    beside: dict[str, Any] = {key: further.pop(key) for key in ("on_null", "priority") if key in further}
    return {"id": name, "when": when, "then": {"action": action, "reason": f"{name} held", **further}, **beside}


def spec(folder: Path, **changed: Any) -> Spec:
    """Write and load the spec; a key changed to None is left out."""
    content: dict[str, Any] = {
        "name": "sentinel",
        "version": "1.2.0",
        "kind": "rules",
        "owner": "yard-operations",
        "author": "r.stone",
        "purpose": "Stop machines before they break.",
        "responsibilities": ["propose a stop"],
        "input": {"feature_set": "readings@1.0.0", "entity": "machine", "columns": COLUMNS},
        "actions": ["none", "inspect", "stop"],
        "output": {
            "score_bp": "the risk of a failure",
            "confidence_bp": "how sure it is",
            "benefit_cents": {"means": "the repair that is avoided", "at_most": 100_000},
            "cost_cents": "lost work",
        },
        "decision_boundaries": ["never proposes to start a machine"],
        "failure_modes": [{"when": "a reading is missing", "then": "abstains"}],
        "risk_tier": "low",
        "review_by": "2014-06-30",
        "phase": "shadow",
        "parameters": {"tight": 5, "home": "east", "careful": True, "stop_cents": 700},
        **changed,
    }
    path = folder / "sentinel.agent.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))
    return load_spec(path)


def table(folder: Path, *rules: dict[str, Any], **changed: Any) -> Path:
    """Write a rule table; a key changed to None is left out."""
    content: dict[str, Any] = {
        "agent": "sentinel@1.2.0",
        "hit_policy": "first",
        "rules": list(rules),
        "otherwise": {"action": "none", "reason": "all is well"},
        **changed,
    }
    path = folder / "sentinel.rules.yaml"
    path.write_text(
        yaml.safe_dump({key: value for key, value in content.items() if value is not None}, sort_keys=False)
    )
    return path


def agent(folder: Path, *rules: dict[str, Any], **changed: Any) -> RuleAgent:
    """Load a table and give the agent that it makes."""
    declared = spec(folder)
    return RuleAgent(declared, load_rules(table(folder, *rules, **changed), declared))


def rows(*changed: dict[str, Any]) -> pl.DataFrame:
    """Give one row for each change of a sound one, as machines m0, m1 and so on."""
    return pl.DataFrame([{"machine": f"m{i}", **_ROW, **row} for i, row in enumerate(changed)], schema=SCHEMA)
