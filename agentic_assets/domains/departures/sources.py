"""Derive the source tables from the landed text: when each thing is scheduled, happens, and becomes known.

Every function is row by row: one landed row gives one row, whatever other rows stand around it, so any subset of days
gives the same rows. Delivered columns stay text, for the contract gate to cast and judge with the delivered value in
hand; derived columns are typed, and null where the text cannot be read or contradicts itself.
"""

from __future__ import annotations

import polars as pl

from agentic_assets.domains.departures.landing import DELIVERIES, land

__all__ = [
    "EXTRA_ZONES",
    "HOME_ZONE",
    "airlines",
    "airports",
    "days",
    "land",
    "movements",
    "planes",
    "schedule",
    "weather",
]

HOME_ZONE = "America/New_York"

# Destinations that the delivered airports lack. Zones from the IANA time zone database (file `northamerica`):
# Puerto Rico and the U.S. Virgin Islands keep Atlantic Standard Time all year.
EXTRA_ZONES: dict[str, str] = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}

_DAY_MINUTES = 1440
_DIVERSION_KNOWN_AFTER = pl.duration(hours=6)
_WEATHER_KNOWN_AFTER = pl.duration(minutes=60)
_UTC_TIME = "%Y-%m-%dT%H:%M:%SZ"


def days(raw: pl.DataFrame) -> pl.Series:
    """Give the local day of each landed flight or weather row: a Date series `day`, null where it cannot be derived.

    The delivered year, month and day count; where they are no date, the day of `time_hour` in New York.
    """
    local = pl.col("time_hour").pipe(_utc).dt.convert_time_zone(HOME_ZONE).dt.date()
    return raw.select(pl.coalesce(_delivered_day(), local).alias("day")).to_series()


def schedule(raw_flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Derive what was planned, one row a landed flight.

    `sched_dep_at` is null unless `time_hour` + `minute`, read in New York, is the delivered day and `sched_dep_time`.
    `sched_arr_at` is the first time after it at which the destination's clock shows `sched_arr_time`;
    `block_minutes` (gate to gate) is less than a day. `tailnum` is the recorded tail: known after the fact only.
    `airports` needs `faa` and `tzone`; a destination without a known zone has no `sched_arr_at`.
    """
    return _timed(raw_flights, airports).select(
        "flight_id",
        "day",
        "carrier",
        "flight",
        "origin",
        "dest",
        "tailnum",
        "sched_dep_time",
        "sched_arr_time",
        "distance",
        "sched_dep_at",
        "sched_arr_at",
        "block_minutes",
        "source_row",
    )


def movements(raw_flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Derive what happened and when it became known, one row a landed flight.

    `status` is null when the delivered fields fit neither a completed, a diverted nor a cancelled flight.
    `departure_known_at`: the departure, or the scheduled one for a cancellation (a cancellation announced earlier is
    not recorded, so it counts as known late, never early). `outcome_known_at`: the arrival; for a cancellation the
    scheduled departure; for a diversion, whose arrival is not recorded, the scheduled arrival + 6 h, or the departure
    if that was later still.
    """
    delay = pl.duration(minutes=_integer("dep_delay"))
    late = pl.duration(minutes=_integer("arr_delay"))
    cancelled, diverted = pl.col("status") == "cancelled", pl.col("status") == "diverted"
    return (
        _timed(raw_flights, airports)
        .with_columns(
            status=_status(),
            departed_at=pl.col("sched_dep_at") + delay,
            arrived_at=pl.col("sched_arr_at") + late,
        )
        .with_columns(
            departure_known_at=pl.when(cancelled).then("sched_dep_at").otherwise("departed_at"),
            outcome_known_at=pl.when(cancelled)
            .then("sched_dep_at")
            .when(diverted)
            .then(_later("departed_at", pl.col("sched_arr_at") + _DIVERSION_KNOWN_AFTER))
            .otherwise("arrived_at"),
        )
        .select(
            "flight_id",
            "day",
            "origin",
            "dest",
            "carrier",
            "status",
            "dep_time",
            "dep_delay",
            "arr_time",
            "arr_delay",
            "air_time",
            "sched_dep_at",
            "sched_arr_at",
            "departed_at",
            "arrived_at",
            "departure_known_at",
            "outcome_known_at",
            "source_row",
        )
    )


def weather(raw_weather: pl.DataFrame) -> pl.DataFrame:
    """Derive the observations, one row a landed one; `known_at` is 60 minutes after the label `observed_at`.

    The label H holds what was measured at H:51, so it is not known before H + 1.
    """
    observed = pl.col("time_hour").pipe(_utc)
    return raw_weather.with_columns(days(raw_weather)).select(
        "origin",
        "day",
        observed.alias("observed_at"),
        (observed + _WEATHER_KNOWN_AFTER).alias("known_at"),
        "temp",
        "dewp",
        "humid",
        "wind_dir",
        "wind_speed",
        "wind_gust",
        "precip",
        "pressure",
        "visib",
        "source_row",
    )


def planes(raw: pl.DataFrame) -> pl.DataFrame:
    """Give the aircraft registry: a snapshot of June 2014, so the future to every decision of 2013."""
    return raw.select(*DELIVERIES["planes"].columns, "source_row")


def airports(raw: pl.DataFrame) -> pl.DataFrame:
    """Give the airports with their IANA zone `tzone`."""
    return raw.select(*DELIVERIES["airports"].columns, "source_row")


def airlines(raw: pl.DataFrame) -> pl.DataFrame:
    """Give the carriers' names."""
    return raw.select(*DELIVERIES["airlines"].columns, "source_row")


def _timed(raw_flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Add flight_id, day, sched_dep_at, sched_arr_at and block_minutes to the landed flights."""
    planned = pl.col("time_hour").pipe(_utc) + pl.duration(minutes=_integer("minute"))
    local = planned.dt.convert_time_zone(HOME_ZONE)
    agrees = (local.dt.date() == _delivered_day()) & (_minutes_of_day(local) == _clock_minutes("sched_dep_time"))
    zones = _zones(airports)
    return (
        raw_flights.with_columns(
            # The delivered `day` is a day of the month; it gives way to the date, so nothing after may read it as text.
            days(raw_flights),
            sched_dep_at=pl.when(agrees).then(planned),
            zone=pl.col("dest").replace_strict(zones, default=None, return_dtype=pl.String),
        )
        .with_columns(
            flight_id=pl.concat_str(
                pl.col("day").dt.to_string("%Y-%m-%d"), "origin", "carrier", _integer("flight"), separator="/"
            ),
        )
        .pipe(_with_arrival, sorted(set(zones.values())))
        .with_columns(block_minutes=(pl.col("sched_arr_at") - pl.col("sched_dep_at")).dt.total_minutes())
        .with_columns(pl.col("block_minutes").cast(pl.Int32))
    )


def _with_arrival(flights: pl.DataFrame, zones: list[str]) -> pl.DataFrame:
    """Add `sched_arr_at`, zone by zone, since one polars expression converts to one zone only."""
    parts = flights.with_row_index("position").partition_by("zone", as_dict=True, maintain_order=True)
    done = [
        part.with_columns(sched_arr_at=_arrival(zone) if zone in zones else pl.lit(None, pl.Datetime("us", "UTC")))
        for (zone,), part in parts.items()
    ]
    if not done:
        return flights.with_columns(sched_arr_at=pl.lit(None, pl.Datetime("us", "UTC")))
    return pl.concat(done).sort("position").drop("position", "zone")


def _arrival(zone: str) -> pl.Expr:
    """Give the first instant after `sched_dep_at` at which clocks in `zone` show `sched_arr_time`.

    A clock time shown twice (the end of summer time) counts at its first showing; one never shown gives null, and so
    does an arrival a full day after the departure.
    """
    leaving = pl.col("sched_dep_at").dt.convert_time_zone(zone)
    clock = _clock_minutes("sched_arr_time")
    overnight = pl.when(clock <= _minutes_of_day(leaving)).then(_DAY_MINUTES).otherwise(0)
    midnight = leaving.dt.replace_time_zone(None).dt.truncate("1d")
    shown = midnight + pl.duration(minutes=clock + overnight)
    arrival = shown.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    minutes = (arrival - pl.col("sched_dep_at")).dt.total_minutes()
    return pl.when(minutes.is_between(1, _DAY_MINUTES - 1)).then(arrival)


def _zones(airports: pl.DataFrame) -> dict[str, str]:
    """Map each airport to its zone, leaving out zones that do not exist; the first row of an airport counts."""
    delivered = airports.select("faa", "tzone").drop_nulls().unique("faa", keep="first", maintain_order=True)
    known = {zone for zone in delivered.get_column("tzone").unique().to_list() if _exists(zone)}
    return EXTRA_ZONES | {airport: zone for airport, zone in delivered.iter_rows() if zone in known}


def _exists(zone: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError:
        return False
    return True


def _status() -> pl.Expr:
    given = {
        name: pl.col(name).is_not_null() for name in ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
    }
    left, landed = given["dep_time"] & given["dep_delay"], given["arr_delay"] & given["air_time"]
    return (
        pl.when(~pl.any_horizontal(*given.values()))
        .then(pl.lit("cancelled"))
        .when(left & ~given["arr_delay"] & ~given["air_time"])
        .then(pl.lit("diverted"))
        .when(left & landed & given["arr_time"])
        .then(pl.lit("completed"))
    )


def _delivered_day() -> pl.Expr:
    text = pl.concat_str("year", "month", "day", separator="-")
    return text.str.to_date("%Y-%m-%d", strict=False)


def _utc(text: pl.Expr) -> pl.Expr:
    return text.str.to_datetime(_UTC_TIME, time_unit="us", strict=False).dt.replace_time_zone("UTC")


def _integer(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int32, strict=False)


def _clock_minutes(column: str) -> pl.Expr:
    """Read hhmm as minutes since midnight, 0 to 1440; null for what no clock shows."""
    number = _integer(column)
    readable = number.is_between(0, 2400) & (number % 100 < 60)
    return pl.when(readable).then(number // 100 * 60 + number % 100)


def _minutes_of_day(moment: pl.Expr) -> pl.Expr:
    return moment.dt.hour().cast(pl.Int32) * 60 + moment.dt.minute().cast(pl.Int32)


def _later(first: str, second: pl.Expr) -> pl.Expr:
    """Give the later of two moments, null when either is null (max_horizontal would skip a null)."""
    return pl.when(pl.col(first) > second).then(pl.col(first)).otherwise(second + (pl.col(first) - pl.col(first)))
