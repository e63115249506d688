"""One day of features through the engine, with the 31 days that it may look back on, beside the whole year.

The engine reads the lake, builds, gates every row, stages, fsyncs and publishes, and records the versions: for one day
as for 365. The bytes of the day are those that the year has.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from agentic_assets.domains.departures import domain
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.home import Home
from agentic_assets.pipeline import Cut, Engine, Node, State
from agentic_assets_tests.bench.features import DAY
from agentic_assets_tests.bench.table import Row

__all__ = ["measure"]

BAR: Final = 1 / 20
TURNS: Final = 5


def measure() -> list[Row]:
    """Load what the features rest on, then build the year and one day of it in turns; the least of each counts."""
    graph = domain().graph
    node = graph["features/departure_delay"]
    days = graph.calendar.all(Cut.DAY)
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(graph, Home.at(Path(folder)))
        for each in takewhile(lambda each: each.asset != node.asset, graph.nodes):  # sources, and what judges them
            _run(engine, each, graph.calendar.all(each.cut))
        whole = _run(engine, node, days)
        bytes_of = {name: entry.data_version for name, entry in engine.entries(node.asset).items()}
        year, one = [whole], []
        for turn in range(TURNS):
            one.append(_run(engine, node, [str(DAY)]))
            if engine.entries(node.asset)[str(DAY)].data_version != bytes_of[str(DAY)]:
                raise AssertionError(f"{DAY} built alone has other bytes than within the year")
            if turn % 2:
                year.append(_run(engine, node, days))
        engine.store.close()
    (day, day_busy), (all_days, year_busy) = (tuple(map(min, zip(*runs, strict=True))) for runs in (one, year))
    size = f"{len(DEPARTURE_DELAY.features)} features"
    what = f"one day through the engine, {DEPARTURE_DELAY.lookback} days of lookback, {size}"
    note = (
        "from the lake through the gate into the lake, every record of versions included; same bytes; processor "
        f"{day_busy:.3f} s, the year {year_busy:.2f} s: {day_busy / year_busy:.3f} x"
    )
    return [Row("features", what, day, f"the whole year, {len(days)} days at once", all_days, BAR, note)]


def _run(engine: Engine, node: Node, partitions: Sequence[str]) -> tuple[float, float]:
    """Make partitions anew; seconds by the clock and of processor."""
    start, busy = time.perf_counter(), time.process_time()
    results = engine.run(node, partitions, run_id="bench", refresh=True)
    seconds = time.perf_counter() - start, time.process_time() - busy
    if strange := [result for result in results if result.state not in (State.PUBLISHED, State.UNCHANGED)]:
        raise AssertionError(f"{node.asset}: {strange[0]}")
    return seconds
