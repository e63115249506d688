"""The features of `departure_delay` in words: type, unit, meaning, the facts they come from."""

from __future__ import annotations

import polars as pl

from agentic_assets.features import Feature

__all__ = ["FEATURES", "MEASURED"]

MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")

_PLAN = "sources/schedule"
_MOVED = "sources/movements"
_SKY = "sources/weather"


def _planned(name: str, dtype: pl.DataType, unit: str, what: str, *columns: str) -> Feature:
    sources = tuple(f"{_PLAN}.{column}" for column in columns or (name,))
    return Feature(name, dtype, unit, what, "schedule", sources, "published" if "within" in name else "expression")


def _observed(name: str, unit: str, what: str, dtype: pl.DataType | None = None) -> Feature:
    stale = "; null when that observation is more than 6 h old"
    sources = (f"{_SKY}.origin", f"{_SKY}.known_at", f"{_SKY}.observed_at", f"{_SKY}.{name}")
    return Feature(f"wx_{name}", dtype or pl.Float64(), unit, what + stale, "weather", sources, "latest")


def _moved(*columns: str) -> tuple[str, ...]:
    return tuple(f"{_MOVED}.{column}" for column in columns)


def _past(name: str, who: str, *key: str) -> tuple[Feature, ...]:
    rate = (
        "Share of the flights {who} whose outcome became known in the {days} days before the day began and that were "
        "cancelled, diverted or more than 60 min late; 2 of 20 are added as prior"
    )
    ended = _moved(*key, "outcome_known_at", "status", "arr_delay")
    return tuple(
        Feature(
            f"{name}_disrupted_{days}d",
            pl.Float64(),
            "share",
            rate.format(who=who, days=days),
            "history",
            ended,
            "rate",
        )
        for days in (7, 28)
    )


def _state(view: str, who: str, when: str, since: str, *key: str) -> tuple[Feature, ...]:
    known = f"{since}, as far as known at the decision"
    left = (*key, "departure_known_at")
    return (
        Feature(
            f"{view}_departures_{when}",
            pl.Int32(),
            "flights",
            f"Flights {who} that left or were cancelled {known}",
            view,
            _moved(*left),
            "window",
        ),
        Feature(
            f"{view}_dep_delay_{when}",
            pl.Float64(),
            "min",
            f"Mean departure delay of the flights {who} that left {known}; null when none did",
            view,
            _moved(*left, "dep_delay"),
            "window",
        ),
        Feature(
            f"{view}_late_{when}",
            pl.Float64(),
            "share",
            f"Share of the flights {who} that left {known}, that left more than 15 min late; null when none did",
            view,
            _moved(*left, "dep_delay"),
            "window",
        ),
        Feature(
            f"{view}_cancelled_{when}",
            pl.Int32(),
            "flights",
            f"Flights {who} that were cancelled {known}; a cancellation counts from its scheduled departure on",
            view,
            _moved(*left, "status"),
            "window",
        ),
    )


def _awaited(name: str, who: str, *key: str) -> tuple[Feature, ...]:
    sources = _moved(*key, "sched_dep_at", "departure_known_at")
    what = f"flights {who} whose scheduled departure of the last 24 h has passed and that are not known to have left"
    return (
        Feature(f"{name}_overdue", pl.Int32(), "flights", f"Number of {what}", "overdue", sources, "pending"),
        Feature(
            f"{name}_overdue_minutes",
            pl.Float64(),
            "min",
            f"Mean time since the scheduled departure of the {what}; null when there is none",
            "overdue",
            sources,
            "pending",
        ),
    )


def _aircraft(name: str, what: str, *columns: str) -> Feature:
    sources = (f"{_PLAN}.tailnum", *columns)
    leg = "the aircraft's newest flight out of New York that is known at the decision to have left in the 18 h before"
    return Feature(
        f"inbound_{name}",
        pl.Int32(),
        "min",
        f"{what.format(leg=leg)}; null when none is known",
        "inbound",
        sources,
        "previous",
    )


FEATURES: tuple[Feature, ...] = (
    _planned("carrier", pl.String(), "code", "Operating carrier, IATA code"),
    _planned("origin", pl.String(), "code", "Airport of departure"),
    _planned("dest", pl.String(), "code", "Airport of destination"),
    _planned("hour", pl.Int32(), "h", "Local hour of the scheduled departure", "sched_dep_time"),
    _planned("minute", pl.Int32(), "min", "Minute of the scheduled departure", "sched_dep_time"),
    _planned("day_of_week", pl.Int32(), "day", "Local day of the week, 1 Monday to 7 Sunday", "day"),
    _planned("distance", pl.Int32(), "mi", "Distance to the destination"),
    _planned("block_minutes", pl.Int32(), "min", "Scheduled time from gate to gate"),
    _planned(
        "flights_within_1h",
        pl.Int32(),
        "flights",
        "Other flights of the day from the airport that are scheduled at most 60 min before or after",
        "origin",
        "day",
        "sched_dep_at",
    ),
    Feature(
        "wx_age_minutes",
        pl.Int32(),
        "min",
        "Age at the decision of the newest weather observation at the origin that is known, counted from its label",
        "weather",
        (f"{_SKY}.origin", f"{_SKY}.known_at", f"{_SKY}.observed_at"),
        "latest",
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
    Feature(
        "wx_observations_3h",
        pl.Int32(),
        "observations",
        "Weather observations at the origin that became known in the 3 h before the decision",
        "weather",
        (f"{_SKY}.origin", f"{_SKY}.known_at"),
        "window",
    ),
    Feature(
        "wx_precip_3h",
        pl.Float64(),
        "in",
        "Precipitation at the origin in the observations of the 3 h before the decision; null when there are none",
        "weather",
        (f"{_SKY}.origin", f"{_SKY}.known_at", f"{_SKY}.precip"),
        "window",
    ),
    *_past("carrier", "of the carrier", "carrier"),
    *_past("route", "on the same route", "origin", "dest"),
    *_past("origin_hour", "from the airport in the same scheduled local hour", "origin", "sched_dep_at"),
    *_past("carrier_origin", "of the carrier from the airport", "carrier", "origin"),
    *_state("origin", "from the airport", "today", "since local midnight", "origin"),
    *_state("origin", "from the airport", "2h", "in the last 2 h", "origin"),
    *_state("carrier_origin", "of the carrier from the airport", "today", "since local midnight", "carrier", "origin"),
    *_state("carrier_origin", "of the carrier from the airport", "4h", "in the last 4 h", "carrier", "origin"),
    Feature(
        "dest_outcomes_4h",
        pl.Int32(),
        "flights",
        "Flights to the destination whose outcome became known in the 4 h before the decision",
        "dest",
        _moved("dest", "outcome_known_at"),
        "window",
    ),
    Feature(
        "dest_disrupted_4h",
        pl.Int32(),
        "flights",
        "Flights to the destination whose outcome became known in the 4 h before the decision and that were cancelled, "
        "diverted or more than 60 min late",
        "dest",
        _moved("dest", "outcome_known_at", "status", "arr_delay"),
        "window",
    ),
    Feature(
        "dest_arr_delay_4h",
        pl.Float64(),
        "min",
        "Mean arrival delay of flights to the destination whose arrival became known in the last 4 h; null when none",
        "dest",
        _moved("dest", "outcome_known_at", "arr_delay"),
        "window",
    ),
    *_state("network", "from the three airports", "2h", "in the last 2 h"),
    *_awaited("origin", "from the airport", "origin"),
    *_awaited("carrier_origin", "of the carrier from the airport", "carrier", "origin"),
    _aircraft("minutes_since_departure", "Minutes since {leg}", *_moved("departed_at", "departure_known_at")),
    _aircraft("dep_delay", "Departure delay of {leg}", *_moved("dep_delay", "departure_known_at")),
    _aircraft(
        "arr_delay",
        "Arrival delay of {leg}, once known",
        *_moved("arr_delay", "departure_known_at", "outcome_known_at"),
    ),
    _aircraft(
        "slack_minutes",
        "Minutes from the estimated return (out, 45 min, back in the same time) to the scheduled departure, for {leg}",
        *_moved("departed_at", "departure_known_at"),
        f"{_PLAN}.block_minutes",
        f"{_PLAN}.sched_dep_at",
    ),
)
