"""kill -9 at any point of a run, then run again: the same data versions as an undisturbed run."""

from __future__ import annotations

import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Reading, verify_all
from agentic_assets.home import Home
from agentic_assets_tests.integration.day_load import started
from agentic_assets_tests.integration.deliveries import Deliveries

KILLS = 20


def _finish(home: Path, deliveries: Path) -> float:
    process, said = started(home, deliveries)
    start = time.monotonic()
    assert said.recv() is True
    taken = time.monotonic() - start
    process.join()
    assert process.exitcode == 0
    return taken


def _through(said: Connection) -> bool:
    """Say whether the load was through before the blow."""
    try:
        return bool(said.recv())
    except EOFError:
        return False


def _recorded(home: Path) -> tuple[dict[str, str], list[str]]:
    """Give the data versions of every partition, and the problems that verification finds."""
    reading = Reading(domain(), Home.at(home))
    try:
        versions = {
            f"{node.asset} {partition}": entry.data_version
            for node in reading.domain.graph.nodes
            for partition, entry in reading.manifest.current(node.asset).items()
        }
        return versions, verify_all(reading).problems
    finally:
        reading.close()


@pytest.mark.slow
@pytest.mark.timeout(1_800)  # some thirty loads, one after the other
def test_a_run_that_is_killed_anywhere_is_finished_by_running_it_again(tmp_path: Path) -> None:
    deliveries = Deliveries(tmp_path / "deliveries", days=1).folder
    undisturbed = tmp_path / "undisturbed"
    duration = _finish(undisturbed, deliveries)
    expected, problems = _recorded(undisturbed)
    assert problems == []
    chance, killed, homes = random.Random(20130208), 0, 0
    while killed < KILLS:
        homes += 1
        home, through = tmp_path / f"home-{homes}", False
        # A home is killed in until a run gets through: what it left is resumed, so every kill strikes another state.
        while not through and killed < KILLS:
            process, said = started(home, deliveries)
            time.sleep(chance.uniform(0, duration * chance.choice((0.1, 0.6))))
            process.kill()
            process.join()
            through = _through(said)
            killed += process.exitcode == -9 and not through
        _finish(home, deliveries)
        assert _recorded(home) == (expected, []), f"home {homes}, after {killed} kills"
