"""Sealing, verifying and relaying against the least that the machine must do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path

import polars as pl

from agentic_assets.actions import Action, JournalActuator, Outbox
from agentic_assets.ledger import Ledger, Tree, included, leaf_hash
from agentic_assets.ledger.merkle import leaf_hashes
from agentic_assets.store import Store
from agentic_assets_tests.bench.table import Row, timed
from agentic_assets_tests.unit.actions.samples import frame_of

__all__ = ["measure"]

RECORDS = 336_776  # the flights of 2013
DAYS = 365
RECORD_BYTES = 280
ACTIONS = 10_000
ORIGIN = "example.com/bench"


def measure() -> list[Row]:
    """Measure the ledger and the outbox on SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="ledger-bench-") as folder:
        store = Store(f"sqlite:///{folder}/store.sqlite")
        try:
            return [*_ledger(store, Path(folder)), *_outbox(store, Path(folder))]
        finally:
            store.close()


def _ledger(store: Store, folder: Path) -> list[Row]:
    records, ids = _records()
    joined = b"".join(records)
    floor = "SHA-256 over the same bytes"
    ledger = Ledger(store, folder / "keys", ORIGIN)
    turn = count()

    def hashing() -> float:
        # As long a run as the sealing, and measured beside it: the machine may be busy, and not evenly so.
        return timed(lambda: [sha256(joined).digest() for _ in range(10)]) / 10

    floors = [hashing()]
    whole = timed(lambda: ledger.seal(f"whole-{next(turn)}", records, ids))
    floors.append(hashing())
    year = timed(lambda: ledger.seal_many(_days(next(turn), records, ids)))
    floors.append(hashing())
    verify = timed(lambda: _require(ledger.verify("whole-0", records, ids) == ()))
    tree = Tree(leaf_hashes(records))
    leaf, path, position = leaf_hash(records[1000]), tree.path(1000), RECORDS // 2
    make = timed(lambda: [tree.path(index) for index in range(position, position + 1000)]) * 1000
    check = timed(lambda: [included(leaf, 1000, RECORDS, path, tree.root) for _ in range(1000)]) * 1000
    days = "year-3-day-000"
    proof = ledger.proof(days, ids[0])
    from_store = timed(lambda: ledger.proof(days, ids[0])) * 1e3
    in_full = timed(lambda: ledger.check(proof, records[0])) * 1e3
    log = timed(lambda: _require(ledger.verify_log() == ())) * 1e3
    note = (
        f"inclusion path of {RECORDS:,} leaves: make {make:.0f} us, verify {check:.0f} us; of a day, from the store, "
        f"with the log: make {from_store:.1f} ms, check with 2 signatures {in_full:.1f} ms; verify_log {log:.0f} ms"
    )
    size = f"{RECORDS:,} records of {RECORD_BYTES} B"
    return [
        Row(
            "ledger", f"seal {size} as one partition", whole, floor, floors[0], 15.0, "leaves, tree, signatures, store"
        ),
        Row("ledger", f"seal {size} as {DAYS} days at once", year, floor, floors[1], 15.0),
        Row("ledger", f"verify {size}", verify, floor, floors[2], 15.0, note),
    ]


def _outbox(store: Store, folder: Path) -> list[Row]:
    outbox = Outbox(store)
    turn = count()
    journal = JournalActuator(folder / "journal.jsonl")
    batches = [_actions(number) for number in range(3)]

    def putting() -> None:
        number = next(turn)
        wanted = {f"batch-{number}": batches[number]}
        found = outbox.reconcile("bench", wanted, journal, because=lambda *_: {})
        _require(len(found.execute) == ACTIONS)

    put = timed(putting, repeat=len(batches))
    seconds = timed(lambda: _require(outbox.relay(journal, partition=f"batch-{next(turn) % 3}").done == ACTIONS))
    lines = journal.path.read_bytes().splitlines(keepends=True)[:ACTIONS]
    floor = timed(_appending(folder / "floor.jsonl", lines))
    note = f"{ACTIONS / seconds:,.0f} actions a second; put: {ACTIONS / put:,.0f} rows a second"
    return [
        Row("outbox", f"relay {ACTIONS:,} actions to a journal", seconds, "fsync of 500 lines each", floor, None, note)
    ]


def _appending(path: Path, lines: list[bytes]) -> Callable[[], None]:
    def run() -> None:
        with path.open("ab") as file:
            for start in range(0, len(lines), 500):
                file.write(b"".join(lines[start : start + 500]))
                file.flush()
                os.fsync(file.fileno())

    return run


def _records() -> tuple[list[bytes], list[str]]:
    ids = [sha256(str(number).encode()).hexdigest()[:32] for number in range(RECORDS)]
    filling = "x" * (RECORD_BYTES - 52)
    return [f'{{"decision_id":"{name}","{filling}":1}}'.encode() for name in ids], ids


def _days(turn: int, records: list[bytes], ids: list[str]) -> dict[str, tuple[list[bytes], list[str]]]:
    edges = [RECORDS * day // DAYS for day in range(DAYS + 1)]
    return {
        f"year-{turn}-day-{day:03d}": (records[edges[day] : edges[day + 1]], ids[edges[day] : edges[day + 1]])
        for day in range(DAYS)
    }


def _actions(batch: int) -> pl.DataFrame:
    rows = [
        Action(
            key=f"bench|{batch}:{number}",
            decision_id=f"{number:032x}",
            partition=f"batch-{batch}",
            agent="delay_risk@1",
            entity=f"2013-02-08/EWR/UA/{number}",
            action="notify",
            payload='{"cost_cents":30000}',
        )
        for number in range(ACTIONS)
    ]
    return frame_of(rows)


def _require(holds: bool) -> None:
    if not holds:
        raise RuntimeError("the benchmark did not do what it measures")
