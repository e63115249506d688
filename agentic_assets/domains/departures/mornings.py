"""The mornings of the airports: one a day and airport that has departures, at the moment its duty manager begins."""

from __future__ import annotations

from datetime import time

import polars as pl

from agentic_assets.domains.departures.sources import HOME_ZONE

__all__ = ["BEGINS", "mornings"]

BEGINS = time(5, 0)
"""When a morning is judged, local time: before the first wave of departures."""


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
