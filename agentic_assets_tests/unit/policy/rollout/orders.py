"""Controls and judged rows to gate by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from agentic_assets.policy.rollout import Control, Kind, Phase, Stage

__all__ = ["AGENT", "START", "control", "judged", "moment", "staged"]

AGENT = "porter@2.0.0"
START = datetime(2013, 2, 8, tzinfo=UTC)


def moment(hours: int) -> datetime:
    """Give a moment, in hours after the start."""
    return START + timedelta(hours=hours)


def control(kind: str, hours: int = 0, number: int = 1, **said: Any) -> Control:
    """Give an order of Kim's."""
    return Control(
        domain="yard",
        kind=Kind(kind),
        effective_from=moment(hours),
        identity="kim",
        role="duty_manager",
        reason="the yard is flooded",
        number=number,
        **said,
    )


def staged(phase: str, percent_bp: int = -1, hours: int = 0, number: int = 1, **said: Any) -> Control:
    """Give an order that stages this very version of the agent."""
    stage = Stage(Phase(phase), percent_bp)
    return control("stage", hours, number, stage=stage, **{"agent": AGENT, **said})


def judged(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Give judged rows: an hour after the start, a standby proposed and left, unless a row says otherwise."""
    full = [
        {
            "entity": f"e{place:03d}",
            "decided_at": moment(row.get("hours", 1)),
            "action": row.get("action", "standby"),
            "effective_action": row.get("effective", row.get("action", "standby")),
            "origin": row.get("origin", "EWR"),
            "legacy": row.get("legacy", "notify"),
        }
        for place, row in enumerate(rows)
    ]
    return pl.DataFrame(
        full,
        schema={
            "entity": pl.String(),
            "decided_at": pl.Datetime("us", "UTC"),
            "action": pl.String(),
            "effective_action": pl.String(),
            "origin": pl.String(),
            "legacy": pl.String(),
        },
    )
