"""Read what was settled back into the rows that a decision is made about."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.coordination.bidding import FALLBACK, PEOPLE
from agentic_assets.coordination.settling import AS_IF_BINDING
from agentic_assets.policy.escalation import Resolution
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.verdict import Verdict

__all__ = ["SETTLED_FOR", "allowed_without", "granted_to", "within_awards"]

SETTLED_FOR = ("day", "agent", "entity", "granted", AS_IF_BINDING)
"""The columns of an award that decisions read."""


def granted_to(agent: str, rows: pl.DataFrame, settled: pl.DataFrame) -> pl.Series:
    """Mark each row (day, entity) for which the agent (name@version) got a unit, or had got one as if binding."""
    return _won(rows, settled.filter((pl.col("agent") == agent) & pl.col(AS_IF_BINDING)))


def within_awards(agent: str, rows: pl.DataFrame, settled: pl.DataFrame, resource: Resource) -> pl.Series:
    """Give what the rule before may do where the agent does not act: it takes no unit that it was not granted.

    `rows`: day, entity and legacy_action. Where that is the resource's action and no unit was granted, the row meets
    what the resource says of such rows.
    """
    won = _won(rows, settled.filter((pl.col("agent") == f"{FALLBACK}{agent}") & pl.col("granted")))
    legacy = rows.get_column("legacy_action")
    without = (legacy == resource.action).fill_null(value=False) & ~won
    left = NO_ACTION if resource.to is None else resource.to
    return legacy.zip_with(~without, pl.repeat(left, legacy.len(), dtype=pl.String, eager=True))


def allowed_without(agent: str, answers: Iterable[Resolution], settled: pl.DataFrame, resource: Resource) -> set[str]:
    """Name the decisions (ids) for which people allowed the resource's action, though no unit was left for them."""
    won = settled.filter((pl.col("agent") == f"{PEOPLE}{agent}") & pl.col("granted")).select("day", "entity").rows()
    held = {(day.isoformat(), entity) for day, entity in won}
    return {
        one.decision_id
        for one in answers
        if one.verdict is Verdict.ALLOW and one.action == resource.action and (one.day, one.entity) not in held
    }


def _won(rows: pl.DataFrame, winners: pl.DataFrame) -> pl.Series:
    won = winners.select("day", "entity", pl.lit(value=True).alias("won")).unique(["day", "entity"])
    found = rows.select("day", "entity").join(won, on=["day", "entity"], how="left", maintain_order="left")
    return found.get_column("won").fill_null(value=False).alias("granted")
