"""Several processes that write into one table at once lose nothing.

This file is also the writers' program: `python test_lake_processes.py ROOT WRITER ROUNDS`.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.errors import PublishConflict
from agentic_assets.lake import Lake, Table

_SCHEMA: dict[str, pl.DataType] = {"writer": pl.Int64(), "turn": pl.Int64()}
_WRITERS = 4
_ROUNDS = 15
_SHARED = "shared"


def _table(root: Path) -> Table:
    return Lake(root).table("sources/schedule", _SCHEMA, partitioned=True)


@pytest.mark.parametrize("known", [True, False], ids=["the table exists", "the table is created by all"])
def test_four_processes_overwriting_days_of_one_table_lose_nothing(tmp_path: Path, known: bool) -> None:
    if known:
        _table(tmp_path)
    writers = [
        subprocess.Popen(
            [sys.executable, __file__, str(tmp_path), str(number), str(_ROUNDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(_WRITERS)
    ]
    outputs = [writer.communicate(timeout=120) for writer in writers]
    assert [(writer.returncode, said[1]) for writer, said in zip(writers, outputs, strict=True)] == [(0, "")] * _WRITERS
    table = _table(tmp_path)
    commits = [version for version in table.versions() if version.run_id]
    assert Counter(version.run_id for version in commits) == {
        f"writer-{number}-turn-{turn}": 2 for number in range(_WRITERS) for turn in range(_ROUNDS)
    }
    last_run = {day: version.run_id for version in commits for day in version.partitions}
    assert set(last_run) == {_SHARED, *(f"own-{number}-{day}" for number in range(_WRITERS) for day in range(3))}
    rows = pl.scan_delta(str(table.path)).collect()
    held = {day: f"writer-{writer}-turn-{turn}" for writer, turn, day in rows.rows()}
    assert rows.height == len(last_run)
    assert held == last_run


def _write(root: Path, number: int, rounds: int) -> None:
    table = _table(root)
    for turn in range(rounds):
        run_id = f"writer-{number}-turn-{turn}"
        row = pl.DataFrame({"writer": [number], "turn": [turn]}, schema=_SCHEMA)
        table.publish([table.stage(f"own-{number}-{turn % 3}", row)], run_id=run_id)
        while True:
            try:
                table.publish([table.stage(_SHARED, row)], run_id=run_id)
                break
            except PublishConflict as conflict:
                assert "was published by run writer-" in str(conflict)  # noqa: PT017  (the loser is told who won)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
