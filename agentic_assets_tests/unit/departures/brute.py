"""The features of one flight, by loops over everything that was known: slow, plain, and no code of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["features_of", "prepared"]

Row = Mapping[str, Any]

HOME = ZoneInfo("America/New_York")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")


def features_of(
    flight: Row, schedule: Sequence[Row], movements: Sequence[Row], weather: Sequence[Row]
) -> dict[str, Any]:
    """Compute every feature of a scheduled flight from movements and weather that went through `prepared`."""
    decided = flight["sched_dep_at"] - 2 * HOUR
    begins = midnight(flight["day"])
    found: dict[str, Any] = {name: flight[name] for name in ("carrier", "origin", "dest", "distance", "block_minutes")}
    found |= {"hour": flight["sched_dep_time"] // 100, "minute": flight["sched_dep_time"] % 100}
    found["day_of_week"] = flight["day"].isoweekday()
    found["flights_within_1h"] = sum(
        other["origin"] == flight["origin"]
        and other["day"] == flight["day"]
        and abs(other["sched_dep_at"] - flight["sched_dep_at"]) <= HOUR
        and other["flight_id"] != flight["flight_id"]
        for other in schedule
    )
    found |= _weather(flight["origin"], decided, weather)

    @cache
    def alike(*key: str) -> Sequence[Row]:
        facts = movements
        for part in key:
            facts = [fact for fact in facts if fact[part] == found[part]]
        return facts

    until = min(decided, begins)
    for name, *key in (
        ("carrier", "carrier"),
        ("route", "origin", "dest"),
        ("origin_hour", "origin", "hour"),
        ("carrier_origin", "carrier", "origin"),
    ):
        ended = [fact for fact in alike(*key) if fact["ended_at"] <= until]
        for days in (7, 28):
            lately = [fact for fact in ended if fact["ended_at"] > until - days * DAY]
            found[f"{name}_disrupted_{days}d"] = (sum(map(disrupted, lately)) + 2) / (len(lately) + 20)

    for name, when, since, *key in (
        ("origin", "today", begins - begins.resolution, "origin"),
        ("origin", "2h", decided - 2 * HOUR, "origin"),
        ("carrier_origin", "today", begins - begins.resolution, "carrier", "origin"),
        ("carrier_origin", "4h", decided - 4 * HOUR, "carrier", "origin"),
        ("network", "2h", decided - 2 * HOUR),
    ):
        facts = [fact for fact in alike(*key) if since < fact["left_at"] <= decided]
        delays = [fact["dep_delay"] for fact in facts if fact["status"] != "cancelled"]
        found[f"{name}_departures_{when}"] = len(facts)
        found[f"{name}_dep_delay_{when}"] = mean(delays)
        found[f"{name}_late_{when}"] = mean([int(delay > 15) for delay in delays])
        found[f"{name}_cancelled_{when}"] = len(facts) - len(delays)

    ended = [fact for fact in alike("dest") if decided - 4 * HOUR < fact["ended_at"] <= decided]
    found["dest_outcomes_4h"] = len(ended)
    found["dest_disrupted_4h"] = sum(map(disrupted, ended))
    found["dest_arr_delay_4h"] = mean([fact["arr_delay"] for fact in ended if fact["arr_delay"] is not None])

    for name, *key in (("origin", "origin"), ("carrier_origin", "carrier", "origin")):
        waits = [
            decided - fact["sched_dep_at"]
            for fact in alike(*key)
            if decided - DAY < fact["sched_dep_at"] <= decided < max(fact["left_at"], fact["sched_dep_at"])
        ]
        found[f"{name}_overdue"] = len(waits)
        found[f"{name}_overdue_minutes"] = mean([wait // timedelta(microseconds=1) for wait in waits], 60_000_000)
    return found | _inbound(flight, decided, movements)


def prepared(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Say when each fact counts as known: never before its own day begins, as no partition holds it before."""
    dates = {"left_at": "departure_known_at", "ended_at": "outcome_known_at", "seen_at": "known_at"}
    made = []
    for row in rows:
        begins = midnight(row["day"])
        whole = {**row, **{name: max(row[column], begins) for name, column in dates.items() if column in row}}
        if "sched_dep_at" in row:
            whole["hour"] = row["sched_dep_at"].astimezone(HOME).hour
        made.append(whole)
    return made


@cache
def midnight(day: date) -> datetime:
    """Give the first instant of a day in New York."""
    return datetime.combine(day, time(), HOME).astimezone(UTC)


def disrupted(fact: Row) -> bool:
    """Say whether a flight was cancelled, diverted or more than an hour late."""
    return bool(fact["status"] != "completed" or fact["arr_delay"] > 60)


def mean(values: Sequence[int], per: int = 1) -> float | None:
    """Average, or None over nothing."""
    return sum(values) / (len(values) * per) if values else None


def _weather(origin: str, decided: datetime, weather: Iterable[Row]) -> dict[str, Any]:
    seen = [row for row in weather if row["origin"] == origin and row["seen_at"] <= decided]
    newest = max(seen, key=lambda row: row["known_at"])
    age = (decided - newest["observed_at"]) // MINUTE
    recent = [row for row in seen if row["seen_at"] > decided - 3 * HOUR]
    return {
        "wx_age_minutes": age,
        **{f"wx_{name}": newest[name] if age <= 360 else None for name in MEASURED},
        "wx_observations_3h": len(recent),
        "wx_precip_3h": sum(round(row["precip"] * 10_000) for row in recent) / 10_000 if recent else None,
    }


def _inbound(flight: Row, decided: datetime, movements: Iterable[Row]) -> dict[str, Any]:
    legs = [
        fact
        for fact in movements
        if fact["status"] != "cancelled"
        and flight["tailnum"] is not None
        and fact["tailnum"] == flight["tailnum"]
        and decided - 18 * HOUR < fact["left_at"] <= decided
    ]
    names = ("minutes_since_departure", "dep_delay", "arr_delay", "slack_minutes")
    if not legs:
        return {f"inbound_{name}": None for name in names}
    leg = max(legs, key=lambda fact: (fact["left_at"], fact["sched_dep_at"], fact["source_row"]))
    landed = leg["ended_at"] <= decided
    back = leg["departed_at"] + (2 * leg["block_minutes"] + 45) * MINUTE
    values = (
        (decided - leg["departed_at"]) // MINUTE,
        leg["dep_delay"],
        leg["arr_delay"] if landed else None,
        (flight["sched_dep_at"] - back) // MINUTE,
    )
    return {f"inbound_{name}": value for name, value in zip(names, values, strict=True)}
