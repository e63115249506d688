"""The feature set `station_morning`: what is known of an airport at five in the morning, before its day begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.features import Declared, Entities, Published, Source, feature_set
from agentic_assets.features.kinds import Age, Around, Count, CountIf, Known, Mean, Newest, Own, Total, Value, Windowed

__all__ = ["STATION_MORNING"]

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

# As for the departures: the newest observation counts as the weather for six hours.
_WEATHER_MAX_AGE: Final = 6 * _HOUR
_STALE: Final = "; null when that observation is more than 6 h old"

ENTITIES: Final = Entities(
    table="sources/mornings",
    key="morning_id",
    event="opens_at",
    lead=timedelta(0),
    columns=("origin",),
)

SOURCES: Final = (
    Source(
        name="departures",
        table="sources/movements",
        known_at="departure_known_at",
        columns=("origin", "departed_at", "dep_delay"),
        derive={"cancelled": pl.col("departed_at").is_null(), "very_late": pl.col("dep_delay") > 60},
    ),
    Source(
        name="weather",
        table="sources/weather",
        known_at="known_at",
        columns=("origin", "observed_at", "wind_speed", "precip", "visib"),
        derive={"precip_e4": (pl.col("precip") * 10_000).round().cast(pl.Int64)},
    ),
    Source(
        name="timetable",
        table="sources/schedule",
        known_at=Published(event="sched_dep_at", before=_DAY),
        columns=("origin",),
    ),
    Source(
        name="mornings",
        table="sources/mornings",
        # That an airport has departures tomorrow stands in the same timetable.
        known_at=Published(event="opens_at", before=_DAY),
        columns=("origin",),
    ),
)

PLAN: Final = Declared(
    "plan",
    (
        Known("mornings", (Own("origin", pl.String(), "code", "The airport"),)),
        Around(
            "departures_planned",
            "timetable",
            by=("origin", "day"),
            before=timedelta(0),
            after=19 * _HOUR,
            unit="flights",
            description="Departures scheduled from the airport from 05:00 to the end of the day",
        ),
    ),
)

_BEFORE: Final = "in the 24 h before, as far as known at 05:00"
BEFORE: Final = Declared(
    "before",
    (
        Windowed(
            "departures",
            by=("origin",),
            span=_DAY,
            aggregates=(
                Count("departures_24h", "flights", f"Flights that left the airport or were cancelled {_BEFORE}"),
                CountIf("cancelled_24h", "cancelled", "flights", f"Flights from the airport cancelled {_BEFORE}"),
                Mean(
                    "very_late_24h",
                    "very_late",
                    "share",
                    f"Share of the flights that left the airport {_BEFORE}, that left more than 60 min late; null when "
                    "none left",
                ),
            ),
        ),
    ),
)

WEATHER: Final = Declared(
    "weather",
    (
        Newest(
            "weather",
            by=("origin",),
            within=_DAY,
            max_age=_WEATHER_MAX_AGE,
            dated="observed_at",
            values=(
                Age(
                    "wx_age_minutes",
                    "observed_at",
                    "Age at 05:00 of the newest weather observation at the airport that is known, counted from its "
                    "label",
                ),
                Value("wx_wind_speed", "wind_speed", pl.Float64(), "mph", f"Wind speed at the airport{_STALE}"),
                Value("wx_visib", "visib", pl.Float64(), "mi", f"Visibility at the airport{_STALE}"),
            ),
        ),
        Windowed(
            "weather",
            by=("origin",),
            span=3 * _HOUR,
            aggregates=(
                Total(
                    "wx_precip_3h",
                    "precip_e4",
                    "in",
                    "Precipitation at the airport in the observations that became known in the 3 h before 05:00; null "
                    "when there are none",
                    per=10_000,
                ),
            ),
        ),
    ),
)

STATION_MORNING: Final = feature_set(
    name="station_morning",
    version="1.0.0",
    description="What is known of an airport at five in the morning: the day before, the weather, the day's plan.",
    entities=ENTITIES,
    sources=SOURCES,
    views=(PLAN, BEFORE, WEATHER),
    zone=HOME_ZONE,
    # Nothing looks back further than a day, so a partition is remade for few days around it.
    lookback=5,
    reach=2,
    forbidden=("sources/planes.*", "sources/schedule.tailnum"),
)
