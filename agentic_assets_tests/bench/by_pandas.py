"""The same features by pandas, as a careful user would write them: running sums, and `merge_asof` at both ends.

No proofs, and no rule for facts that become known before their day begins or weeks late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentic_assets.domains.departures.feature_sets.departure_delay import MEASURED
from agentic_assets.domains.departures.sources import HOME_ZONE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "make"]

COLUMNS: Final = {
    "schedule": [
        *("flight_id", "origin", "dest", "carrier", "tailnum"),
        *("sched_dep_time", "sched_dep_at", "day", "block_minutes"),
    ],
    "movements": [
        *("flight_id", "origin", "dest", "carrier", "status", "arr_delay", "dep_delay", "departed_at"),
        *("sched_dep_at", "outcome_known_at", "departure_known_at"),
    ],
    "weather": ["origin", "known_at", "observed_at", *MEASURED],
}
_KNOWN: Final = "known_at"
_RATES: Final = {
    "carrier": ["carrier"],
    "route": ["origin", "dest"],
    "origin_hour": ["origin", "hour"],
    "carrier_origin": ["carrier", "origin"],
}


def make(schedule: pd.DataFrame, movements: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Give the 31 features of the five views, one row a flight, in the order of their decisions."""
    import pandas as pd

    flights = schedule.assign(
        hour=schedule["sched_dep_time"] // 100, decided_at=schedule["sched_dep_at"] - pd.Timedelta(hours=2)
    )
    flights = flights.sort_values(["decided_at", "flight_id"], ignore_index=True)
    made = flights[["flight_id", "decided_at"]].copy()
    _weather(made, flights, weather)
    status, late = movements["status"], movements["arr_delay"] > 60
    ended = movements.assign(
        known_at=movements["outcome_known_at"],
        hour=movements["sched_dep_at"].dt.tz_convert(HOME_ZONE).dt.hour,
        disrupted=((status != "completed") | late.fillna(value=False)).astype("int64"),
        one=1,
        arrived=movements["arr_delay"].notna().astype("int64"),
        minutes=movements["arr_delay"].fillna(0),
    )
    _dest(made, flights, ended)
    _history(made, flights, ended)
    left = movements.assign(
        known_at=movements["departure_known_at"],
        one=1,
        left=movements["dep_delay"].notna().astype("int64"),
        minutes=movements["dep_delay"].fillna(0),
        late=(movements["dep_delay"] > 15).fillna(value=False).astype("int64"),
        cancelled=movements["departed_at"].isna().astype("int64"),
    )
    _network(made, flights, left)
    _inbound(made, flights, left, schedule)
    return made


def _weather(made: pd.DataFrame, flights: pd.DataFrame, weather: pd.DataFrame) -> None:
    import pandas as pd

    observed = weather.sort_values(_KNOWN, kind="stable")
    newest = _newest(flights, observed, ["origin"], hours=28 * 24)
    age = (flights["decided_at"] - newest["observed_at"]) // pd.Timedelta(minutes=1)
    made["wx_age_minutes"] = age
    for name in MEASURED:
        made[f"wx_{name}"] = newest[name].where(age <= 6 * 60)
    precip = observed["precip"]
    measured = observed.assign(one=1, parts=(precip * 10_000).round().fillna(0), given=precip.notna().astype("int64"))
    window = _window(flights, flights["decided_at"], measured, ["origin"], ["one", "parts", "given"], 3)
    made["wx_observations_3h"] = window["one"]
    made["wx_precip_3h"] = (window["parts"] / 10_000).where(window["given"] > 0)


def _dest(made: pd.DataFrame, flights: pd.DataFrame, ended: pd.DataFrame) -> None:
    measures = ["one", "disrupted", "arrived", "minutes"]
    window = _window(flights, flights["decided_at"], ended.sort_values(_KNOWN, kind="stable"), ["dest"], measures, 4)
    made["dest_outcomes_4h"], made["dest_disrupted_4h"] = window["one"], window["disrupted"]
    made["dest_arr_delay_4h"] = window["minutes"] / window["arrived"].where(window["arrived"] > 0)


def _network(made: pd.DataFrame, flights: pd.DataFrame, left: pd.DataFrame) -> None:
    measures = ["one", "left", "minutes", "late", "cancelled"]
    window = _window(flights, flights["decided_at"], left.sort_values(_KNOWN, kind="stable"), [], measures, 2)
    some = window["left"].where(window["left"] > 0)
    made["network_departures_2h"], made["network_cancelled_2h"] = window["one"], window["cancelled"]
    made["network_dep_delay_2h"], made["network_late_2h"] = window["minutes"] / some, window["late"] / some


def _history(made: pd.DataFrame, flights: pd.DataFrame, ended: pd.DataFrame) -> None:
    import numpy as np
    import pandas as pd

    begins = pd.to_datetime(flights["day"]).dt.tz_localize(HOME_ZONE).dt.tz_convert("UTC").dt.as_unit("us")
    moments = flights["decided_at"].where(flights["decided_at"] < begins, begins)
    order = np.argsort(moments.to_numpy(), kind="stable")
    back = np.argsort(order, kind="stable")
    looking, ordered = flights.iloc[order].reset_index(drop=True), moments.iloc[order].reset_index(drop=True)
    known = ended.sort_values(_KNOWN, kind="stable")
    for name, key in _RATES.items():
        for days in (7, 28):
            window = _window(looking, ordered, known, key, ["one", "disrupted"], days * 24)
            rate = (window["disrupted"] + 2) / (window["one"] + 20)
            made[f"{name}_disrupted_{days}d"] = rate.to_numpy()[back]


def _inbound(made: pd.DataFrame, flights: pd.DataFrame, left: pd.DataFrame, schedule: pd.DataFrame) -> None:
    import pandas as pd

    flown = left[left["departed_at"].notna()].merge(schedule[["flight_id", "tailnum", "block_minutes"]], on="flight_id")
    flown = flown[flown["tailnum"].notna()].sort_values([_KNOWN, "sched_dep_at"], kind="stable")
    columns = ["tailnum", _KNOWN, "departed_at", "dep_delay", "arr_delay", "block_minutes", "outcome_known_at"]
    found = _newest(flights[["tailnum", "decided_at"]], flown[columns], ["tailnum"], hours=18)
    minute = pd.Timedelta(minutes=1)
    made["inbound_minutes_since_departure"] = (flights["decided_at"] - found["departed_at"]) // minute
    made["inbound_dep_delay"] = found["dep_delay"]
    made["inbound_arr_delay"] = found["arr_delay"].where(found["outcome_known_at"] <= flights["decided_at"])
    back = found["departed_at"] + pd.to_timedelta(2 * found["block_minutes"] + 45, unit="min")
    made["inbound_slack_minutes"] = (flights["sched_dep_at"] - back) // minute


def _newest(flights: pd.DataFrame, facts: pd.DataFrame, key: list[str], hours: int) -> pd.DataFrame:
    import pandas as pd

    asked = flights[[*key, "decided_at"]]
    span = pd.Timedelta(hours=hours) - pd.Timedelta(microseconds=1)  # one that old does not count, its tolerance does
    return pd.merge_asof(asked, facts, left_on="decided_at", right_on=_KNOWN, by=key, tolerance=span)


def _window(
    flights: pd.DataFrame, moments: Any, facts: pd.DataFrame, key: list[str], measures: list[str], hours: int
) -> pd.DataFrame:
    """Sum over the hours before each moment: the running sums at both ends, one subtracted from the other."""
    import pandas as pd

    sums = facts.groupby(key, sort=False)[measures].cumsum() if key else facts[measures].cumsum()
    running = pd.concat([facts[[*key, _KNOWN]], sums], axis=1)
    ends = []
    for moment in (moments, moments - pd.Timedelta(hours=hours)):
        asked = flights[key].assign(moment=moment)
        found = pd.merge_asof(asked, running, left_on="moment", right_on=_KNOWN, by=key or None)
        ends.append(found[measures].fillna(0))
    return ends[0] - ends[1]
