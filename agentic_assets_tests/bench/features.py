"""Point-in-time features of the year beside a plain scan of their inputs, all of it read from Parquet."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.features import FeatureSet
from agentic_assets_tests.bench.table import Row
from agentic_assets_tests.unit.departures.year import FIRST, LAST, tables

__all__ = ["measure"]

BAR: Final = 5.0
DAY: Final = date(2013, 7, 10)
_VIEWS: Final = ("weather", "history", "dest", "network", "inbound")
FIVE_VIEWS: Final = replace(
    DEPARTURE_DELAY,
    sources=tuple(source for source in DEPARTURE_DELAY.sources if source.name != "timetable"),
    features=tuple(feature for feature in DEPARTURE_DELAY.features if feature.view in _VIEWS),
    views=tuple(view for view in DEPARTURE_DELAY.views if getattr(view, "name", "") in _VIEWS),
)
_FLOOR: Final = "read the three tables, smallest and largest value of every column"


def measure() -> list[Row]:
    """Measure five views, the whole set, and one day with its lookback."""
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in tables().items():
            rows.write_parquet(_file(folder, name))
        first = DAY - timedelta(days=DEPARTURE_DELAY.lookback)
        # In turns, and the least of each: what the work costs, not what a noisy neighbour adds to it.
        scan, five, year, day = _in_turns(
            lambda: _scan(folder),
            lambda: FIVE_VIEWS.compute(_read(folder, FIVE_VIEWS), (FIRST, LAST)),
            lambda: DEPARTURE_DELAY.compute(_read(folder, DEPARTURE_DELAY), (FIRST, LAST)),
            lambda: DEPARTURE_DELAY.compute(_read(folder, DEPARTURE_DELAY, first), (DAY, DAY)),
        )
    flights = f"{tables()['sources/schedule'].height:,} flights"
    return [
        Row("features", f"{_size(FIVE_VIEWS)}, {flights}: read and build", five, _FLOOR, scan, BAR),
        Row(
            "features",
            f"{_size(DEPARTURE_DELAY)}, {flights}: read and build",
            year,
            _FLOOR,
            scan,
            note="the whole of departure_delay; the bar was set for 30 features in 5 views",
        ),
        Row("features", "one day from 32 days of inputs: read and build", day, "the whole year", year),
    ]


def _size(features: FeatureSet) -> str:
    return f"{len(features.features)} features in {len(features.view_names)} views, each with its proof"


def _read(folder: str, features: FeatureSet, since: date | None = None) -> dict[str, pl.DataFrame]:
    """Read the columns that a feature set needs: of the year, or of one day and its lookback."""
    read = {}
    for name, columns in features.reads.items():
        rows = pl.scan_parquet(_file(folder, name)).select(columns)
        read[name] = (rows.filter(pl.col("day").is_between(since, DAY)) if since else rows).collect()
    return read


def _scan(folder: str) -> None:
    for name in DEPARTURE_DELAY.inputs:
        pl.read_parquet(_file(folder, name)).select(pl.all().min().name.prefix("smallest "), pl.all().max())


def _file(folder: str, name: str) -> Path:
    return Path(folder) / f"{name.removeprefix('sources/')}.parquet"


def _in_turns(*runs: Callable[[], object], turns: int = 9) -> list[float]:
    seconds: list[list[float]] = [[] for _ in runs]
    for turn in range(turns + 1):
        for place, run in enumerate(runs):
            start = time.perf_counter()
            run()
            if turn:  # the first warms up
                seconds[place].append(time.perf_counter() - start)
    return [min(times) for times in seconds]
