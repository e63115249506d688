"""The views of `departure_delay`: each a few facts, looked at as of two hours before the scheduled departure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import polars as pl

from agentic_assets.domains.departures.feature_sets.described import MEASURED
from agentic_assets.features import AsOf, Keyed, View, Window, newest

__all__ = ["VIEWS"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MINUTE = 60_000_000

# 2 disrupted of 20 flights, near the share of the year: a key with few flights stays near it.
_PRIOR = (2, 20)
# A weather observation older than this is no longer the weather; its age is still told.
_WEATHER_MAX_AGE = 360
# The aircraft's stay at the other end, assumed; it only shifts the estimate.
_TURNAROUND = 45
_SAME_AIRCRAFT = 18 * _HOUR


def schedule(at: AsOf) -> View:
    """What the timetable says, which is known ahead."""
    rows = at.entities
    nearby = at.by("timetable", "origin", "day").around(_HOUR, _HOUR)
    columns = {name: rows.get_column(name) for name in ("carrier", "origin", "dest", "hour", "minute")}
    columns["day_of_week"] = rows.get_column("day").dt.weekday()
    columns |= {name: rows.get_column(name) for name in ("distance", "block_minutes")}
    columns["flights_within_1h"] = nearby.count(less=1)
    return View("schedule", columns, at.published("timetable"))


def weather(at: AsOf) -> View:
    """The newest observation at the origin that is known, and the rain of the last three hours."""
    observed = at.by("weather", "origin")
    latest = observed.latest(28 * _DAY)
    fresh = latest.not_older(_WEATHER_MAX_AGE, than="observed_at")
    columns = {"wx_age_minutes": latest.minutes_since("observed_at")}
    columns |= {f"wx_{name}": fresh.value(name) for name in MEASURED}
    recent = observed.window(3 * _HOUR)
    columns["wx_observations_3h"] = recent.count()
    columns["wx_precip_3h"] = recent.scaled("precip_e4", 10_000)
    return View("weather", columns, latest.known_at)


def history(at: AsOf) -> View:
    """How flights of the same carrier, route, airport and hour ended over the last weeks."""
    columns, proofs = {}, []
    for name, key in (
        ("carrier", ("carrier",)),
        ("route", ("origin", "dest")),
        ("origin_hour", ("origin", "hour")),
        ("carrier_origin", ("carrier", "origin")),
    ):
        outcomes = at.daily("outcomes", *key)
        week, weeks = outcomes.window(7 * _DAY), outcomes.window(28 * _DAY)
        columns[f"{name}_disrupted_7d"] = week.rate("disrupted", _PRIOR)
        columns[f"{name}_disrupted_28d"] = weeks.rate("disrupted", _PRIOR)
        proofs.append(weeks.known_at)
    return View("history", columns, newest(*proofs))


def origin(at: AsOf) -> View:
    """What left the airport today, and in the last two hours."""
    return _state(at, "origin", at.by("departures", "origin"), recent=2 * _HOUR)


def carrier_origin(at: AsOf) -> View:
    """What the carrier's flights from the airport did today, and in the last four hours."""
    return _state(at, "carrier_origin", at.by("departures", "carrier", "origin"), recent=4 * _HOUR)


def dest(at: AsOf) -> View:
    """How flights to the destination ended in the last four hours."""
    ended = at.by("outcomes", "dest").window(4 * _HOUR)
    columns = {
        "dest_outcomes_4h": ended.count(),
        "dest_disrupted_4h": ended.total("disrupted"),
        "dest_arr_delay_4h": ended.mean("arr_delay"),
    }
    return View("dest", columns, ended.known_at)


def network(at: AsOf) -> View:
    """What left the three airports in the last two hours."""
    recent = at.by("departures").window(2 * _HOUR)
    return View("network", dict(_departures("network", "2h", recent)), recent.known_at)


def overdue(at: AsOf) -> View:
    """Flights whose time has passed and that have neither left nor been cancelled."""
    columns, proofs = {}, []
    for name, key in (("origin", ("origin",)), ("carrier_origin", ("carrier", "origin"))):
        awaited = at.pending("departures", *key, opens="sched_dep_at", at_most=_DAY)
        columns[f"{name}_overdue"] = awaited.count()
        columns[f"{name}_overdue_minutes"] = awaited.mean_wait()
        proofs.append(awaited.known_at)
    return View("overdue", columns, newest(*proofs))


def inbound(at: AsOf) -> View:
    """The aircraft's previous flight out of New York, and when it can be back.

    The recorded tail only selects that flight: a flight without a tail and one whose aircraft flew nothing before
    look the same.
    """
    left = at.by("flown", "tailnum").latest(_SAME_AIRCRAFT)
    # Out, a stay, and back in the same time.
    back = (
        left.value("departed_at").to_physical()
        + (2 * left.value("block_minutes").cast(pl.Int64) + _TURNAROUND) * _MINUTE
    )
    columns = {
        "inbound_minutes_since_departure": left.minutes_since("departed_at"),
        "inbound_dep_delay": left.value("dep_delay"),
        "inbound_arr_delay": left.value("arr_delay"),
        "inbound_slack_minutes": ((pl.Series(at.event) - back) // _MINUTE).cast(pl.Int32),
    }
    return View("inbound", columns, newest(left.known_at, left.later("arr_delay")))


def _state(at: AsOf, name: str, departures: Keyed, recent: timedelta) -> View:
    today, lately = departures.today(), departures.window(recent)
    columns = dict(_departures(name, "today", today))
    columns |= dict(_departures(name, f"{recent // _HOUR}h", lately))
    return View(name, columns, newest(today.known_at, lately.known_at))


def _departures(name: str, when: str, window: Window) -> Iterable[tuple[str, pl.Series]]:
    yield f"{name}_departures_{when}", window.count()
    yield f"{name}_dep_delay_{when}", window.mean("dep_delay")
    yield f"{name}_late_{when}", window.mean("late")
    yield f"{name}_cancelled_{when}", window.total("cancelled")


# The longest first: they are made side by side.
VIEWS = (history, overdue, inbound, carrier_origin, origin, dest, network, schedule, weather)
