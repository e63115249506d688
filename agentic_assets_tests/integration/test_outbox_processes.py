"""Relays as real processes, on SQLite and on a real PostgreSQL: killed, and started together."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.actions.rounds import Slot
from agentic_assets.store import Store
from agentic_assets_tests.unit.actions.samples import SCOPE, actions, counted, entries, put, repeated, written
from agentic_assets_tests.unit.actions.wanting import DAY, remade, standing, wanting


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    else:
        store = Store(request.getfixturevalue("fresh_postgres_url"))
    yield store
    store.close()


def _started(store: Store, journal: Path, *wanted: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "agentic_assets_tests.integration.outbox_relay", store.url, str(journal), *wanted]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _size(journal: Path) -> int:
    return journal.stat().st_size if journal.exists() else 0


@pytest.mark.slow
def test_a_relay_killed_again_and_again_executes_each_action_exactly_once(store: Store, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    outbox = Outbox(store)
    every = actions(30_000)
    put(outbox, every)
    chance = random.Random(20130208)
    for _ in range(20 if store.dialect == "sqlite" else 10):
        before = _size(journal)
        process = _started(store, journal)
        _go(process)
        # By progress, not by the clock: a kill must fall into the work, on a fast machine and on a slow one.
        enough = before + chance.randrange(0, 100_000)
        while _size(journal) <= enough and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        process.communicate()
        assert process.returncode == -9, "the relay was through before it was killed: give it more actions"
    assert 0 < len(written(journal)) < len(every)
    outbox.relay(JournalActuator(journal))
    assert outbox.counts() == counted(done=len(every))
    assert repeated(journal) == []
    assert written(journal) == [action.key for action in every]


def test_two_relays_at_once_execute_no_action_twice(store: Store, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    outbox = Outbox(store)
    put(outbox, actions(3000))
    both = [_started(store, journal), _started(store, journal)]
    for process in both:
        _go(process)
    said = [process.communicate()[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(int(done) for done, *_ in said) == 3000
    assert {(found, failed, later) for _, found, failed, later in said} == {("0", "0", "0")}
    assert outbox.counts() == counted(done=3000)
    assert repeated(journal) == []


def test_a_day_made_anew_and_killed_again_and_again_is_taken_back_exactly_once(store: Store, tmp_path: Path) -> None:
    journal, outbox = tmp_path / "journal.jsonl", Outbox(store)
    remade(outbox, JournalActuator(journal), wanting(*(f"{number} notify" for number in range(1200))))
    chance = random.Random(20130209)
    for _ in range(3 if store.dialect == "sqlite" else 2):
        process = _started(store, journal, "600", "1800", "standby")
        enough = _size(journal) + chance.randrange(0, 100_000)
        _go(process)
        while _size(journal) <= enough and process.poll() is None:
            time.sleep(0.001)
        process.kill()
        process.communicate()
        assert process.returncode == -9, "it was through before it was killed: give it more actions"
    last = [f"{number} notify" for number in range(1000, 1400)]
    remade(outbox, JournalActuator(journal), wanting(*last))
    assert standing(journal) == sorted(last)
    assert len(written(journal, "compensate")) >= 1000
    assert outbox.counts()["done"] == len(last)
    assert {outbox.counts()[state] for state in ("pending", "failed")} == {0}


def test_one_day_made_anew_by_two_processes_at_once_is_taken_back_once(store: Store, tmp_path: Path) -> None:
    journal, outbox = tmp_path / "journal.jsonl", Outbox(store)
    remade(outbox, JournalActuator(journal), wanting(*(f"{number} notify" for number in range(600))))
    wanted = (("200", "800", "notify"), ("400", "1000", "notify"))
    both = [_started(store, journal, *one) for one in wanted]
    for process in both:
        _go(process)
    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    outbox.relay(JournalActuator(journal))  # what the second put while the first was through
    allowed = [sorted(f"{number} notify" for number in range(int(first), int(last))) for first, last, _ in wanted]
    assert standing(journal) in allowed


def test_rows_put_while_a_relay_runs_are_executed_by_it_or_by_the_next(store: Store, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    outbox = Outbox(store)
    put(outbox, actions(1500))
    process = _started(store, journal)
    _go(process)
    others = [actions(100, f"2013-03-{day:02}") for day in range(1, 11)]
    for some in others:
        put(outbox, some)
    process.communicate()
    outbox.relay(JournalActuator(journal))
    assert outbox.counts() == counted(done=2500)
    assert sorted(written(journal)) == sorted(action.key for some in (actions(1500), *others) for action in some)


def test_the_outbox_behaves_alike_on_both_stores(store: Store, tmp_path: Path) -> None:
    outbox = Outbox(store)
    before = "2013-02-07"
    assert [put(outbox, actions(number, before)) for number in (1200, 1300, 1300)] == [1200, 100, 0]
    assert [entry.action for entry in entries(outbox, actions(30, before))] == actions(30, before)
    journal = JournalActuator(tmp_path / "journal.jsonl")
    assert outbox.relay(journal).done == 1300
    assert {entry.state for entry in entries(outbox, actions(3, before))} == {"done"}
    assert outbox.redrive(entries(outbox, actions(3, before))) == 0
    assert remade(outbox, journal, wanting("a notify", "b notify")).counts()["execute"] == 2
    told = remade(outbox, journal, wanting("b notify", "c notify"), version=2)
    assert told.counts() == {"execute": 1, "compensate": 1, "withdraw": 0, "keep": 1}
    outbox.reconcile(SCOPE, {DAY: wanting("a notify")}, journal, because=lambda *_: {})
    assert remade(outbox, journal, wanting("b notify")).counts() == {
        "execute": 0,
        "compensate": 0,
        "withdraw": 1,
        "keep": 1,
    }
    assert outbox.undoing(SCOPE, [DAY]) == {DAY: {"done": 2, "withdrawn": 1}}
    assert outbox.standing(SCOPE, [DAY])[DAY][Slot("b", "notify")] == "done"
    assert outbox.counts(DAY) == counted(done=1, compensated=2, withdrawn=1)
