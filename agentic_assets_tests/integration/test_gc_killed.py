"""A cleaning up that is killed between any two of its steps loses nothing, and the next one finishes it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from agentic_assets.home import Home
from agentic_assets.pipeline import Vacuumed
from agentic_assets.releases.retention import clean, plan_cleaning
from agentic_assets.releases.snapshots import SNAPSHOTS, unpacked
from agentic_assets.store import Store
from agentic_assets.store.schema import snapshots
from agentic_assets_tests.unit.releases.histories import ASSETS, DAYS, NOW, Past, Publication, domain, stored_in

ROWS, SUMS, CLERK = ASSETS
UNNEEDED = "a" * 64
STEPS = 4
"""Three files of three tables, and the unpacked sources."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Everything of a day was made anew 250 days ago; sources that made nothing of what stays lie unpacked."""
    made = Past(
        tmp_path_factory.mktemp("past") / "home",
        [
            Publication(asset, DAYS[0], value, 300 - value, (place,) if asset != ROWS else ())
            for value, start in ((0, -1), (1, 2))
            for place, asset in enumerate(ASSETS, start=start)
        ],
    )
    row = {"domain": "invented", "package": "p", "files": "{}", "library": "1", "library_digest": "1"}
    with made.store.transaction() as connection:
        recorded = {**row, "digest": UNNEEDED, "recorded_at": "2027-01-01T00:00:00+00:00"}
        connection.execute(insert(snapshots), [recorded])
    unpacked(made.home, UNNEEDED).mkdir(parents=True)
    (unpacked(made.home, UNNEEDED) / "own.py").write_text("VALUE = 1\n")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def zygote() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "agentic_assets_tests.integration.gc_zygote"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        yield process
        process.kill()


def test_it_is_finished_by_the_next_one_wherever_it_was_killed(
    past: Past, zygote: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert zygote.stdin is not None
    assert zygote.stdout is not None
    every = stored_in(past.home)
    needed = {(entry.asset, entry.file) for entry in past.entries[3:]}
    for step in range(1, STEPS + 2):
        home = Home.at(Path(shutil.copytree(past.home.root, tmp_path / f"home-{step}")))
        zygote.stdin.write(f"{home.root} {step}\n")
        died = zygote.stdout.readline().strip() == str(-signal.SIGKILL)
        assert died is (step <= STEPS), f"there are not {STEPS} steps"
        store = Store(home.store_url)
        try:
            gone = every - stored_in(home)
            assert len(gone) == min(step - 1, 3)
            assert all(Vacuumed(store).said(*each) for each in every - needed), "it is noted before anything goes"
            assert not any(Vacuumed(store).said(*each) for each in needed)
            clean(plan_cleaning([domain()], home, store, now=NOW), home, store, identity="ada", now=NOW)
            assert stored_in(home) == needed
            assert Vacuumed(store).said(SNAPSHOTS, UNNEEDED)
            assert not unpacked(home, UNNEEDED).exists()
            assert plan_cleaning([domain()], home, store, now=NOW).empty
        finally:
            store.close()
