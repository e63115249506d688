"""kill -9 while a child publishes: old or new, never half, and a rerun completes.

This file is also the child's program: `python test_lake_kills.py ROOT FIRST LAST`.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from agentic_assets.lake import Lake, Staged, Table

_SCHEMA: dict[str, pl.DataType] = {"generation": pl.Int64(), "row": pl.Int64()}
_DAYS = tuple(f"2013-02-{day:02}" for day in range(1, 13))
_KILLS = 20


def _table(root: Path) -> Table:
    return Lake(root).table("sources/schedule", _SCHEMA, partitioned=True)


def _stage(table: Table, generation: int) -> list[Staged]:
    rows = pl.DataFrame({"generation": [generation] * 50, "row": range(50)}, schema=_SCHEMA)
    return table.stage_all(dict.fromkeys(_DAYS, rows))


def _generations(table: Table) -> dict[str, list[int]]:
    """Give day -> the distinct generations in it, from the Delta log."""
    rows = pl.scan_delta(str(table.path)).group_by("partition").agg(pl.col("generation").unique(), pl.len()).collect()
    assert set(rows["len"]) <= {50}
    return {day: sorted(found) for day, found in zip(rows["partition"], rows["generation"], strict=True)}


def test_a_publisher_killed_at_any_moment_leaves_old_or_new_and_a_rerun_completes(tmp_path: Path) -> None:
    chance = random.Random(20130208)
    first = 1
    for _ in range(_KILLS):
        child = subprocess.Popen(
            [sys.executable, __file__, str(tmp_path), str(first), str(first + 10_000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        # It says `staged` and `done` in turn: the blow falls after a `staged`, on the publication or a little later.
        said = [child.stdout.readline() for _ in range(2 * chance.randrange(1, 8) - 1)]
        time.sleep(chance.uniform(0, 0.03))
        child.kill()
        said += child.stdout.readlines()
        child.stdout.close()
        child.wait()
        table = _table(tmp_path)
        found = _generations(table)
        assert tuple(sorted(found)) == _DAYS
        held = {tuple(generations) for generations in found.values()}
        assert len(held) == 1, f"half a publication: {found}"
        ((generation,),) = held
        confirmed = [int(line.removeprefix("done=")) for line in said if line.startswith("done=")]
        assert generation >= max(confirmed, default=0)
        for day, file in table.files().items():
            assert hashlib.sha256((table.path / file).read_bytes()).hexdigest() == Path(file).stem, day
        first = generation  # the rerun begins with the bytes that may already be there
    rerun = subprocess.run(
        [sys.executable, __file__, str(tmp_path), str(first), str(first + 1)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"done={first + 1}" in rerun.stdout
    table = _table(tmp_path)
    assert _generations(table) == {day: [first + 1] for day in _DAYS}
    # Undisturbed, the same publications give the same files.
    calm = _table(tmp_path / "calm")
    calm.publish(_stage(calm, first + 1), run_id="calm")
    assert calm.files() == table.files()
    assert len(table.versions()) - 1 == first + 1  # every generation was committed once


def _publish_generations(root: Path, first: int, last: int) -> None:
    table = _table(root)
    for generation in range(first, last + 1):
        staged = _stage(table, generation)
        print(f"staged={generation}", flush=True)
        table.publish(staged, run_id=f"run-{generation}")
        print(f"done={generation}", flush=True)


if __name__ == "__main__":
    _publish_generations(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
