"""The feature set `departure_delay`: what is known of a flight two hours before it is to leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

import polars as pl

from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.features import Declared, Entities, Lookup, Published, Source, feature_set
from agentic_assets.features.kinds import (
    TODAY,
    Age,
    Around,
    Awaited,
    Count,
    CountIf,
    Derived,
    Known,
    Mean,
    Newest,
    Own,
    Previous,
    Rates,
    Total,
    Value,
    Windowed,
)

__all__ = ["DEPARTURE_DELAY", "MEASURED"]

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LOCAL_HOUR: Final = pl.col("sched_dep_at").dt.convert_time_zone(HOME_ZONE).dt.hour().cast(pl.Int32)

# The newest observation counts as the weather for six hours; its age is told ever after.
_WEATHER_MAX_AGE: Final = 6 * _HOUR
MEASURED: Final = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
_STALE: Final = "; null when that observation is more than 6 h old"

# 2 disrupted of 20 flights, near the share of the year: a key with few flights stays near it.
_PRIOR: Final = (2, 20)

# The aircraft's stay at the other end, assumed; it only shifts the estimate of when it is back.
_TURNAROUND: Final = 45
_MINUTE: Final = 60_000_000

ENTITIES: Final = Entities(
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
)

SOURCES: Final = (
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
        columns=("origin", "dest", "carrier", "departed_at", "dep_delay", "sched_dep_at"),
        # Not by `status`, which says how a flight ends: when it leaves, that is not known.
        derive={"cancelled": pl.col("departed_at").is_null(), "late": pl.col("dep_delay") > 15},
    ),
    Source(
        name="flown",
        table="sources/movements",
        known_at="departure_known_at",
        columns=("dep_delay", "departed_at", "sched_dep_at", "source_row"),
        later={"arr_delay": "outcome_known_at"},
        where=pl.col("departed_at").is_not_null(),
        # Two flights of one aircraft are recorded at the same minute 31 times: the later schedule counts as the newer.
        tie=("sched_dep_at", "source_row"),
        look_up=Lookup("sources/schedule", on="flight_id", columns=("tailnum", "block_minutes")),
    ),
    Source(
        name="weather",
        table="sources/weather",
        known_at="known_at",
        columns=("origin", "observed_at", *MEASURED),
        derive={"precip_e4": (pl.col("precip") * 10_000).round().cast(pl.Int64)},
    ),
    Source(
        name="timetable",
        table="sources/schedule",
        # The delivery does not say when a timetable was published; airlines do so weeks ahead, a day is safe.
        known_at=Published(event="sched_dep_at", before=timedelta(days=1)),
        columns=("origin",),
    ),
)

SCHEDULE: Final = Declared(
    "schedule",
    (
        Known(
            "timetable",
            (
                Own("carrier", pl.String(), "code", "Operating carrier, IATA code"),
                Own("origin", pl.String(), "code", "Airport of departure"),
                Own("dest", pl.String(), "code", "Airport of destination"),
                Own("hour", pl.Int32(), "h", "Local hour of the scheduled departure"),
                Own("minute", pl.Int32(), "min", "Minute of the scheduled departure"),
                Own(
                    "day_of_week",
                    pl.Int32(),
                    "day",
                    "Local day of the week, 1 Monday to 7 Sunday",
                    pl.col("day").dt.weekday(),
                ),
                Own("distance", pl.Int32(), "mi", "Distance to the destination"),
                Own("block_minutes", pl.Int32(), "min", "Scheduled time from gate to gate"),
            ),
        ),
        Around(
            "flights_within_1h",
            "timetable",
            by=("origin", "day"),
            before=_HOUR,
            after=_HOUR,
            unit="flights",
            description="Other flights of the day from the airport that are scheduled at most 60 min before or after",
            less=1,
        ),
    ),
)


def _observed(name: str, unit: str, what: str, dtype: pl.DataType | None = None) -> Value:
    return Value(f"wx_{name}", name, dtype or pl.Float64(), unit, what + _STALE)


WEATHER: Final = Declared(
    "weather",
    (
        Newest(
            "weather",
            by=("origin",),
            within=28 * _DAY,
            max_age=_WEATHER_MAX_AGE,
            dated="observed_at",
            values=(
                Age(
                    "wx_age_minutes",
                    "observed_at",
                    "Age at the decision of the newest weather observation at the origin that is known, counted from "
                    "its label",
                ),
                _observed("temp", "degF", "Temperature at the origin"),
                _observed("dewp", "degF", "Dew point at the origin"),
                _observed("humid", "%", "Relative humidity at the origin"),
                _observed("wind_dir", "deg", "Direction that the wind at the origin comes from", pl.Int32()),
                _observed("wind_speed", "mph", "Wind speed at the origin"),
                _observed("wind_gust", "mph", "Speed of gusts at the origin, null when there are none"),
                _observed("precip", "in", "Precipitation of the hour at the origin"),
                _observed("pressure", "hPa", "Pressure at sea level at the origin; often missing in bad weather"),
                _observed("visib", "mi", "Visibility at the origin"),
            ),
        ),
        Windowed(
            "weather",
            by=("origin",),
            span=3 * _HOUR,
            aggregates=(
                Count(
                    "wx_observations_3h",
                    "observations",
                    "Weather observations at the origin that became known in the 3 h before the decision",
                ),
                Total(
                    "wx_precip_3h",
                    "precip_e4",
                    "in",
                    "Precipitation at the origin in the observations of the 3 h before the decision; null when there "
                    "are none",
                    per=10_000,
                ),
            ),
        ),
    ),
)


def _past(name: str, who: str, *by: str) -> Rates:
    return Rates(
        f"{name}_disrupted_{{days}}d",
        "outcomes",
        "disrupted",
        by=by,
        days=(7, 28),
        prior=_PRIOR,
        description=f"Share of the flights {who} whose outcome became known in the {{days}} days before the day began "
        "and that were cancelled, diverted or more than 60 min late; 2 of 20 are added as prior",
    )


HISTORY: Final = Declared(
    "history",
    (
        _past("carrier", "of the carrier", "carrier"),
        _past("route", "on the same route", "origin", "dest"),
        _past("origin_hour", "from the airport in the same scheduled local hour", "origin", "hour"),
        _past("carrier_origin", "of the carrier from the airport", "carrier", "origin"),
    ),
)


def _left(view: str, who: str, span: timedelta | Literal["today"], *by: str) -> Windowed:
    when, since = ("today", "since local midnight")
    if isinstance(span, timedelta):
        when = f"{span // _HOUR}h"
        since = f"in the last {span // _HOUR} h"
    known = f"{since}, as far as known at the decision"
    return Windowed(
        "departures",
        by=by,
        span=span,
        aggregates=(
            Count(f"{view}_departures_{when}", "flights", f"Flights {who} that left or were cancelled {known}"),
            Mean(
                f"{view}_dep_delay_{when}",
                "dep_delay",
                "min",
                f"Mean departure delay of the flights {who} that left {known}; null when none did",
            ),
            Mean(
                f"{view}_late_{when}",
                "late",
                "share",
                f"Share of the flights {who} that left {known}, that left more than 15 min late; null when none did",
            ),
            CountIf(
                f"{view}_cancelled_{when}",
                "cancelled",
                "flights",
                f"Flights {who} that were cancelled {known}; a cancellation counts from its scheduled departure on",
            ),
        ),
    )


_FROM, _OWN = "from the airport", "of the carrier from the airport"
ORIGIN: Final = Declared(
    "origin", (_left("origin", _FROM, TODAY, "origin"), _left("origin", _FROM, 2 * _HOUR, "origin"))
)
CARRIER_ORIGIN: Final = Declared(
    "carrier_origin",
    (
        _left("carrier_origin", _OWN, TODAY, "carrier", "origin"),
        _left("carrier_origin", _OWN, 4 * _HOUR, "carrier", "origin"),
    ),
)
NETWORK: Final = Declared("network", (_left("network", "from the three airports", 2 * _HOUR),))

_ENDED: Final = "Flights to the destination whose outcome became known in the 4 h before the decision"
DEST: Final = Declared(
    "dest",
    (
        Windowed(
            "outcomes",
            by=("dest",),
            span=4 * _HOUR,
            aggregates=(
                Count("dest_outcomes_4h", "flights", _ENDED),
                CountIf(
                    "dest_disrupted_4h",
                    "disrupted",
                    "flights",
                    f"{_ENDED} and that were cancelled, diverted or more than 60 min late",
                ),
                Mean(
                    "dest_arr_delay_4h",
                    "arr_delay",
                    "min",
                    "Mean arrival delay of flights to the destination whose arrival became known in the last 4 h; null "
                    "when none",
                ),
            ),
        ),
    ),
)


def _overdue(name: str, who: str, *by: str) -> Awaited:
    return Awaited(
        f"{name}_overdue",
        "departures",
        by=by,
        opens="sched_dep_at",
        at_most=_DAY,
        unit="flights",
        who=f"flights {who} whose scheduled departure of the last 24 h has passed and that are not known to have left",
        since="the scheduled departure",
    )


OVERDUE: Final = Declared(
    "overdue", (_overdue("origin", _FROM, "origin"), _overdue("carrier_origin", _OWN, "carrier", "origin"))
)

# The recorded tail only selects the aircraft's earlier flight: a flight without a tail and one whose aircraft flew
# nothing before look the same.
_LEG: Final = (
    "the aircraft's newest flight out of New York that is known at the decision to have left in the 18 h before"
)
_NONE: Final = "; null when none is known"
_BACK: Final = (
    pl.col("departed_at").to_physical() + (2 * pl.col("block_minutes").cast(pl.Int64) + _TURNAROUND) * _MINUTE
)
INBOUND: Final = Declared(
    "inbound",
    (
        Previous(
            "flown",
            by=("tailnum",),
            within=18 * _HOUR,
            values=(
                Age("inbound_minutes_since_departure", "departed_at", f"Minutes since {_LEG}{_NONE}"),
                Value("inbound_dep_delay", "dep_delay", pl.Int32(), "min", f"Departure delay of {_LEG}{_NONE}"),
                Value(
                    "inbound_arr_delay", "arr_delay", pl.Int32(), "min", f"Arrival delay of {_LEG}, once known{_NONE}"
                ),
                Derived(
                    "inbound_slack_minutes",
                    ("departed_at", "block_minutes"),
                    ((pl.col("event_at").to_physical() - _BACK) // _MINUTE).cast(pl.Int32),
                    pl.Int32(),
                    "min",
                    "Minutes from the estimated return (out, 45 min, back in the same time) to the scheduled "
                    f"departure, for {_LEG}{_NONE}",
                ),
            ),
        ),
    ),
)

DEPARTURE_DELAY: Final = feature_set(
    name="departure_delay",
    version="1.0.0",
    description="What is known of a flight two hours before its scheduled departure from New York.",
    entities=ENTITIES,
    sources=SOURCES,
    views=(SCHEDULE, WEATHER, HISTORY, ORIGIN, CARRIER_ORIGIN, DEST, NETWORK, OVERDUE, INBOUND),
    zone=HOME_ZONE,
    # The aircraft registry is a snapshot of June 2014, and a tail is null only for flights that were cancelled.
    forbidden=("sources/planes.*", "sources/schedule.tailnum.is_null"),
)
