"""Historical retrieval and feature building at 1, 4 and 16 times the year, beside a plain scan, pandas and Feast.

The year is repeated shifted by 365 days, one file a year and table; flights get names of their own. Each engine runs in
a process of its own, which tells its peak of memory, and they run in turns. Feast and pandas join ready-made values
(`ready_made`), which is the nearest that Feast has; ours, and pandas a second time, make them of the three tables.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from agentic_assets.features.retrieval import retrieve
from agentic_assets_tests.bench.by_pandas import COLUMNS, make
from agentic_assets_tests.bench.features import BAR, FIVE_VIEWS
from agentic_assets_tests.bench.ready_made import join_with_pandas, write
from agentic_assets_tests.bench.table import Row
from agentic_assets_tests.unit.departures.year import FIRST, LAST, tables

__all__ = ["measure"]

SCALES: Final = (1, 4, 16)
OTHERS: Final = (1, 4)
TURNS: Final = {1: 5, 4: 3, 16: 2}
_ROOT: Final = Path(__file__).parents[2]
_FEAST: Final = _ROOT / ".venv-feast" / "bin" / "python"
_YEAR: Final = timedelta(days=365)
# A few days, under a number that no year has, to warm up with.
_FEW: Final = timedelta(days=5)
_SMALL: Final = -1
_SCAN: Final = "read the three tables, smallest and largest value of every column"
_SET: Final = f"{len(FIVE_VIEWS.features)} features in {len(FIVE_VIEWS.view_names)} views, each with its proof"
_READY: Final = "the same features as ready-made values, windows as of their newest fact, no proofs"


def measure() -> list[Row]:
    """Measure ours at every scale, pandas where it is not too large, and Feast on the year."""
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in tables().items():
            for number in range(max(SCALES)):
                _write(Path(folder), name, number, rows)
            _write(Path(folder), name, _SMALL, rows.filter(pl.col("day") < FIRST + _FEW))
        _write_ready(Path(folder), 0)
        return [row for times in SCALES for row in _at(Path(folder), times)]


def _at(folder: Path, times: int) -> list[Row]:
    engines = ["scan", "build", "retrieve"]
    if times in OTHERS:
        _write_ready(folder, times)
        engines += ["pandas", "pandas_ready"]
    told: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(TURNS[times]):
        for engine in engines:
            told[engine].append(_apart([sys.executable, "-m", __name__, engine, str(folder), str(times)]))
    # The least time is what the work costs, not what a noisy neighbour adds to it; of memory, the most.
    seconds = {engine: min(each["seconds"] for each in runs) for engine, runs in told.items()}
    peaks = {engine: max(each["peak"] for each in runs) for engine, runs in told.items()}
    rows = int(told["retrieve"][0]["rows"])
    # What a loaded machine makes wait does not count as processor time.
    busy = {engine: min(each["cpu"] for each in runs) for engine, runs in told.items()}
    shown = f"{rows:,} flights"
    found = [
        Row(
            "retrieval",
            f"{what}, {_SET}, {shown}",
            seconds[engine],
            _SCAN,
            seconds["scan"],
            BAR,
            f"{peaks[engine]:,.0f} MB at its peak, the scan {peaks['scan']:,.0f}; processor {busy[engine]:.2f} s, the "
            f"scan {busy['scan']:.2f} s",
        )
        for engine, what in (("build", "read and build"), ("retrieve", "read and retrieve by name"))
    ]
    if times in OTHERS:
        for engine, floor, bar in (
            ("pandas", "pandas merge_asof: the same features of the same tables, no proofs", 1 / 2),
            ("pandas_ready", f"pandas merge_asof: {_READY}", None),
        ):
            note = (
                f"pandas {peaks[engine]:,.0f} MB at its peak, ours {peaks['retrieve']:,.0f}; processor "
                f"{busy[engine]:.2f} s, ours {busy['retrieve']:.2f} s"
            )
            found.append(Row("retrieval", f"the same, {shown}", seconds["retrieve"], floor, seconds[engine], bar, note))
    if times == 1:
        ours = {"seconds": seconds["retrieve"], "peak": peaks["retrieve"], "cpu": busy["retrieve"]}
        found.append(_beside_feast(folder / "ready_1", ours, shown))
    return found


def _beside_feast(ready: Path, ours: dict[str, float], shown: str) -> Row:
    floor = f"Feast 0.67, duckdb offline store: {_READY}"
    if not _FEAST.exists():
        note = "not measured: the environment .venv-feast is missing, `make bench` sets it up"
        return Row("retrieval", f"the same, {shown}", ours["seconds"], floor, float("nan"), None, note)
    script = Path(__file__).with_name("feast_store.py")
    feast = _apart([str(_FEAST), "-W", "ignore", str(script), str(ready)])
    note = (
        f"Feast {feast['peak']:,.0f} MB at its peak, ours {ours['peak']:,.0f}; processor {feast['cpu']:.1f} s, ours "
        f"{ours['cpu']:.2f} s; {feast['lost']:.0f} of its rows lost"
    )
    return Row("retrieval", f"the same, {shown}", ours["seconds"], floor, feast["seconds"], 1 / 50, note)


def _write(folder: Path, name: str, number: int, rows: pl.DataFrame) -> None:
    """Write a table of the year of this number, counted from 2013."""
    later = [pl.col(column) + number * _YEAR for column, dtype in rows.schema.items() if dtype.is_temporal()]
    key = [pl.col(FIVE_VIEWS.entity) + f"+{number}"] if FIVE_VIEWS.entity in rows.columns else []
    file = _file(folder, name, number)
    file.parent.mkdir(exist_ok=True)
    (rows.with_columns(*later, *key) if number > 0 else rows).write_parquet(file)


def _write_ready(folder: Path, times: int) -> None:
    ready = folder / f"ready_{times}"
    ready.mkdir()
    write(ready, {name: _scan(folder, name, times).collect() for name in FIVE_VIEWS.inputs})


def _scan(folder: Path, name: str, times: int) -> pl.LazyFrame:
    return pl.scan_parquet([_file(folder, name, number) for number in _numbers(times)])


def _numbers(times: int) -> Sequence[int]:
    return range(times) if times else (_SMALL,)


def _file(folder: Path, name: str, number: int) -> Path:
    return folder / name.removeprefix("sources/") / f"{number}.parquet"


def _apart(command: list[str]) -> dict[str, float]:
    """Run an engine in a process of its own; seconds by the clock and of processor, MB at its peak, and rows."""
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT, env=dict(os.environ))
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _main(engine: str, place: str, times: int) -> None:
    folder = Path(place)

    def read(years: int) -> dict[str, pl.DataFrame]:
        return {
            name: _scan(folder, name, years).select(columns).collect() for name, columns in FIVE_VIEWS.reads.items()
        }

    def scan(years: int) -> None:
        for name in FIVE_VIEWS.inputs:
            _scan(folder, name, years).collect().select(pl.all().min().name.prefix("smallest "), pl.all().max())

    def asked(years: int) -> pl.DataFrame:
        inputs = read(years)
        return retrieve(FIVE_VIEWS, inputs, inputs[FIVE_VIEWS.entities.table].select(FIVE_VIEWS.entity))

    def by_pandas(years: int) -> Any:
        import pandas as pd

        files = {name: [_file(folder, name, number) for number in _numbers(years)] for name in COLUMNS}
        read = (pd.concat([pd.read_parquet(file, columns=COLUMNS[name]) for file in files[name]]) for name in files)
        return make(*read)

    runs: dict[str, Callable[[int], Any]] = {
        "scan": scan,
        "build": lambda years: FIVE_VIEWS.compute(read(years), (FIRST, LAST + max(0, years - 1) * _YEAR)),
        "retrieve": asked,
        "pandas": by_pandas,
        "pandas_ready": lambda years: join_with_pandas(folder / f"ready_{years}"),
    }
    run = runs[engine]
    run(0)  # what is set up once a process is not what a row costs
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # forget that peak
    start, busy = time.perf_counter(), time.process_time()
    found = run(times)
    seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "rows": 0 if found is None else len(found)}))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
