"""`make bench`: run every benchmark of this folder, print the table, write it into BENCHMARKS.md."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agentic_assets_tests import bench
from agentic_assets_tests.bench.table import Row

_TARGET = Path(__file__).parents[2] / "BENCHMARKS.md"
_BEGIN, _END = "<!-- table: written by make bench -->", "<!-- end of table -->"

_PARTS = ("__main__", "by_pandas", "feast_store", "ready_made", "replay", "table")


def main(only: Sequence[str]) -> int:
    """Measure all topics, or those named; exit code 1 when a bar does not hold."""
    console = Console(stderr=True)
    topics = [found.name for found in pkgutil.iter_modules(bench.__path__) if found.name not in _PARTS]
    rows: list[Row] = []
    for topic in topics:
        if only and topic not in only:
            continue
        with console.status(f"measuring {topic}"):
            rows += importlib.import_module(f"{bench.__name__}.{topic}").measure()
    _print(rows)
    if not only:
        _write(rows)
    return 0 if all(row.holds for row in rows) else 1


def _print(rows: Sequence[Row]) -> None:
    table = Table(title="ratios to a floor measured in the same run")
    for column in ("topic", "what", "seconds", "floor", "floor s", "ratio", "bar", "note"):
        table.add_column(column, justify="right" if column in ("seconds", "floor s", "ratio", "bar") else "left")
    for row in rows:
        table.add_row(*_cells(row), style=None if row.holds else "bold red")
    Console(width=180).print(table)


def _cells(row: Row) -> tuple[str, ...]:
    bar = "" if row.bar is None else f"{row.bar:g} x" + ("" if row.holds else " broken")
    return (
        row.topic,
        row.what,
        f"{row.seconds:.4g}",
        row.floor,
        f"{row.floor_seconds:.4g}",
        f"{row.ratio:.3g} x",
        bar,
        row.note,
    )


def _write(rows: Sequence[Row]) -> None:
    lines = [
        _BEGIN,
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, Python {platform.python_version()}.",
        "",
        "| topic | what | seconds | floor | floor s | ratio | bar | note |",
        "|---|---|---:|---|---:|---:|---:|---|",
        *("| " + " | ".join(_cells(row)) + " |" for row in rows),
        _END,
    ]
    text = _TARGET.read_text()
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    _TARGET.write_text(before + "\n".join(lines) + after)


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
