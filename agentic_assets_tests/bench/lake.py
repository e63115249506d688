"""The lake beside raw Parquet: a year of daily partitions, one day, and reading them back."""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from agentic_assets.lake import Lake
from agentic_assets_tests.bench.table import Row, timed

__all__ = ["measure"]

_ROWS = 923  # the flights of a mean day of 2013
_DAYS = [str(date(2013, 1, 1) + timedelta(number)) for number in range(365)]
_RAW = "raw Parquet, tmp + rename"
_SINGLES = 60


def _day(seed: int) -> pl.DataFrame:
    number = pl.int_range(_ROWS)
    drawn = (number.hash(seed) % 10_000).cast(pl.Int32)
    return pl.select(
        flight_id=pl.lit("2013-01-01/EWR/UA/") + drawn.cast(pl.String),
        day=pl.lit(date(2013, 1, 1) + timedelta(seed % 365)),
        carrier=pl.lit("C") + (drawn % 16).cast(pl.String),
        flight=drawn,
        origin=pl.lit("O") + (drawn % 3).cast(pl.String),
        dest=pl.lit("D") + (drawn % 105).cast(pl.String),
        tailnum=pl.when(drawn % 50 > 0).then(pl.lit("N") + drawn.cast(pl.String)),
        sched_dep_time=drawn % 2400,
        sched_arr_time=(drawn * 7) % 2400,
        distance=drawn % 4983,
        sched_dep_at=pl.lit(datetime(2013, 1, 1, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
        + pl.duration(minutes=drawn),
        delay=drawn.cast(pl.Float64) / 7,
        source_row=number.cast(pl.Int64),
    )


def _raw(folder: Path, name: str, frame: pl.DataFrame) -> None:
    target = folder / f"day={name}" / "data.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".tmp")
    frame.write_parquet(unfinished, compression="zstd", compression_level=3)
    os.replace(unfinished, target)


def _medians(one: Callable[[int], object], other: Callable[[int], object], times: int) -> tuple[float, float]:
    """Time two things in turn, so that both meet the same weather on the machine; medians in seconds."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(times):
        for run, taken in zip((one, other), seconds, strict=True):
            start = time.perf_counter()
            run(turn)
            taken.append(time.perf_counter() - start)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def measure() -> list[Row]:
    """Give the ratios of lake.md: a year at once, one day at a time, a day and a year read back."""
    with tempfile.TemporaryDirectory() as scratch:
        return _measure(Path(scratch))


def _measure(root: Path) -> list[Row]:
    frames = {day: _day(number) for number, day in enumerate(_DAYS)}
    schema = dict(next(iter(frames.values())).schema)
    lake = Lake(root / "lake")
    table = lake.table("sources/schedule", schema, partitioned=True)
    raw = root / "raw"
    turns = itertools.count()

    def year_raw() -> None:
        folder = root / f"raw-{next(turns)}"
        for day, frame in frames.items():
            _raw(folder, day, frame)

    def year_lake() -> None:
        fresh = lake.table(f"years/year_{next(turns)}", schema, partitioned=True)
        fresh.publish(fresh.stage_all(frames), run_id="year")

    year_floor, year = timed(year_raw), timed(year_lake)
    for day, frame in frames.items():
        _raw(raw, day, frame)
    table.publish(table.stage_all(frames), run_id="year")
    changed = [_day(1000 + number) for number in range(_SINGLES)]
    single, single_floor = _medians(
        lambda turn: table.publish([table.stage(_DAYS[turn], changed[turn])], run_id=f"run-{turn}"),
        lambda turn: _raw(raw, _DAYS[turn], changed[turn]),
        _SINGLES,
    )
    files = list(table.files().values())
    raw_files = [raw / f"day={day}" / "data.parquet" for day in _DAYS]
    day_known, day_floor = _medians(
        lambda turn: table.scan_files([files[turn]]).collect(),
        lambda turn: pl.scan_parquet(raw_files[turn], hive_partitioning=False).collect(),
        _SINGLES,
    )
    day_logged, day_logged_floor = _medians(
        lambda turn: table.scan([_DAYS[turn]]).collect(),
        lambda turn: pl.scan_parquet(raw_files[turn], hive_partitioning=False).collect(),
        _SINGLES,
    )
    full, full_floor = _medians(
        lambda _: table.scan().collect(),
        lambda _: pl.scan_parquet(raw_files, hive_partitioning=False, glob=False).collect(),
        5,
    )
    opened, opened_floor = _medians(
        lambda _: Lake(lake.root).open("sources/schedule").files(), lambda _: [path.stat() for path in raw_files], 9
    )
    return [
        Row("lake", "365 days staged and published in one commit", year, _RAW, year_floor, 3.9, "both zstd"),
        Row(
            "lake",
            "one day staged and published, median",
            single,
            _RAW,
            single_floor,
            8.0,
            "with every fsync; checkpoint every 10",
        ),
        Row("lake", "read a day, file known to the manifest", day_known, "raw Parquet", day_floor, 2.0),
        Row("lake", "read a day through the Delta log", day_logged, "raw Parquet", day_logged_floor, 2.5),
        Row("lake", "read 365 days", full, "raw Parquet", full_floor, 2.0),
        Row(
            "lake", "open a table of 365 partitions", opened, "stat of its files", opened_floor, None, "once a process"
        ),
    ]
