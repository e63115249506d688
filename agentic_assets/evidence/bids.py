"""What a decision's agent bid for limited resources on behalf of its entity, and to whom it lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from agentic_assets.coordination.bidding import FALLBACK, PEOPLE
from agentic_assets.coordination.node import GROUP
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry

__all__ = ["bids_behind"]


def bids_behind(reading: Reading, decisions: Entry, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give each bid behind a decision, as it was settled; `rival` is the bid to which it lost, if it lost to one."""
    found: list[dict[str, Any]] = []
    for asset, versions in sorted(decisions.inputs.items()):
        if reading.domain.graph[asset].group != GROUP:
            continue
        partition = decisions.partition
        settled = reading.at(asset, {partition: versions[partition]}).drop("day", "partition", strict=False)
        mine = settled.filter(
            (pl.col("entity") == row["entity"])
            & pl.col("agent").is_in([f"{who}{row['agent']}" for who in ("", FALLBACK, PEOPLE)])
        )
        for bid in mine.sort("at", "bid_id").to_dicts():
            rivals = settled.filter(pl.col("bid_id") == bid["lost_to"]).select("agent", "entity").to_dicts()
            found.append({"asset": asset, **bid, "rival": rivals[0] if rivals else None})
    return found
