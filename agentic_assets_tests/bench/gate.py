"""The contract gate beside a hand-written polars pass over the same rules with the same findings, and other tools.

The real schedule of 2013, once and fifteen times over with keys of its own; some rows are broken, and every engine
names them. Times are taken in turns in one process, peaks of memory in a process of their own.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from agentic_assets.contracts import gate, gate_all, load
from agentic_assets.domains.departures import sources
from agentic_assets_tests.bench.table import Row

__all__ = ["measure"]

BAR: Final = 1.5
DAY_BAR: Final = 3.0
TIMES: Final = 15
ROOT: Final = Path(__file__).parents[2]
CONTRACT: Final = ROOT / "contracts" / "departures" / "schedule.odcs.yaml"
OTHER_TOOL: Final = ROOT / ".venv-datacontract" / "bin" / "datacontract"
FLOOR: Final = "hand-written polars pass: same rules, keys, foreign keys and row-level findings"
REFERENCES: Final = {
    "airports": sources.airports(sources.land("airports")).select("faa"),
    "airlines": sources.airlines(sources.land("airlines")).select("carrier"),
}


def measure() -> list[Row]:
    """Measure the year, five million rows, one day alone, and the year as 365 partitions; then memory."""
    contract = load_once()
    prepared = sources.schedule(sources.land("flights"), sources.land("airports"))
    year = _broken(gate(prepared, contract, partition="2013", references=REFERENCES).valid)
    days = {str(name): frame for (name,), frame in year.partition_by("day", as_dict=True, maintain_order=True).items()}
    day = max(days.values(), key=lambda frame: frame.height)
    known = dict.fromkeys(days, REFERENCES)
    rows = [
        _row(f"one day, {day.height:,} rows", lambda: _gate(day), lambda: _by_hand(day), turns=60, bar=DAY_BAR),
        _row(
            f"the year as {len(days)} partitions in one pass",
            lambda: gate_all(days, contract, references=known),
            lambda: [_by_hand(frame) for frame in days.values()],
            turns=3,
            bar=DAY_BAR,
        ),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for frame in (year, _many(year)):
            path = Path(folder) / f"{frame.height}.parquet"
            frame.write_parquet(path)
            rows += _large(path, frame.height)
    return rows


def _large(path: Path, height: int) -> list[Row]:
    frame = pl.read_parquet(path)
    assert _same(frame)
    shown = f"{height:,} rows"
    floor = _row(shown, lambda: _gate(frame), lambda: _by_hand(frame), turns=7 if height < 10**6 else 3, bar=BAR)
    peaks = {engine: _apart(engine, path) for engine in ("ours", "by_hand")}
    memory = Row(
        "gate",
        f"peak memory above the frame, MB (not seconds), {shown}",
        peaks["ours"]["peak"],
        FLOOR,
        peaks["by_hand"]["peak"],
        BAR,
    )
    others = [
        _other("plain pandera, lazy, all checks", "pandera", path, floor.floor_seconds, shown, peaks),
        *(
            [
                _other(
                    "Great Expectations, pandas, row-level",
                    "great_expectations",
                    path,
                    floor.floor_seconds,
                    shown,
                    peaks,
                )
            ]
            if height < 10**6
            else []
        ),
        *([_datacontract(path, floor.floor_seconds, shown)] if OTHER_TOOL.exists() else []),
    ]
    if not OTHER_TOOL.exists():
        memory = replace(memory, note="datacontract-cli is not measured: its environment .venv-datacontract is missing")
    return [floor, memory, *others]


def _row(
    what: str, ours: Callable[[], object], floor: Callable[[], object], *, turns: int, bar: float | None = BAR
) -> Row:
    """Time both in turn, so that both meet the same weather on the machine; medians."""
    ours(), floor()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for run, taken in zip((ours, floor), seconds, strict=True):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    mine, hers = (statistics.median(taken) for taken in seconds)
    return Row("gate", what, mine, FLOOR, hers, bar, "some rows are broken, each is named")


def _other(what: str, engine: str, path: Path, floor: float, shown: str, peaks: dict[str, Any]) -> Row:
    told = _apart(engine, path)
    note = f"{told['peak']:,.0f} MB at its peak; ours {peaks['ours']['peak']:,.0f}"
    return Row("gate", f"{what}, {shown}", told["seconds"], FLOOR, floor, None, note)


def _datacontract(path: Path, floor: float, shown: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        text = CONTRACT.read_text(encoding="utf-8")
        served = f"servers:\n  - {{server: local, type: local, path: '{path}', format: parquet}}\nschema:\n"
        file = Path(folder) / "schedule.odcs.yaml"
        file.write_text(text.replace("\nschema:\n", f"\n{served}", 1), encoding="utf-8")
        start = time.perf_counter()
        ran = subprocess.run([OTHER_TOOL, "test", str(file)], capture_output=True, text=True)
        taken = time.perf_counter() - start
    note = f"the whole command, exit code {ran.returncode}; it checks neither the file's types nor foreign keys"
    return Row("gate", f"datacontract test, {shown}", taken, FLOOR, floor, None, note)


def _apart(engine: str, path: Path) -> dict[str, float]:
    """Run one engine on a file in a process of its own; seconds, and MB at the peak above the loaded frame."""
    command = [sys.executable, "-m", "agentic_assets_tests.bench.gate", engine, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=dict(os.environ))
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _main(engine: str, path: str) -> None:
    frame = pl.read_parquet(path)
    run = {"ours": _gate, "by_hand": _by_hand, "pandera": _by_pandera, "great_expectations": _by_expectations}[engine]
    run(frame.head(50))  # what is imported once a process is not what a frame costs
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of reading the file
    before = _status("VmRSS")
    start = time.perf_counter()
    run(frame)
    seconds = time.perf_counter() - start
    peak = max(_status("VmHWM"), 0) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak": max(1.0, (peak - before) / 1024)}))


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)


def _broken(frame: pl.DataFrame) -> pl.DataFrame:
    row = pl.int_range(pl.len())
    return frame.with_columns(
        distance=pl.when(row % 1_000 == 7).then(99_999).otherwise("distance").cast(pl.Int32),
        tailnum=pl.when(row % 1_700 == 3).then(pl.lit("?!")).otherwise("tailnum"),
        carrier=pl.when(row % 5_000 == 11).then(pl.lit("ZZ")).otherwise("carrier"),
    )


def _many(year: pl.DataFrame) -> pl.DataFrame:
    """Repeat the year; new flight numbers make every key its own."""
    key = ["day", "origin", "carrier"]
    frame = pl.concat([year] * TIMES).with_columns(
        flight=pl.int_range(1, pl.len() + 1).over(key).cast(pl.Int32),
        source_row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    named = pl.concat_str(
        [pl.col("day").cast(pl.String), "origin", "carrier", pl.col("flight").cast(pl.String)], separator="/"
    )
    return frame.with_columns(flight_id=named).rechunk()


def _gate(frame: pl.DataFrame) -> object:
    return gate(frame, load_once(), partition="p", references=REFERENCES)


def load_once(_held: list[Any] = []) -> Any:  # noqa: B006
    """Load the contract the first time."""
    if not _held:
        _held.append(load(CONTRACT))
    return _held[0]


def _same(frame: pl.DataFrame) -> bool:
    """Hold that both sides refuse the same rows."""
    result = gate(frame, load_once(), partition="p", references=REFERENCES)
    valid, failing = _by_hand(frame)
    return result.valid.height == valid.height and result.quarantined.height == failing["row"].n_unique()


def _by_hand(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the rows that keep every rule, and one row for each rule that a row breaks."""
    broken = _rules()
    counts = frame.lazy().select(rule.sum().alias(name) for name, rule in broken.items()).collect().row(0, named=True)
    masks = {name: frame.select(broken[name].fill_null(value=False)).to_series() for name in counts if counts[name]}
    for key in (["day", "origin", "carrier", "flight"], ["flight_id"], ["source_row"]):
        if _duplicates(frame, key):
            masks["unique " + ",".join(key)] = frame.select(pl.struct(key).is_duplicated()).to_series()
    if not masks:
        return frame, pl.DataFrame()
    refused = np.logical_or.reduce([mask.to_numpy() for mask in masks.values()])
    found = [
        frame.with_row_index("row")
        .filter(mask)
        .select("row", pl.lit(name).alias("rule"), pl.col(name.split()[0].split(",")[0]).cast(pl.String).alias("value"))
        for name, mask in masks.items()
    ]
    return frame.filter(~refused), pl.concat(found)


def _rules() -> dict[str, pl.Expr]:
    column = pl.col
    known = REFERENCES["airports"]["faa"]
    names = [name for name in load_once().schema if name != "tailnum"]
    return {
        **{f"{name} lacks": column(name).is_null() for name in names},
        **{f"{name} pattern": ~column(name).str.contains(pattern) for name, pattern in PATTERNS.items()},
        **{f"{name} range": ~column(name).is_between(low, high) for name, (low, high) in RANGES.items()},
        "day range": ~column("day").is_between(pl.date(2013, 1, 1), pl.date(2013, 12, 31)),
        "origin in set": ~column("origin").is_in(["EWR", "JFK", "LGA"]),
        "source_row range": column("source_row") < 1,
        "sched_dep_time minutes": column("sched_dep_time") % 100 > 59,
        "sched_arr_time minutes": column("sched_arr_time") % 100 > 59,
        "sched_arr_at order": column("sched_arr_at") <= column("sched_dep_at"),
        "origin elsewhere": column("origin") == column("dest"),
        "origin airport": ~column("origin").is_in(known.implode()),
        "carrier airline": ~column("carrier").is_in(REFERENCES["airlines"]["carrier"].implode()),
    }


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


def _by_pandera(frame: pl.DataFrame) -> object:
    """Judge with pandera as its manual shows: one schema, built-in checks, lazily."""
    import pandera.errors
    import pandera.polars as pa

    checks: dict[str, list[Any]] = {name: [] for name in frame.columns}
    for name, pattern in PATTERNS.items():
        checks[name].append(pa.Check.str_matches(pattern))
    for name, (low, high) in RANGES.items():
        checks[name].append(pa.Check.in_range(low, high))
    checks["origin"] += [pa.Check.isin(["EWR", "JFK", "LGA"]), pa.Check.isin(REFERENCES["airports"]["faa"].to_list())]
    checks["carrier"].append(pa.Check.isin(REFERENCES["airlines"]["carrier"].to_list()))
    schema = pa.DataFrameSchema(
        {
            name: pa.Column(
                dtype, checks=checks[name], nullable=name == "tailnum", unique=name in ("flight_id", "source_row")
            )
            for name, dtype in frame.schema.items()
        },
        unique=["day", "origin", "carrier", "flight"],
    )
    try:
        return schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return errors.failure_cases


def _by_expectations(frame: pl.DataFrame) -> object:
    """Judge with Great Expectations on pandas, asking for the index of every unexpected row."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    known = REFERENCES["airports"]["faa"].to_list()
    of: Any = gx.expectations
    suite = gx.ExpectationSuite(name="schedule")
    wanted = [
        *(of.ExpectColumnValuesToNotBeNull(column=name) for name in frame.columns if name != "tailnum"),
        *(of.ExpectColumnValuesToMatchRegex(column=name, regex=pattern) for name, pattern in PATTERNS.items()),
        *(
            of.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in RANGES.items()
        ),
        of.ExpectColumnValuesToBeInSet(column="origin", value_set=["EWR", "JFK", "LGA"]),
        of.ExpectColumnValuesToBeInSet(column="origin", value_set=known),
        of.ExpectColumnValuesToBeInSet(column="carrier", value_set=REFERENCES["airlines"]["carrier"].to_list()),
        of.ExpectColumnValuesToBeUnique(column="flight_id"),
        of.ExpectColumnValuesToBeUnique(column="source_row"),
        of.ExpectCompoundColumnsToBeUnique(column_list=["day", "origin", "carrier", "flight"]),
    ]
    for item in wanted:
        suite.add_expectation(item)
    batch = (
        context.data_sources.add_pandas("p")
        .add_dataframe_asset("a")
        .add_batch_definition_whole_dataframe("b")
        .get_batch({"dataframe": frame.to_pandas()})
    )
    return batch.validate(suite, result_format={"result_format": "COMPLETE"})


if __name__ == "__main__":
    _main(*sys.argv[1:3])
