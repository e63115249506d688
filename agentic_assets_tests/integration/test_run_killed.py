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

HOMES, KILLS = 4, 5

CHILD = """
import sys
from datetime import date
from agentic_assets.domains.departures import domain
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
made = domain()
import pandera.polars, deltalake  # what a run loads on the way, so that kills strike the run and not its imports
print("ready", flush=True)
loaded = run_load(made, Home.at(sys.argv[1]), since=date(2013, 1, 1), until=date(2013, 1, 3))
print("done", loaded.outcome.complete, flush=True)
"""


def _start(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            CHILD.replace("Home.at(sys.argv[1])", "Home.at(__import__('pathlib').Path(sys.argv[1]))"),
            str(home),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _finish(home: Path) -> float:
    start = time.monotonic()
    process = _start(home)
    start = time.monotonic()
    assert process.stdout is not None
    said = process.stdout.read()
    assert process.wait() == 0
    assert said == "done True\n"
    return time.monotonic() - start


def _recorded(home: Path) -> tuple[dict[str, str], list[str], list[str]]:
    """Give data versions, problems that verification finds, and the journal's keys."""
    reading = Reading(domain(), Home.at(home))
    try:
        versions = {
            f"{node.asset} {partition}": entry.data_version
            for node in reading.domain.graph.nodes
            for partition, entry in reading.manifest.current(node.asset).items()
        }
        return versions, verify_all(reading).problems, []
    finally:
        reading.close()


@pytest.mark.slow
def test_a_run_that_is_killed_anywhere_is_finished_by_running_it_again(tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    duration = _finish(undisturbed)
    expected, problems, _ = _recorded(undisturbed)
    assert problems == []
    chance, killed = random.Random(20130208), 0
    for number in range(HOMES):
        home = tmp_path / f"home-{number}"
        for _ in range(KILLS):
            process = _start(home)
            time.sleep(chance.uniform(0, duration * 0.9))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        _finish(home)
        assert _recorded(home)[:2] == (expected, [])
    assert killed >= HOMES * KILLS // 2
