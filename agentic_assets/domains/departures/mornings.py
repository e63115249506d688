"""The mornings of the airports: one a day and airport that has departures, at the moment its duty manager begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.pipeline import Batch, Cut, Input, Node, by_day
from agentic_assets.versions import of_code

__all__ = ["BEGINS", "MORNINGS", "morning_node", "mornings"]

BEGINS = time(5, 0)
"""When a morning is judged, local time: before the first wave of departures."""

MORNINGS = "sources/mornings"
_SCHEDULE = "sources/schedule"


def mornings(schedule: pl.DataFrame) -> pl.DataFrame:
    """Derive one row a day and airport with a scheduled departure: morning_id, day, origin, opens_at (UTC), sorted."""
    found = schedule.select("day", "origin").unique().sort("day", "origin")
    local = pl.col("day").dt.combine(BEGINS, time_unit="us").dt.replace_time_zone(HOME_ZONE)
    return found.select(
        pl.concat_str(pl.col("day").dt.to_string("%Y-%m-%d"), "origin", separator="/").alias("morning_id"),
        "day",
        "origin",
        local.dt.convert_time_zone("UTC").alias("opens_at"),
    )


def morning_node(contract: Contract) -> Node:
    """Give the node that lists the mornings of each day."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return by_day(mornings(batch.read(_SCHEDULE)), batch.partitions)

    return Node(
        asset=MORNINGS,
        group="sources",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(mornings),
        inputs=(Input(_SCHEDULE),),
        description="Each airport's morning at 05:00 local time, for every day on which a departure is scheduled.",
        kinds=("polars", "deltalake"),
        lineage={
            "morning_id": [(_SCHEDULE, "day"), (_SCHEDULE, "origin")],
            "day": [(_SCHEDULE, "day")],
            "origin": [(_SCHEDULE, "origin")],
            "opens_at": [(_SCHEDULE, "day")],
        },
        code=(mornings,),
    )
