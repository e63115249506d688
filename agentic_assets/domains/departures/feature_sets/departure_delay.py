"""The feature set `departure_delay`: what is known of a flight two hours before it is to leave."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from agentic_assets.domains.departures.feature_sets import described, views
from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.features import Entities, FeatureSet, Lookup, Published, Source

__all__ = ["DEPARTURE_DELAY"]

_LOCAL_HOUR = pl.col("sched_dep_at").dt.convert_time_zone(HOME_ZONE).dt.hour().cast(pl.Int32)
_AIRCRAFT = Lookup("sources/schedule", on="flight_id", columns=("tailnum", "block_minutes"))
_LEFT = pl.col("status") != "cancelled"
# Two flights of one aircraft are recorded at the same minute 31 times: the later schedule counts as the newer.
_TIE = ("sched_dep_at", "source_row")

DEPARTURE_DELAY = FeatureSet(
    name="departure_delay",
    version="1.0.0",
    description="What is known of a flight two hours before its scheduled departure from New York.",
    entities=Entities(
        table="sources/schedule",
        key="flight_id",
        event="sched_dep_at",
        lead=timedelta(hours=2),
        columns=("carrier", "origin", "dest", "sched_dep_time", "distance", "block_minutes"),
        derive={
            "hour": (pl.col("sched_dep_time") // 100).cast(pl.Int32),
            "minute": (pl.col("sched_dep_time") % 100).cast(pl.Int32),
        },
        after_the_fact=("tailnum",),
    ),
    sources=(
        Source(
            name="outcomes",
            table="sources/movements",
            known_at="outcome_known_at",
            columns=("origin", "dest", "carrier", "status", "arr_delay", "sched_dep_at"),
            derive={
                "hour": _LOCAL_HOUR,
                "disrupted": (pl.col("status") != "completed") | (pl.col("arr_delay") > 60).fill_null(value=False),
            },
        ),
        Source(
            name="departures",
            table="sources/movements",
            known_at="departure_known_at",
            columns=("origin", "dest", "carrier", "status", "dep_delay", "sched_dep_at"),
            derive={"cancelled": pl.col("status") == "cancelled", "late": pl.col("dep_delay") > 15},
        ),
        Source(
            name="flown",
            table="sources/movements",
            known_at="departure_known_at",
            columns=("status", "dep_delay", "departed_at", "sched_dep_at", "source_row"),
            later={"arr_delay": "outcome_known_at"},
            where=_LEFT,
            tie=_TIE,
            look_up=_AIRCRAFT,
        ),
        Source(
            name="weather",
            table="sources/weather",
            known_at="known_at",
            columns=("origin", "observed_at", *described.MEASURED),
            derive={"precip_e4": (pl.col("precip") * 10_000).round().cast(pl.Int64)},
        ),
        Source(
            name="timetable",
            table="sources/schedule",
            # The delivery does not say when a timetable was published; airlines do so weeks ahead, a day is safe.
            known_at=Published(event="sched_dep_at", before=timedelta(days=1)),
            columns=("origin",),
        ),
    ),
    features=described.FEATURES,
    views=views.VIEWS,
    code=(views, described),
    zone=HOME_ZONE,
    # The aircraft registry is a snapshot of June 2014, and a tail is null only for flights that were cancelled.
    forbidden=("sources/planes.*", "sources/schedule.tailnum.is_null"),
)
