"""The contract gate beside a hand-written polars pass over the same rules, on the real schedule."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from agentic_assets.contracts import gate, gate_all, load
from agentic_assets.domains.departures import sources
from agentic_assets_tests.bench.table import Row

__all__ = ["measure"]

BAR: Final = 3.0
CONTRACT: Final = Path(__file__).parents[2] / "contracts" / "departures" / "schedule.odcs.yaml"
FLOOR: Final = "hand-written polars pass, same rules and keys, counts only"


def measure() -> list[Row]:
    """Measure the year in one frame, one day alone, and the year as 365 partitions."""
    contract = load(CONTRACT)
    year = gate(sources.schedule(sources.land("flights"), sources.land("airports")), contract, partition="2013").valid
    days = {str(name): frame for (name,), frame in year.partition_by("day", as_dict=True, maintain_order=True).items()}
    name, day = max(days.items(), key=lambda item: item[1].height)
    # One broken value on one row: the whole path to pandera's verdict and the quarantine.
    broken = day.with_columns(distance=pl.when(pl.int_range(pl.len()) == 7).then(99_999).otherwise("distance"))

    assert _by_hand(year) == 0
    return [
        _row(
            f"the year as one frame, {year.height:,} rows, {len(contract.rules)} rules",
            lambda: gate(year, contract, partition="2013"),
            lambda: _by_hand(year),
            turns=9,
        ),
        _row(
            f"one day, {day.height:,} rows",
            lambda: gate(day, contract, partition=name),
            lambda: _by_hand(day),
            turns=200,
        ),
        _row(
            f"the year as {len(days)} partitions in one pass",
            lambda: gate_all(days, contract),
            lambda: [_by_hand(frame) for frame in days.values()],
            turns=3,
        ),
        _row(
            f"one day with one row to refuse, {day.height:,} rows",
            lambda: gate(broken, contract, partition=name),
            lambda: _by_hand(day),
            turns=20,
            bar=None,
            note="pandera judges the row and it is written out; the floor only counts",
        ),
    ]


def _row(
    what: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    turns: int,
    bar: float | None = BAR,
    note: str = "",
) -> Row:
    """Time both in turn, so that both meet the same weather on the machine; medians."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for run, taken in zip((ours, floor), seconds, strict=True):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    mine, hers = (statistics.median(taken) for taken in seconds)
    return Row("gate", what, mine, FLOOR, hers, bar, note)


def _by_hand(frame: pl.DataFrame) -> int:
    keys = (["day", "origin", "carrier", "flight"], ["flight_id"], ["source_row"])
    broken = sum(int(count) for count in _counts(frame).row(0))
    return broken + sum(_duplicates(frame, key) for key in keys)


def _counts(frame: pl.DataFrame) -> pl.DataFrame:
    column = pl.col
    required = [name for name in frame.columns if name != "tailnum"]
    return (
        frame.lazy()
        .select(
            *(column(name).null_count().alias(f"{name} lacks") for name in required),
            *(
                (~column(name).str.contains(pattern)).sum().alias(f"{name} pattern")
                for name, pattern in PATTERNS.items()
            ),
            *(
                (~column(name).is_between(low, high)).sum().alias(f"{name} range")
                for name, (low, high) in RANGES.items()
            ),
            (~column("day").is_between(pl.date(2013, 1, 1), pl.date(2013, 12, 31))).sum().alias("days"),
            (~column("origin").is_in(["EWR", "JFK", "LGA"])).sum().alias("origins"),
            (column("source_row") < 1).sum().alias("rows"),
            (column("sched_dep_time") % 100 > 59).sum().alias("departure minutes"),
            (column("sched_arr_time") % 100 > 59).sum().alias("arrival minutes"),
            (column("sched_arr_at") <= column("sched_dep_at")).sum().alias("order"),
            (column("origin") == column("dest")).sum().alias("elsewhere"),
        )
        .collect()
    )


PATTERNS: Final = {
    "flight_id": "^[0-9]{4}-[0-9]{2}-[0-9]{2}/(EWR|JFK|LGA)/[0-9A-Z]{2}/[1-9][0-9]{0,3}$",
    "carrier": "^[0-9A-Z]{2}$",
    "dest": "^[A-Z]{3}$",
    "tailnum": "^[A-Z][0-9A-Z]{4,5}$",
}
RANGES: Final = {
    "flight": (1, 9999),
    "sched_dep_time": (0, 2359),
    "sched_arr_time": (0, 2359),
    "distance": (10, 6000),
    "block_minutes": (20, 1439),
}


def _duplicates(frame: pl.DataFrame, key: list[str]) -> int:
    hashes = frame.get_column(key[0]).hash(seed=1).to_numpy()
    for seed, name in enumerate(key[1:], start=2):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + frame.get_column(name).hash(seed=seed).to_numpy()
    ordered = np.sort(hashes)
    return int((ordered[1:] == ordered[:-1]).sum())
