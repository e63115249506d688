"""The five views as tables of ready-made values, such as a store that only joins is given, and pandas joining them.

Each table holds, by key and instant, what was known from then on: the newest observation or flight, or a window that
ends at that fact. So a reader finds the newest row at or before its decision, at most so many hours old. That is the
nearest that `merge_asof` and Feast have: windows that end at the newest fact instead of the decision, and no proofs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from agentic_assets.domains.departures.feature_sets.departure_delay import MEASURED
from agentic_assets.domains.departures.sources import HOME_ZONE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENTITIES", "join_with_pandas", "write"]

ENTITIES: Final = "entities.parquet"
_KNOWN: Final = "known_at"
_RATES: Final = {
    "carrier": ("carrier",),
    "route": ("origin", "dest"),
    "origin_hour": ("origin", "hour"),
    "carrier_origin": ("carrier", "origin"),
}


@dataclass(frozen=True)
class _View:
    rows: pl.DataFrame
    key: tuple[str, ...]
    hours: int


def write(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Write the entities, the views' tables sorted by instant, and `views.json`, which says how to join them."""
    schedule = tables["sources/schedule"]
    entities = schedule.select(
        "flight_id",
        *("origin", "dest", "carrier", "tailnum"),
        hour=(pl.col("sched_dep_time") // 100).cast(pl.Int64),
        day=pl.col("day").cast(pl.String),
        decided_at=pl.col("sched_dep_at") - pl.duration(hours=2),
    )
    entities.write_parquet(folder / ENTITIES)
    told = {}
    for name, view in _views(tables).items():
        rows = view.rows.unique([*view.key, _KNOWN], keep="last", maintain_order=True).sort(_KNOWN, *view.key)
        rows.write_parquet(folder / f"{name}.parquet")
        values = [column for column in rows.columns if column not in (*view.key, _KNOWN)]
        told[name] = {"key": view.key, "hours": view.hours, "values": values}
    (folder / "views.json").write_text(json.dumps(told), encoding="utf-8")


def _views(tables: dict[str, pl.DataFrame]) -> dict[str, _View]:
    ended, left = _outcomes(tables["sources/movements"]), _departures(tables["sources/movements"])
    hits = pl.col("disrupted").sum()
    dest = ended.sort("dest", _KNOWN).rolling(_KNOWN, period="4h", group_by="dest")
    network = left.sort(_KNOWN).rolling(_KNOWN, period="2h")
    late = pl.col("dep_delay") > 15
    return {
        "weather": _View(_weather(tables["sources/weather"]), ("origin",), 5),
        "dest": _View(
            dest.agg(
                dest_outcomes_4h=pl.len().cast(pl.Int64),
                dest_disrupted_4h=hits.cast(pl.Int64),
                dest_arr_delay_4h=pl.col("arr_delay").mean(),
            ),
            ("dest",),
            4,
        ),
        # By day too: of one key alone, Feast would join everything with everything.
        "network": _View(
            network.agg(
                network_departures_2h=pl.len().cast(pl.Int64),
                network_dep_delay_2h=pl.col("dep_delay").mean(),
                network_late_2h=late.mean(),
                network_cancelled_2h=pl.col("departed_at").is_null().sum().cast(pl.Int64),
            ).with_columns(day=_local(_KNOWN).cast(pl.String)),
            ("day",),
            2,
        ),
        "inbound": _View(_flown(left, tables["sources/schedule"]), ("tailnum",), 18),
        **{f"history_{name}": _View(_rates(ended, name, key), key, 48) for name, key in _RATES.items()},
    }


def _outcomes(movements: pl.DataFrame) -> pl.DataFrame:
    bad = (pl.col("status") != "completed") | (pl.col("arr_delay") > 60).fill_null(value=False)
    hour = pl.col("sched_dep_at").dt.convert_time_zone(HOME_ZONE).dt.hour().cast(pl.Int64)
    named = movements.rename({"outcome_known_at": _KNOWN})
    return named.select(_KNOWN, "origin", "dest", "carrier", "arr_delay", hour=hour, disrupted=bad)


def _departures(movements: pl.DataFrame) -> pl.DataFrame:
    return movements.rename({"departure_known_at": _KNOWN}).select(
        _KNOWN, "flight_id", "departed_at", "dep_delay", "arr_delay"
    )


def _weather(weather: pl.DataFrame) -> pl.DataFrame:
    recent = (
        weather.sort("origin", _KNOWN)
        .rolling(_KNOWN, period="3h", group_by="origin")
        .agg(wx_observations_3h=pl.len().cast(pl.Int64), wx_precip_3h=pl.col("precip").sum())
    )
    observed = weather.select("origin", _KNOWN, "observed_at", *(pl.col(name).alias(f"wx_{name}") for name in MEASURED))
    return observed.join(recent, on=["origin", _KNOWN])


def _flown(left: pl.DataFrame, schedule: pl.DataFrame) -> pl.DataFrame:
    flown = left.filter(pl.col("departed_at").is_not_null()).join(
        schedule.select("flight_id", "tailnum", "block_minutes"), on="flight_id"
    )
    return flown.filter(pl.col("tailnum").is_not_null()).select(
        "tailnum",
        _KNOWN,
        inbound_departed_at="departed_at",
        inbound_dep_delay="dep_delay",
        inbound_arr_delay="arr_delay",
        inbound_block_minutes="block_minutes",
    )


def _rates(ended: pl.DataFrame, name: str, key: tuple[str, ...]) -> pl.DataFrame:
    """Give the rates of each key as of each midnight, over the 7 and the 28 days before."""
    daily = ended.group_by(*key, day=_local(_KNOWN)).agg(hits=pl.col("disrupted").sum(), trials=pl.len())
    days = pl.select(day=pl.date_range(daily["day"].min(), daily["day"].max()))  # type: ignore[arg-type]
    grid = daily.select(key).unique().join(days, how="cross").join(daily, on=[*key, "day"], how="left")
    grid = grid.sort(*key, "day").with_columns(pl.col("hits", "trials").fill_null(0).cast(pl.Int64))

    def rate(span: int) -> pl.Expr:
        hits, trials = (pl.col(part).rolling_sum(span, min_samples=1).over(key) for part in ("hits", "trials"))
        return ((hits + 2) / (trials + 20)).alias(f"{name}_disrupted_{span}d")

    midnight = (pl.col("day") + pl.duration(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone(HOME_ZONE)
    return grid.select(*key, midnight.dt.convert_time_zone("UTC").alias(_KNOWN), rate(7), rate(28))


def _local(instant: str) -> pl.Expr:
    return pl.col(instant).dt.convert_time_zone(HOME_ZONE).dt.date()


def join_with_pandas(folder: Path) -> pd.DataFrame:
    """Read the entities and the views, and join each view's newest row to each entity."""
    import pandas as pd

    joined = pd.read_parquet(folder / ENTITIES).sort_values("decided_at")
    for name, view in json.loads((folder / "views.json").read_text(encoding="utf-8")).items():
        joined = pd.merge_asof(
            joined,
            pd.read_parquet(folder / f"{name}.parquet"),
            left_on="decided_at",
            right_on=_KNOWN,
            by=view["key"],
            tolerance=pd.Timedelta(hours=view["hours"]),
        ).drop(columns=_KNOWN)
    return joined
