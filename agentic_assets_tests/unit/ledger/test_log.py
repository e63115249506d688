from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from agentic_assets.ledger import Break, Checkpoint, Ledger, Signer, consistent
from agentic_assets.ledger.keys import load_key
from agentic_assets.ledger.verification import LogRow, log_rows
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_log, ledger_partitions
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records

DAYS = [f"2013-02-{day:02d}" for day in range(1, 9)]


@pytest.fixture
def week(ledger: Ledger) -> Ledger:
    for day in DAYS:
        ledger.seal(day, *records(3, day))
    return ledger


def _kinds(breaks: tuple[Break, ...]) -> list[str]:
    return [item.kind for item in breaks]


def _cut(store: Store, to: int) -> None:
    with store.transaction() as connection:
        connection.execute(delete(ledger_log).where(ledger_log.c.size > to))
        connection.execute(delete(ledger_partitions).where(ledger_partitions.c.log_index >= to))


def test_a_sound_log_has_no_breaks(week: Ledger) -> None:
    assert week.verify_log() == ()


def test_an_empty_ledger_has_no_breaks_and_needs_no_key(ledger: Ledger, keys: Path) -> None:
    assert ledger.verify_log() == ()
    assert ledger.head() is None
    assert not keys.exists()


def test_a_truncated_log_is_seen_by_what_this_machine_remembers(week: Ledger, store: Store) -> None:
    _cut(store, 5)
    breaks = week.verify_log()
    assert _kinds(breaks) == ["truncated"]
    assert breaks[0].detail == "a signed head covers 8 entries, 5 are there"


def test_a_truncated_log_is_seen_by_a_witness_where_this_machine_forgot(week: Ledger, store: Store, keys: Path) -> None:
    head = week.head()
    assert head is not None
    _cut(store, 5)
    for path in keys.glob("head-*"):
        path.unlink()
    assert week.verify_log() == ()
    assert _kinds(week.verify_log(witnessed=[head.checkpoint])) == ["truncated"]


def test_an_emptied_store_is_seen(week: Ledger, store: Store) -> None:
    _cut(store, 0)
    assert _kinds(week.verify_log()) == ["truncated"]


def test_a_lost_newest_head_leaves_entries_that_nobody_signed(week: Ledger, store: Store, keys: Path) -> None:
    with store.transaction() as connection:
        connection.execute(delete(ledger_log).where(ledger_log.c.size > 6))
    breaks = week.verify_log()
    assert [(item.kind, item.partition, item.position) for item in breaks] == [
        ("unsigned", DAYS[6], 6),
        ("unsigned", DAYS[7], 7),
    ]


def test_a_missing_entry_is_named_by_its_place(week: Ledger, store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(delete(ledger_partitions).where(ledger_partitions.c.log_index == 3))
    assert [(item.kind, item.position) for item in week.verify_log()] == [("missing", 3), ("truncated", 3)]


def test_an_edited_row_is_named(week: Ledger, store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(
            update(ledger_partitions).where(ledger_partitions.c.partition == DAYS[2]).values(root="cd" * 32)
        )
    breaks = week.verify_log()
    assert ("row", DAYS[2]) in {(item.kind, item.partition) for item in breaks}
    assert [(item.kind, item.position) for item in breaks if item.kind == "rewritten"] == [("rewritten", 2)]


def test_entries_that_changed_places_are_seen(week: Ledger, store: Store) -> None:
    with store.transaction() as connection:
        for source, target in [(2, 100), (5, 2), (100, 5)]:
            connection.execute(
                update(ledger_partitions).where(ledger_partitions.c.log_index == source).values(log_index=target)
            )
    assert [(item.kind, item.position) for item in week.verify_log()] == [("rewritten", 2)]


@pytest.mark.parametrize("edit", [("\n8\n", "\n9\n"), ("A", "B"), ("departures", "arrivals")])
def test_an_edited_head_is_seen(week: Ledger, store: Store, edit: tuple[str, str]) -> None:
    head = week.head()
    assert head is not None
    edited = head.checkpoint.replace(*edit)
    assert edited != head.checkpoint
    with store.transaction() as connection:
        connection.execute(update(ledger_log).where(ledger_log.c.size == 8).values(checkpoint=edited))
    assert "head" in _kinds(week.verify_log())


def test_head_columns_that_contradict_the_signature_are_seen(week: Ledger, store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(update(ledger_log).where(ledger_log.c.size == 4).values(root="ef" * 32))
    assert _kinds(week.verify_log()) == ["head"]


def test_a_log_that_the_key_holder_rewrote_is_seen_by_a_witness_only(
    week: Ledger, store: Store, keys: Path, tmp_path: Path
) -> None:
    head = week.head()
    assert head is not None
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    forged_keys = tmp_path / "forged"
    forged_keys.mkdir(mode=0o700)
    (forged_keys / "ledger.pem").write_bytes((keys / "ledger.pem").read_bytes())
    (forged_keys / "ledger.pem").chmod(0o600)
    forged = Ledger(other, forged_keys, ORIGIN)
    for day in DAYS:
        forged.seal(day, *records(3, "forged" + day))
    assert forged.verify_log() == ()
    breaks = forged.verify_log(witnessed=[head.checkpoint])
    assert _kinds(breaks) == ["rewritten"]
    other.close()


def test_a_head_signed_over_something_else_is_seen(week: Ledger, store: Store, keys: Path) -> None:
    lie = Checkpoint(ORIGIN, 4, bytes(32)).sign(Signer(ORIGIN, load_key(keys)))
    assert _kinds(week.verify_log(witnessed=[lie])) == ["rewritten"]
    assert _kinds(week.verify_log(witnessed=["no note"])) == ["head"]


def test_an_edited_memory_is_seen(week: Ledger, keys: Path) -> None:
    (memory,) = keys.glob("head-*")
    memory.write_text(memory.read_text().replace("\n8\n", "\n2\n"))
    breaks = week.verify_log()
    assert _kinds(breaks) == ["head"]
    assert "cannot be trusted" in breaks[0].detail


def test_the_memory_never_goes_back(week: Ledger, keys: Path) -> None:
    (memory,) = keys.glob("head-*")
    newest = memory.read_text()
    early = Checkpoint(ORIGIN, 4, bytes(32)).sign(Signer(ORIGIN, load_key(keys)))
    week._seen.remember(early, week.verifier)
    assert memory.read_text() == newest


def test_every_head_is_proven_to_extend_every_earlier_one(week: Ledger, store: Store) -> None:
    with store.reading() as connection:
        heads = connection.execute(ledger_log.select().order_by(ledger_log.c.size)).all()
    newest = heads[-1]
    for old in heads:
        path = week.consistency(old.size)
        assert consistent(old.size, bytes.fromhex(old.root), newest.size, bytes.fromhex(newest.root), path)


def test_a_seal_between_two_reads_is_no_break(week: Ledger, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_and_let_another_seal(connection: Connection, log: str) -> list[LogRow]:
        rows = log_rows(connection, log)
        Ledger(store, week._keys, ORIGIN).seal("2013-03-01", *records(2))
        return rows

    monkeypatch.setattr("agentic_assets.ledger.ledger.log_rows", read_and_let_another_seal)
    assert week.verify_log() == ()
