"""A bad release of a feature set is taken back: one command, the earlier bytes, each action undone once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.ledger import Ledger
from agentic_assets.orchestration import open_instance, run_load
from agentic_assets.orchestration.activating import activate_job
from agentic_assets.orchestration.launch import Loaded, launch
from agentic_assets.orchestration.releasing import tell_release
from agentic_assets.orchestration.rolling_back import run_rollback
from agentic_assets.releases import Activation, InForce, Releases
from agentic_assets.store import Store
from agentic_assets_tests.integration.released import (
    end_state,
    new_loans,
    released,
    spoil,
    standing,
    taken_back,
)

KILLS = 20
DECISIONS = "decisions/loans_agent"


@dataclass(frozen=True)
class Mistake:
    """A home in which r1 was good and r2 is wrong, and how it stood under r1."""

    home: Home
    good: tuple[dict[str, str], dict[tuple[str, str], int]]
    bad: tuple[dict[str, str], dict[tuple[str, str], int]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        made = tmp_path_factory.mktemp("loans")
        patch.chdir(made)
        patch.delenv("AGENTIC_DOMAINS", raising=False)
        new_loans(made)
        yield made


@pytest.fixture(scope="module")
def mistake(folder: Path) -> Mistake:
    home = Home.at(folder / "home")
    released(home, "the first one")
    good, stood = end_state(home)[0], dict(standing(home))
    spoil(folder)
    released(home, "amounts without the fee")
    bad, stands, activated, problems = end_state(home)
    assert (activated, problems) == ([1, 2], [])
    assert stands != stood
    assert bad[f"{DECISIONS} 2024-01-30"] != good[f"{DECISIONS} 2024-01-30"]
    return Mistake(home, (good, stood), (bad, stands))


@pytest.fixture
def home(mistake: Mistake, tmp_path: Path) -> Home:
    """Give the home of the mistake, to be mended."""
    shutil.copytree(mistake.home.root, tmp_path / "home")
    return Home.at(tmp_path / "home")


def run(home: Home, *words: str) -> Any:
    done = CliRunner().invoke(cli, words, env={"AGENTIC_HOME": str(home.root)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def test_one_command_takes_a_bad_release_back(home: Home, mistake: Mistake) -> None:
    (good, stood), (bad, _) = mistake.good, mistake.bad
    before = taken_back(home)
    told = json.loads(run(home, "rollback", "plan", "--domain", "loans", "--to", "r1", "--json").output)
    planned = run(home, "rollback", "plan", "--domain", "loans", "--to", "r1").output
    assert "going back to loans r1 for everything" in planned
    assert end_state(home)[0] == bad  # a plan changes nothing
    run(home, "rollback", "apply", "--domain", "loans", "--to", "r1", "--reason", "r2 was wrong", "--by", "me")
    versions, stands, activated, problems = end_state(home)
    assert versions == good
    assert stands == stood
    assert activated == [1, 2, 1]
    assert problems == []
    undone = taken_back(home) - before
    assert set(undone.values()) == {1}
    assert told["counts"]["actions"] == len(undone) > 0  # as foreseen
    assert told["counts"]["decisions"] == 30 * 6
    assert {(one["asset"], one["partition"]) for one in told["remade"]} == {
        tuple(name.split(" ")) for name in good if good[name] != bad[name]
    } | {tuple(name.split(" ")) for name in good if name.startswith("features/loans_known_proofs ")}
    again = run(home, "rollback", "apply", "--domain", "loans", "--to", "r1", "--reason", "r2 was wrong")
    assert "nothing to do" in again.output


def test_superseded_decisions_stay_in_the_ledger_under_a_seal_of_their_own(home: Home) -> None:
    run(home, "rollback", "apply", "--domain", "loans", "--to", "r1", "--reason", "r2 was wrong")
    reading = Reading(load_domain("loans"), home)
    try:
        [subject] = reading.domain.subjects
        ledger = Ledger(reading.store, home.keys, subject.log)
        history = reading.manifest.history(DECISIONS, "2024-01-05")
        assert history[0].data_version == history[-1].data_version
        assert len({entry.data_version for entry in history}) == 2
        sealed = ledger.sealed("2024-01-05")
        assert sealed is not None
        assert sealed.generation == 2  # the first, the wrong one, the first again
    finally:
        reading.close()


def test_some_days_go_back_and_no_run_rolls_them_forward_again(home: Home, mistake: Mistake) -> None:
    (good, _), (bad, _) = mistake.good, mistake.bad
    days = ["2024-01-10", "2024-01-11", "2024-01-12"]
    scope = f"{days[0]}..{days[-1]}"
    run(home, "rollback", "apply", "--domain", "loans", "--to", "r1", "--partitions", scope, "--reason", "three days")
    for _ in range(2):
        versions, _, activated, problems = end_state(home)
        decided = {name: version for name, version in versions.items() if name.startswith(DECISIONS)}
        assert decided == {
            name: (good if name.split()[1] in days else bad)[name] for name in good if name.startswith(DECISIONS)
        }
        assert (activated, problems) == ([1, 2, 1], [])
        assert run_load(load_domain("loans"), home).outcome.complete


def test_a_release_that_is_not_there_and_a_day_that_is_none_are_refused(home: Home) -> None:
    for words, said in (
        (("--to", "r7"), "no release 'r7'"),
        (("--to", "r1", "--partitions", "2023-01-01"), "2023-01-01"),
    ):
        done = CliRunner().invoke(
            cli, ["rollback", "plan", "--domain", "loans", *words], env={"AGENTIC_HOME": str(home.root)}
        )
        assert done.exit_code == 1
        assert said in f"{done.output}{done.exception}"


def activated(home: Home, **config: Any) -> Loaded:
    """Run the job that puts a release into force, as the launchpad of the UI does."""
    return launch(activate_job(load_domain("loans")), "loans_activation", config, home)


def orders(home: Home) -> list[Activation]:
    store = Store(home.store_url)
    try:
        return [*Releases(store, home.keys).activations("loans")]
    finally:
        store.close()


def told_of(home: Home) -> tuple[str, ...]:
    """Give what Dagster has not heard yet of what is in force."""
    store = Store(home.store_url)
    try:
        with open_instance(home) as instance:
            return tell_release(instance, InForce(load_domain("loans"), home, store))
    finally:
        store.close()


def test_a_job_puts_a_release_into_force_tells_dagster_and_makes_nothing(home: Home, mistake: Mistake) -> None:
    done = activated(home, release="r1", reason=" r2 was wrong ", by="ada")
    assert done.failure == ""
    newest = orders(home)[-1]
    assert (newest.kind, newest.release, newest.partitions) == ("activate", 1, None)
    assert (newest.author, newest.reason) == ("ada", "r2 was wrong")
    assert told_of(home) == ()
    versions, _, activated_in_all, problems = end_state(home)
    assert (versions, activated_in_all, problems) == (mistake.bad[0], [1, 2, 1], [])
    assert run_load(load_domain("loans"), home).outcome.complete
    assert end_state(home)[0] == mistake.good[0]


def test_the_same_job_for_some_days_again_records_nothing(home: Home) -> None:
    days = ["2024-01-11", "2024-01-10"]
    for _ in range(2):
        assert activated(home, release="r1", reason="two days", partitions=days).failure == ""
        assert [(one.release, one.partitions, one.author) for one in orders(home)[2:]] == [
            (1, ("2024-01-10", "2024-01-11"), "Dagster UI")
        ]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"release": "r1", "reason": " "}, "an activation needs a reason"),
        ({"release": "r7", "reason": "a test"}, "loans has no release 'r7'"),
        ({"release": "r1", "reason": "a test", "partitions": ["2023-01-01"]}, "2023-01-01: not a day of loans"),
    ],
)
def test_the_job_refuses_what_the_command_refuses_and_records_nothing(
    home: Home, config: dict[str, Any], said: str
) -> None:
    assert said in activated(home, **config).failure
    assert len(orders(home)) == 2


class Zygote:
    """A process that forks rollbacks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agentic_assets_tests.integration.rollback_zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._said().startswith("ready")

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def start(self, home: Path) -> int:
        """Start a rollback and give its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{home}\n")
        self._process.stdin.flush()
        return int(self._said())

    def ended(self) -> int:
        """Wait for its end and give its exit code."""
        return int(self._said())

    def close(self) -> None:
        with self._process:
            self._process.kill()


@pytest.fixture
def zygote(folder: Path) -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_rollback_that_is_killed_anywhere_is_finished_by_the_same_command(
    mistake: Mistake, zygote: Zygote, tmp_path: Path
) -> None:
    def fresh(name: str) -> Path:
        shutil.copytree(mistake.home.root, tmp_path / name)
        return tmp_path / name

    undisturbed = fresh("undisturbed")
    start = time.monotonic()
    zygote.start(undisturbed)
    assert zygote.ended() == 0
    duration = time.monotonic() - start
    expected = end_state(Home.at(undisturbed))
    before = taken_back(mistake.home)
    once = taken_back(Home.at(undisturbed)) - before
    assert set(once.values()) == {1}
    assert (expected[0], expected[1]) == mistake.good
    chance, killed, homes = random.Random(20240130), 0, 0
    while killed < KILLS:
        homes += 1
        home = fresh(f"home-{homes}")
        # Struck again and again until one gets through, so that every kill strikes another state.
        code = -signal.SIGKILL
        while code != 0 and killed < KILLS:
            process = zygote.start(home)
            time.sleep(chance.uniform(0, duration * chance.choice((0.3, 0.9))))
            with suppress(ProcessLookupError):  # it was faster
                os.kill(process, signal.SIGKILL)
            code = zygote.ended()
            killed += code == -signal.SIGKILL
        zygote.start(home)
        assert zygote.ended() == 0, f"home {homes}, after {killed} kills"
        assert end_state(Home.at(home)) == expected, f"home {homes}, after {killed} kills"
        assert Counter(taken_back(Home.at(home))) - before == once
        shutil.rmtree(home)


def test_the_releases_of_a_store_say_who_went_back_and_why(home: Home) -> None:
    run(home, "rollback", "apply", "--domain", "loans", "--to", "r1", "--reason", "r2 was wrong", "--by", "me")
    store = Store(home.store_url)
    try:
        newest = Releases(store, home.keys).activations("loans")[-1]
    finally:
        store.close()
    assert (newest.kind, newest.author, newest.reason, newest.release) == ("rollback", "me", "r2 was wrong", 1)
    assert newest.details["plan"]["decisions"] > 0


@pytest.mark.postgres
def test_on_postgresql_a_bad_release_is_taken_back_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_postgres_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGENTIC_DOMAINS", raising=False)
    new_loans(tmp_path, days=3)
    home = Home.at(tmp_path / "home", store_url=fresh_postgres_url)
    released(home, "the first one")
    good, stood = end_state(home)[0], dict(standing(home))
    spoil(tmp_path)
    released(home, "amounts without the fee")
    assert end_state(home)[0] != good
    done = run_rollback(load_domain("loans"), home, to="r1", reason="r2 was wrong", by="me")
    assert not done.failure
    assert end_state(home) == (good, stood, [1, 2, 1], [])
    assert set(taken_back(home).values()) == {1}
