"""Make bids of proposals: those that would still take a resource's action once the guardrails have spoken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from agentic_assets.coordination.bids import BIDS, LARGEST, Bid
from agentic_assets.errors import PartitionRefused
from agentic_assets.policy.resources import Resource

__all__ = ["FALLBACK", "FALLBACK_CENTS", "PEOPLE", "bid_of", "bids_of", "pools"]

FALLBACK = "fallback:"
"""Before an agent's name: bids of the rule that acts where the agent does not."""

FALLBACK_CENTS = 1
"""What such a bid offers: the rule knows no utility, and takes what agents leave."""

PEOPLE = "people:"
"""Before an agent's name: bids of people who allowed what its policy had escalated."""

_DIGITS = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bids_of(wanting: pl.DataFrame, resource: Resource, bidder: str, *, priority: int = 0) -> pl.DataFrame:
    """Give the bids (BIDS) of rows that want a unit, in their order.

    `wanting`: entity, decided_at, the columns of `resource`, and the Boolean `binding`. A row whose utility is null
    bids nothing at all: 0 cents, which never gets a unit. The rows of a `bidder` that begins with FALLBACK offer one
    cent each. Raises PartitionRefused for a utility that no double holds exactly.
    """
    if bidder.startswith(FALLBACK):
        utility = pl.lit(float(FALLBACK_CENTS))
    else:
        utility = resource.utility.expression.fill_null(0.0)
    rows = wanting.select(
        "entity",
        pools(resource).alias("resource"),
        pl.col("decided_at").alias("at"),
        (pl.col("decided_at") + pl.duration(minutes=resource.settle.commit_after_minutes)).alias("commits_at"),
        utility.cast(pl.Float64).alias("utility"),
        "binding",
    )
    large = rows.filter(pl.col("utility").abs() >= LARGEST)
    if large.height:
        raise PartitionRefused(
            f"agent {bidder}: {large.height:,} of {rows.height:,} bids for {resource.id} offer 2**53 cents or more, "
            f"e.g. {large.item(0, 'entity')}",
            hint="look at the columns of the resource's utility, or count in a coarser unit",
        )
    return rows.with_columns(
        _ids(rows, bidder),
        pl.lit(bidder).alias("agent"),
        pl.lit(None, dtype=BIDS["expires_at"]).alias("expires_at"),
        pl.col("utility").cast(pl.Int64).alias("utility_cents"),
        pl.lit(priority, dtype=pl.Int32).alias("priority"),
    ).select(pl.col(name).cast(dtype) for name, dtype in BIDS.items())


def bid_of(row: Mapping[str, Any], resource: Resource, bidder: str, *, priority: int = 0) -> Bid:
    """Give the bid of one row, as `bids_of` gives it: what an event brings to `Leases.claim`."""
    at: datetime = row["decided_at"]
    offered = FALLBACK_CENTS if bidder.startswith(FALLBACK) else resource.utility.value(row)
    utility = 0.0 if offered is None else float(offered)
    if abs(utility) >= LARGEST:
        raise PartitionRefused(
            f"agent {bidder}: the bid of {row['entity']} for {resource.id} offers 2**53 cents or more",
            hint="look at the columns of the resource's utility, or count in a coarser unit",
        )
    pool = "/".join([resource.id, *(_written(row[name]) for name in resource.per)])
    instant = (at - _EPOCH) // datetime.resolution
    return Bid(
        bid_id=_id(f"{bidder}|{pool}|{instant}|{row['entity']}"),
        agent=bidder,
        entity=row["entity"],
        resource=pool,
        at=at,
        commits_at=at + timedelta(minutes=resource.settle.commit_after_minutes),
        expires_at=None,
        utility_cents=int(utility),
        priority=priority,
        binding=row["binding"],
    )


def _written(value: Any) -> str:
    return "%00" if value is None else str(value).replace("%", "%25").replace("/", "%2F")


def pools(resource: Resource) -> pl.Expr:
    """Name the pool of units that a row's unit comes from: the resource, then its value of each column of `per`.

    A slash within a value is written %2F and a percent sign %25, so that no two pools have one name; null is %00.
    """
    values = [
        pl.col(name).cast(pl.String).str.replace_all("%", "%25", literal=True).str.replace_all("/", "%2F", literal=True)
        for name in resource.per
    ]
    return pl.concat_str(pl.lit(resource.id), *(value.fill_null("%00") for value in values), separator="/")


def _ids(rows: pl.DataFrame, bidder: str) -> pl.Series:
    """Derive each bid's id: 32 hexadecimal digits of a SHA-256 of agent, resource, time in microseconds and entity."""
    parts: Sequence[pl.Expr] = (
        pl.lit(bidder),
        pl.col("resource"),
        pl.col("at").dt.epoch("us").cast(pl.String),
        pl.col("entity"),
    )
    texts = rows.select(pl.concat_str(*(part.fill_null("") for part in parts), separator="|").alias("text"))
    return pl.Series("bid_id", [_id(text) for text in texts.get_column("text").to_list()], dtype=pl.String)


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
