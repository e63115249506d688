"""Replay beside the plain computation of the same decisions, and the replay of one decision from a cold process.

Not a topic of its own: it measures on the home that the topic `year` has run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Cut, Entry
from agentic_assets.pipeline.making import judged
from agentic_assets.pipeline.planning import windows
from agentic_assets.simulation import Scope, State, chosen, replay
from agentic_assets_tests.bench.table import Row

__all__ = ["replayed"]

BAR: Final = 1.5
TURNS: Final = 2
COLD_TURNS: Final = 5
_FLOOR = (sys.executable, "-c", "import polars, sqlalchemy")


def replayed(domain: Domain, home: Home) -> list[Row]:
    """Replay all that was decided in a home, and one decision of it; every byte must be as it was recorded."""
    reading = Reading(domain, home)
    try:
        days = domain.graph.calendar.all(Cut.DAY)
        entries = chosen(reading, days, Scope())
        assets = tuple(dict.fromkeys(entry.asset for entry in entries if not domain.graph[entry.asset].effects))
        times: list[tuple[float, float]] = []
        for _ in range(TURNS):
            start = time.perf_counter()
            found = replay(reading, entries)
            between = time.perf_counter()
            _plain(reading, domain, assets, entries)
            times.append((between - start, time.perf_counter() - between))
            wrong = [one for one in found if one.state is not State.IDENTICAL]
            if wrong:
                raise AssertionError(f"{len(wrong)} partitions are not as they were recorded: {wrong[0].text()}")
        again, plain = (min(each) for each in zip(*times, strict=True))
        decided = sum(one.rows for one in found if one.asset == domain.subjects[0].decisions)
        decision_id = reading.current(domain.subjects[0].decisions, days[-1:]).item(0, "decision_id")
    finally:
        reading.close()
    what = f"replay of {decided:,} decisions on their whole path, {len(entries):,} partitions"
    note = "every input held against its digest, every output and every sealed root against the record; all identical"
    rows = [Row("replay", what, again, "the same nodes computed and gated, nothing compared", plain, BAR, note)]
    return [*rows, _cold(home, str(decision_id))]


def _plain(reading: Reading, domain: Domain, assets: Sequence[str], entries: Sequence[Entry]) -> None:
    """Compute the same partitions from the same inputs, and do nothing else."""
    graph = domain.graph
    for asset in assets:
        node = graph[asset]
        names = tuple(entry.partition for entry in entries if entry.asset == asset)
        batch = Batch(
            node=node,
            partitions=names,
            calendar=graph.calendar,
            versions={read.asset: reading.manifest.current(read.asset) for read in node.inputs},
            windows=windows(graph, node, names),
            home=reading.home,
            store=reading.store,
            lake=reading.lake,
            run_id="",
            standing={} if node.standing is None else node.standing(reading.store, names),
        )
        made = judged(batch, node.compute(batch), {}, {})
        if len(made) != len(names):
            raise AssertionError(f"{asset}: {len(made)} of {len(names)} partitions were computed")


def _cold(home: Home, decision_id: str) -> Row:
    """Replay one decision in a new process; the least of some turns counts."""
    command = (sys.executable, "-c", "from agentic_assets.cli import main; main()", "replay", decision_id)
    environ = {**os.environ, "AGENTIC_HOME": str(home.root)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # people's processes keep what was compiled
    seconds = []
    for _ in range(COLD_TURNS):
        took = []
        for each in (command, _FLOOR):
            start = time.perf_counter()
            subprocess.run(each, env=environ, check=True, capture_output=True)
            took.append(time.perf_counter() - start)
        seconds.append(took)
    again, floor = (min(each) for each in zip(*seconds, strict=True))
    note = f"a bar of 2 s is asked for; {again:.2f} s here"
    return Row(
        "replay", "replay of one decision from a cold process", again, "import polars, sqlalchemy", floor, note=note
    )
