"""The features of `departure_delay` once more, in DuckDB SQL: window frames and joins, no code of the package.

Instants are microseconds UTC. `e` holds the flights to be decided, `m` the movements, `w` the weather, `d` the first
instant of each New York day. A fact counts from its known_at on, but not before its own day begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

__all__ = ["features_by_sql"]

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR

_PREPARE = f"""
CREATE TABLE e AS
SELECT s.flight_id, s.day, s.carrier, s.origin, s.dest, s.tailnum, s.distance, s.block_minutes,
       s.sched_dep_time // 100 AS hour, s.sched_dep_time % 100 AS minute,
       epoch_us(s.sched_dep_at) AS event, epoch_us(s.sched_dep_at) - {2 * _HOUR} AS t, d.begins
FROM schedule s JOIN d ON d.day = s.day;

CREATE TABLE m AS
SELECT v.flight_id, v.origin, v.carrier, v.dest, v.status, v.dep_delay, v.arr_delay, v.source_row,
       epoch_us(v.sched_dep_at) AS event, epoch_us(v.departed_at) AS departed,
       greatest(epoch_us(v.departure_known_at), d.begins) AS left_at,
       greatest(epoch_us(v.outcome_known_at), d.begins) AS ended_at,
       (hour(v.sched_dep_local))::INTEGER AS hour, s.tailnum, s.block_minutes,
       (v.status <> 'completed' OR coalesce(v.arr_delay > 60, false))::INTEGER AS disrupted
FROM movements v JOIN d ON d.day = v.day LEFT JOIN schedule s ON s.flight_id = v.flight_id;

CREATE TABLE w AS
SELECT o.* EXCLUDE (known_at, observed_at), epoch_us(o.observed_at) AS observed,
       greatest(epoch_us(o.known_at), d.begins) AS known, round(o.precip * 10000)::BIGINT AS precip_e4
FROM weather o JOIN d ON d.day = o.day;
"""


def features_by_sql(
    schedule: pl.DataFrame, movements: pl.DataFrame, weather: pl.DataFrame, first: date, last: date
) -> pl.DataFrame:
    """Compute every feature and every proof of all flights from the first day to the last, by flight_id."""
    local = pl.col("sched_dep_at").dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    con = duckdb.connect()
    try:
        con.register("schedule", schedule.to_arrow())
        con.register("movements", movements.with_columns(sched_dep_local=local).to_arrow())
        con.register("weather", weather.to_arrow())
        con.register("d", _days(first, last).to_arrow())
        con.execute(_PREPARE)
        parts: list[pl.DataFrame] = [con.sql(query).pl() for query in _QUERIES]
    finally:
        con.close()
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.join(part, on="flight_id", how="full", coalesce=True, validate="1:1")
    return whole


def _days(first: date, last: date) -> pl.DataFrame:
    zone, epoch = ZoneInfo("America/New_York"), datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    begins = [
        (datetime(day.year, day.month, day.day, tzinfo=zone) - epoch) // timedelta(microseconds=1) for day in days
    ]
    return pl.DataFrame({"day": days, "begins": begins}, schema={"day": pl.Date, "begins": pl.Int64})


def _framed(facts: str, moments: str, key: str, frame: str, columns: Mapping[str, str], proof: str) -> str:
    """Line facts and moments up by key and time; each moment reads the sums over the frame of facts before it."""
    made = ", ".join(f"{what} AS {name}" for name, what in columns.items())
    sums = ", ".join(f"sum({name}) OVER f AS {name}" for name in ("n", "gone", "delay", "late", "ended", "arr", "bad"))
    return f"""
    WITH lined AS (
        SELECT NULL AS flight_id, {key}, moment, moment AS known, 1 AS n, (status <> 'cancelled')::INTEGER AS gone,
               coalesce(dep_delay, 0) AS delay, coalesce(dep_delay > 15, false)::INTEGER AS late,
               (arr_delay IS NOT NULL)::INTEGER AS ended, coalesce(arr_delay, 0) AS arr, disrupted AS bad
        FROM ({facts})
        UNION ALL
        SELECT flight_id, {key}, moment, NULL, 0, 0, 0, 0, 0, 0, 0 FROM ({moments})
    ), read AS (
        SELECT flight_id, {sums}, max(known) OVER f AS known
        FROM lined WINDOW f AS (PARTITION BY {key} ORDER BY moment RANGE BETWEEN {frame} AND CURRENT ROW)
    )
    SELECT flight_id, {made}, known AS {proof} FROM read WHERE flight_id IS NOT NULL
    """


def _back(span: int) -> str:
    return f"{span - 1} PRECEDING"  # after T - span, up to T


def _departures(name: str, when: str) -> dict[str, str]:
    return {
        f"{name}_departures_{when}": "n",
        f"{name}_dep_delay_{when}": "delay::DOUBLE / nullif(gone, 0)::DOUBLE",
        f"{name}_late_{when}": "late::DOUBLE / nullif(gone, 0)::DOUBLE",
        f"{name}_cancelled_{when}": "n - gone",
    }


def _state(name: str, key: str, hours: int, proof: str) -> str:
    return _framed(
        "SELECT *, left_at AS moment, true AS everywhere FROM m",
        "SELECT *, t AS moment, true AS everywhere FROM e",
        key,
        _back(hours * _HOUR),
        _departures(name, f"{hours}h"),
        proof,
    )


def _today(name: str, key: str) -> str:
    # A day of its own for each fact by when it became known; T of a flight may lie before its day begins.
    facts = "SELECT m.*, left_at AS moment, d.day AS today FROM m ASOF JOIN d ON m.left_at >= d.begins"
    return _framed(
        facts, "SELECT *, t AS moment, day AS today FROM e", f"{key}, today", "UNBOUNDED PRECEDING",
        _departures(name, "today"), f"{name}_today_proof",
    )  # fmt: skip


def _rates(name: str, key: str, days: int) -> str:
    return _framed(
        "SELECT *, ended_at AS moment FROM m",
        "SELECT *, least(t, begins) AS moment FROM e",
        key,
        _back(days * _DAY),
        {f"{name}_disrupted_{days}d": "(bad + 2)::DOUBLE / (n + 20)::DOUBLE"},
        f"{name}_{days}d_proof",
    )


def _overdue(name: str, key: str) -> str:
    # Each flight adds itself when it opens and takes itself away when it closes.
    return f"""
    WITH p AS (
        SELECT *, event AS opened, least(greatest(left_at, event), event + {_DAY}) AS closed FROM m
    ), lined AS (
        SELECT NULL AS flight_id, {key}, opened AS moment, opened AS known, 1 AS n, opened::HUGEINT AS since FROM p
        UNION ALL
        SELECT NULL, {key}, closed, closed, -1, -opened::HUGEINT FROM p
        UNION ALL
        SELECT flight_id, {key}, t, NULL, 0, 0 FROM e
    ), read AS (
        SELECT flight_id, moment, sum(n) OVER f AS n, sum(since) OVER f AS since, max(known) OVER f AS known
        FROM lined WINDOW f AS (PARTITION BY {key} ORDER BY moment RANGE UNBOUNDED PRECEDING)
    )
    SELECT flight_id, n AS {name}_overdue,
           CASE WHEN n > 0 THEN (n * moment - since)::DOUBLE / (n * 60000000)::DOUBLE END AS {name}_overdue_minutes,
           CASE WHEN known > moment - {_DAY} THEN known END AS {name}_overdue_proof
    FROM read WHERE flight_id IS NOT NULL
    """


_WEATHER = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
_FRESH = "(e.t - w.observed) // 60000000 <= 360"

_QUERIES = (
    f"""
    SELECT flight_id, t AS decided_at, carrier, origin, dest, hour, minute, isodow(day) AS day_of_week, distance,
           block_minutes, begins - {_DAY} AS schedule_known_at,
           count(*) OVER (PARTITION BY origin, day ORDER BY event
                          RANGE BETWEEN {_HOUR} PRECEDING AND {_HOUR} FOLLOWING) - 1 AS flights_within_1h
    FROM e
    """,
    f"""
    SELECT e.flight_id, (e.t - w.observed) // 60000000 AS wx_age_minutes, w.known AS weather_known_at,
           {", ".join(f"CASE WHEN {_FRESH} THEN w.{name} END AS wx_{name}" for name in _WEATHER)}
    FROM e ASOF LEFT JOIN w ON e.origin = w.origin AND w.known <= e.t
    """,
    f"""
    WITH lined AS (
        SELECT NULL AS flight_id, origin, known AS moment, 1 AS n, precip_e4 FROM w
        UNION ALL
        SELECT flight_id, origin, t, 0, NULL FROM e
    ), read AS (
        SELECT flight_id, sum(n) OVER f AS n, sum(precip_e4) OVER f AS fallen FROM lined
        WINDOW f AS (PARTITION BY origin ORDER BY moment RANGE BETWEEN {_back(3 * _HOUR)} AND CURRENT ROW)
    )
    SELECT flight_id, n AS wx_observations_3h, fallen::DOUBLE / 10000 AS wx_precip_3h
    FROM read WHERE flight_id IS NOT NULL
    """,
    *(
        _rates(name, key, days)
        for name, key in (
            ("carrier", "carrier"),
            ("route", "origin, dest"),
            ("origin_hour", "origin, hour"),
            ("carrier_origin", "carrier, origin"),
        )
        for days in (7, 28)
    ),
    _today("origin", "origin"),
    _state("origin", "origin", 2, "origin_2h_proof"),
    _today("carrier_origin", "carrier, origin"),
    _state("carrier_origin", "carrier, origin", 4, "carrier_origin_4h_proof"),
    _state("network", "everywhere", 2, "network_known_at"),
    _framed(
        "SELECT *, ended_at AS moment FROM m",
        "SELECT *, t AS moment FROM e",
        "dest",
        _back(4 * _HOUR),
        {
            "dest_outcomes_4h": "n",
            "dest_disrupted_4h": "bad",
            "dest_arr_delay_4h": "arr::DOUBLE / nullif(ended, 0)::DOUBLE",
        },
        "dest_known_at",
    ),
    _overdue("origin", "origin"),
    _overdue("carrier_origin", "carrier, origin"),
    f"""
    WITH flown AS (
        SELECT * FROM m WHERE status <> 'cancelled' AND tailnum IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY tailnum, left_at ORDER BY event DESC, source_row DESC) = 1
    ), previous AS (
        SELECT e.flight_id, e.t, e.event, f.departed, f.dep_delay, f.arr_delay, f.ended_at, f.block_minutes, f.left_at
        FROM e ASOF JOIN flown f ON e.tailnum = f.tailnum AND f.left_at <= e.t
        WHERE f.left_at > e.t - {18 * _HOUR}
    )
    SELECT e.flight_id,
           (e.t - departed) // 60000000 AS inbound_minutes_since_departure,
           dep_delay AS inbound_dep_delay,
           CASE WHEN ended_at <= e.t THEN arr_delay END AS inbound_arr_delay,
           (e.event - previous.departed) // 60000000 - (2 * previous.block_minutes + 45) AS inbound_slack_minutes,
           CASE WHEN ended_at <= e.t THEN greatest(left_at, ended_at) ELSE left_at END AS inbound_known_at
    FROM e LEFT JOIN previous USING (flight_id)
    """,
)
