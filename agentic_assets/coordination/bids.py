"""Bids: what an agent offers for one unit of a limited resource, on behalf of one entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agentic_assets.errors import PartitionRefused

__all__ = ["BIDS", "LARGEST", "PRECEDENCE", "Bid", "checked_bids"]

BIDS = pl.Schema(
    {
        "bid_id": pl.String(),
        "agent": pl.String(),
        "entity": pl.String(),
        "resource": pl.String(),
        "at": pl.Datetime("us", "UTC"),
        "commits_at": pl.Datetime("us", "UTC"),
        "expires_at": pl.Datetime("us", "UTC"),
        "utility_cents": pl.Int64(),
        "priority": pl.Int32(),
        "binding": pl.Boolean(),
    }
)
"""`at` is when the bid is made, `commits_at` from when on its unit is its own, `expires_at` when the unit is free again
(null: it stays taken); a bid that is not `binding`, as of an agent in shadow, is recorded and takes nothing."""

LARGEST = 2**53
"""Utilities lie below this, so that a double holds each of them exactly."""

PRECEDENCE = ("utility_cents", "priority", "at", "entity", "agent", "bid_id")
"""Who comes first: the higher utility, the higher priority, then the earlier, then by ids; no two bids are equal."""

_SHOWN = 3


@dataclass(frozen=True)
class Bid:
    """One bid, as a row of BIDS says it."""

    bid_id: str
    agent: str
    entity: str
    resource: str
    at: datetime
    commits_at: datetime
    expires_at: datetime | None
    utility_cents: int
    priority: int = 0
    binding: bool = True

    @property
    def stake(self) -> tuple[int, int]:
        """What a rival must exceed: utility, then priority."""
        return self.utility_cents, self.priority

    @property
    def rank(self) -> tuple[int, int, datetime, str, str, str]:
        """Sort bids by it, and they stand in the order of PRECEDENCE."""
        return -self.utility_cents, -self.priority, self.at, self.entity, self.agent, self.bid_id


def checked_bids(bids: pl.DataFrame, capacity: Mapping[str, int]) -> pl.DataFrame:
    """Hold bids against BIDS and the resources there are (resource -> units), and put them in the order of PRECEDENCE.

    Raises PartitionRefused with the count of every breach; nothing is settled then.
    """
    if bids.schema != BIDS:
        wrong = [
            f"`{name}` is {bids.schema.get(name)}" for name, dtype in BIDS.items() if bids.schema.get(name) != dtype
        ]
        wrong += [f"unknown column `{name}`" for name in bids.columns if name not in BIDS]
        raise _refusal(["; ".join(wrong)[:300] or "the columns stand in another order"])
    checks = {f"`{name}` is null": pl.col(name).is_null() for name in BIDS if name != "expires_at"}
    checks["the id stands twice"] = pl.col("bid_id").is_duplicated()
    checks["the resource has no declared capacity"] = ~pl.col("resource").is_in(list(capacity))
    checks["it commits before it is made"] = pl.col("commits_at") < pl.col("at")
    checks["it expires before it commits"] = pl.col("expires_at") < pl.col("commits_at")
    checks["it expires as it is made"] = pl.col("expires_at") <= pl.col("at")
    checks["the utility is no exact double"] = ~pl.col("utility_cents").is_between(-LARGEST, LARGEST, closed="none")
    counts = bids.select(**{what: broken.sum() for what, broken in checks.items()}).row(0)
    breaches = [
        _counted(what, count, bids.filter(broken).get_column("bid_id"))
        for (what, broken), count in zip(checks.items(), counts, strict=True)
        if count
    ]
    breaches += [f"{name} has {units} units" for name, units in sorted(capacity.items()) if units < 0]
    if breaches:
        raise _refusal(breaches)
    first, *then = PRECEDENCE
    return bids.sort(first, *then, descending=[True, True, False, False, False, False])


def _counted(what: str, count: int, ids: pl.Series) -> str:
    return f"{what}: {count:,}, e.g. {', '.join(map(str, ids.head(_SHOWN).to_list()))[:160]}"


def _refusal(breaches: list[str]) -> PartitionRefused:
    lines = "\n".join(f"  - {breach}" for breach in breaches[:8])
    return PartitionRefused(
        f"the bids are not what they must be, none of them is settled:\n{lines}",
        hint="repair what makes the bids; they must have exactly the columns of coordination.BIDS",
    )
