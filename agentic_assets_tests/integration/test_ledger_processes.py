"""Sealers as real processes, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from agentic_assets.ledger import Ledger
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_partitions
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records

DAYS = [f"2013-{month:02d}-{day:02d}" for month in (1, 2) for day in range(1, 21)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    else:
        store = Store(request.getfixturevalue("fresh_postgres_url"))
    yield store
    store.close()


def _together(store: Store, keys: Path, *shares: list[str]) -> None:
    command = [sys.executable, "-m", "agentic_assets_tests.integration.ledger_sealer", store.url, str(keys)]
    started = [
        subprocess.Popen([*command, *share], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for share in shares
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in started:
        process.communicate()
        assert process.returncode == 0


def test_processes_that_seal_different_partitions_lose_nothing(store: Store, tmp_path: Path) -> None:
    _together(store, tmp_path / "keys", DAYS[::2], DAYS[1::2])
    ledger = Ledger(store, tmp_path / "keys", ORIGIN)
    head = ledger.head()
    assert head is not None
    assert head.size == len(DAYS)
    assert ledger.verify_log() == ()
    sealed = [ledger.sealed(day) for day in DAYS]
    assert sorted(item.log_index for item in sealed if item is not None) == list(range(len(DAYS)))
    for day in DAYS:
        data, ids = records(50, day)
        assert ledger.verify(day, data, ids) == ()
        ledger.check(ledger.proof(day, ids[17]), data[17])


def test_processes_that_seal_the_same_partitions_append_each_once(store: Store, tmp_path: Path) -> None:
    _together(store, tmp_path / "keys", DAYS[:15], DAYS[:15])
    ledger = Ledger(store, tmp_path / "keys", ORIGIN)
    head = ledger.head()
    assert head is not None
    assert head.size == 15
    assert ledger.verify_log() == ()


def test_the_ledger_behaves_alike_on_both_stores(store: Store, tmp_path: Path) -> None:
    ledger = Ledger(store, tmp_path / "keys", ORIGIN)
    ledger.seal_many({day: records(20, day) for day in DAYS})
    assert not ledger.seal(DAYS[3], *records(20, DAYS[3])).fresh
    assert ledger.seal(DAYS[3], *records(21, DAYS[3])).generation == 1
    data, ids = records(20, DAYS[4])
    data[7] = b"flipped"
    assert [(item.kind, item.decision_id) for item in ledger.verify(DAYS[4], data, ids)] == [("flipped", ids[7])]
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(ledger_partitions.c.log_index == 2).values(size=19))
    assert {item.kind for item in ledger.verify_log()} == {"row", "rewritten"}
