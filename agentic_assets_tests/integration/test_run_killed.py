"""kill -9 at any point of a run, then run again: the same data versions as an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Reading, verify_all
from agentic_assets.home import Home

KILLS = 6

CHILD = """
import sys
from datetime import date
from pathlib import Path
from agentic_assets.domains.departures import domain
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
made = domain()
import pandera.polars, deltalake  # what a run loads on the way, so that kills strike the run and not its imports
print("ready", flush=True)
loaded = run_load(made, Home.at(Path(sys.argv[1])), since=date(2013, 1, 1), until=date(2013, 1, 2))
print("done", loaded.outcome.complete, flush=True)
"""


def _start(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _finish(home: Path) -> float:
    with _start(home) as process:
        start = time.monotonic()
        assert process.stdout is not None
        assert process.stdout.read() == "done True\n"
        taken = time.monotonic() - start
    assert process.returncode == 0
    return taken


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
@pytest.mark.timeout(1_800)  # some ten runs in processes of their own
def test_a_run_that_is_killed_anywhere_is_finished_by_running_it_again(tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    duration = _finish(undisturbed)
    expected, problems = _recorded(undisturbed)
    assert problems == []
    chance, killed, homes = random.Random(20130208), 0, 0
    while killed < KILLS:
        homes += 1
        home, running = tmp_path / f"home-{homes}", True
        # A home is killed in until a run gets through: what it left is resumed, so every kill strikes another state.
        while running and killed < KILLS:
            with _start(home) as process:
                time.sleep(chance.uniform(0, duration * 0.6))
                running = process.poll() is None
                if running:
                    os.killpg(process.pid, signal.SIGKILL)
                    killed += 1
        _finish(home)
        assert _recorded(home) == (expected, []), f"home {homes}, after {killed} kills"
