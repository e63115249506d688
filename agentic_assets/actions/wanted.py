"""What decisions want done, and why what they do not want stands no longer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl

from agentic_assets.actions.reconcile import Because

__all__ = ["NEEDED", "actions_of", "replacing"]

_SAID = ("decision_id", "agent", "policy", "effective_action", "verdict", "rule", "control", "override", "reason")

NEEDED = ("day", "domain", "entity", "decided_at", "cost_cents", *_SAID)
"""The columns of decisions that are read here."""


def actions_of(decided: pl.DataFrame, partition: str, idle: str) -> pl.DataFrame:
    """Give the actions that a day's decisions want, all but `idle`, in the columns of Action, sorted by key."""
    agent = pl.col("agent").str.split("@").list.first()
    action = pl.col("effective_action")
    return (
        decided.filter(action != idle)
        .select(
            pl.concat_str([pl.col("domain"), agent, pl.col("entity"), action], separator="|").alias("key"),
            "decision_id",
            pl.lit(partition).alias("partition"),
            "agent",
            "entity",
            action.alias("action"),
            pl.struct(
                pl.col("decided_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("decided_at"), "reason", "cost_cents"
            )
            .struct.json_encode()
            .alias("payload"),
        )
        .sort("key")
    )


def replacing(decided: Mapping[str, pl.DataFrame], run_id: str) -> Because:
    """Give what tells, of an action that no longer stands, which decision stands in the place of its own, and why."""

    @cache
    def of(partition: str) -> dict[str, tuple[Any, ...]]:
        return {row[0]: row[1:] for row in decided[partition].select("entity", *_SAID).iter_rows()}

    def because(partition: str, entity: str) -> Mapping[str, Any]:
        row = of(partition).get(entity)
        if row is None:
            return {"decision_id": None, "reason": "nothing is decided about it any more", "run_id": run_id}
        return {**dict(zip(_SAID, row, strict=True)), "run_id": run_id}

    return because
