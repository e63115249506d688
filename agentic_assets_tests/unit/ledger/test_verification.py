from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger import Break, Ledger
from agentic_assets.ledger.breaks import differences
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_partitions
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records

DAY = "2013-02-08"
SIZE = 23


@contextmanager
def _sealed() -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/store.sqlite")
        ledger = Ledger(store, Path(folder) / "keys", ORIGIN)
        ledger.seal(DAY, *records(SIZE))
        yield ledger
        store.close()


@pytest.fixture(scope="module")
def day() -> Iterator[Ledger]:
    with _sealed() as ledger:
        yield ledger


def _named(breaks: tuple[Break, ...]) -> list[tuple[str, str, int | None]]:
    return [(item.kind, item.decision_id, item.position) for item in breaks]


def _tamper(store: Store, **values: Any) -> None:
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).values(**values))


POSITIONS = st.integers(0, SIZE - 1)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(position=POSITIONS, byte=st.integers(0, 60), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found_and_named(day: Ledger, position: int, byte: int, bit: int) -> None:
    data, ids = records(SIZE)
    content = bytearray(data[position])
    content[byte] ^= 1 << bit
    data[position] = bytes(content)
    assert _named(day.verify(DAY, data, ids)) == [("flipped", ids[position], position)]


@settings(derandomize=True, max_examples=30, deadline=None)
@given(dropped=st.sets(POSITIONS, min_size=1, max_size=SIZE - 1))
def test_any_dropped_records_are_found_and_named(day: Ledger, dropped: set[int]) -> None:
    data, ids = records(SIZE)
    kept = [position for position in range(SIZE) if position not in dropped]
    breaks = day.verify(DAY, [data[position] for position in kept], [ids[position] for position in kept])
    expected = [("dropped", ids[position], position) for position in sorted(dropped)]
    assert _named(breaks)[:20] == expected[:20]
    assert (len(breaks) == 21) == (len(expected) > 20)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(position=st.integers(0, SIZE))
def test_any_added_record_is_found_and_named(day: Ledger, position: int) -> None:
    data, ids = records(SIZE)
    more, names = records(1, "added")
    data[position:position], ids[position:position] = more, names
    assert _named(day.verify(DAY, data, ids)) == [("added", names[0], position)]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(source=POSITIONS, target=st.integers(0, SIZE))
def test_any_duplicated_record_is_found_and_named(day: Ledger, source: int, target: int) -> None:
    data, ids = records(SIZE)
    data.insert(target, data[source])
    ids.insert(target, ids[source])
    breaks = day.verify(DAY, data, ids)
    assert [(item.kind, item.decision_id) for item in breaks if item.kind == "duplicated"] == [
        ("duplicated", records(SIZE)[1][source])
    ]
    assert {item.decision_id for item in breaks} == {records(SIZE)[1][source]}


@settings(derandomize=True, max_examples=40, deadline=None)
@given(source=POSITIONS, target=POSITIONS)
def test_any_moved_record_is_found_and_named(day: Ledger, source: int, target: int) -> None:
    data, ids = records(SIZE)
    data.insert(target, data.pop(source))
    ids.insert(target, ids.pop(source))
    breaks = day.verify(DAY, data, ids)
    if abs(source - target) > 1:
        assert _named(breaks) == [("reordered", ids[target], target)]
        assert breaks[0].detail == f"was sealed at {source}"
    elif source != target:  # of two neighbours that changed places, either may be the one that moved
        assert [item.kind for item in breaks] == ["reordered"]
        assert breaks[0].decision_id in {ids[source], ids[target]}
    else:
        assert breaks == ()


@settings(derandomize=True, max_examples=60, deadline=None)
@given(data=st.data())
def test_no_difference_at_all_goes_unseen(day: Ledger, data: st.DataObject) -> None:
    sealed, names = records(SIZE)
    more, more_names = records(3, "more")
    pool = list(zip([*sealed, *more], [*names, *more_names], strict=True))
    found = data.draw(st.permutations(pool).map(lambda rows: rows[: SIZE + data.draw(st.integers(-2, 2))]))
    breaks = day.verify(DAY, [row for row, _ in found], [name for _, name in found])
    assert (breaks == ()) == (found == pool[:SIZE])


def test_several_kinds_at_once_are_each_named() -> None:
    sealed = [(name, name.encode()) for name in "abcdefgh"]
    found = [
        ("a", b"a"),
        ("c", b"c"),
        ("x", b"x"),
        ("b", b"b"),
        ("d", b"!"),
        ("e", b"e"),
        ("e", b"e"),
        ("h", b"h"),
        ("g", b"g"),
    ]
    named = {(item.kind, item.decision_id) for item in differences(DAY, sealed, found)}
    assert named >= {("added", "x"), ("flipped", "d"), ("dropped", "f"), ("duplicated", "e")}
    assert {kind for kind, _ in named} == {"added", "flipped", "dropped", "duplicated", "reordered"}


def test_of_two_records_with_one_id_the_sealed_one_is_the_original() -> None:
    sealed = [("a", b"a"), ("b", b"b")]
    found = [("a", b"forged"), ("a", b"a"), ("b", b"b")]
    assert _named(tuple(differences(DAY, sealed, found))) == [("duplicated", "a", 0)]


def test_what_is_named_is_bounded_and_the_rest_counted(day: Ledger) -> None:
    data, ids = records(SIZE)
    more, names = records(5000, "many")
    breaks = day.verify(DAY, [b"flipped", *data[1:], *more], [*ids, *names])
    assert len(breaks) == 21
    assert breaks[0].kind == "flipped"
    assert (breaks[-1].kind, breaks[-1].detail) == ("more", "and 4,981 more: 4,981 added")


def test_a_partition_that_was_never_sealed_is_said_to_be(ledger: Ledger) -> None:
    assert [item.kind for item in ledger.verify(DAY, *records(2))] == ["unsealed"]


def test_records_and_ids_of_different_length_are_an_error(day: Ledger) -> None:
    data, ids = records(SIZE)
    with pytest.raises(LedgerBroken, match="23 records and 22 decision ids"):
        day.verify(DAY, data, ids[:-1])


def test_a_relabelled_record_is_named_by_both_ids(day: Ledger) -> None:
    data, ids = records(SIZE)
    ids[4], before = "not even an id", ids[4]
    breaks = day.verify(DAY, data, ids)
    assert _named(breaks) == [("mislabelled", "not even an id", 4)]
    assert before in breaks[0].detail


def test_an_edited_list_of_leaves_is_told_from_edited_records(ledger: Ledger, store: Store) -> None:
    ledger.seal(DAY, *records(SIZE))
    with store.reading() as connection:
        leaves = bytearray(connection.execute(ledger_partitions.select()).one().leaves)
    leaves[7 * 32] ^= 1
    _tamper(store, leaves=bytes(leaves))
    breaks = ledger.verify(DAY, *records(SIZE))
    assert _named(breaks) == [("leaves", "", 7)]
    assert "the records are as sealed" in breaks[0].detail


def test_records_edited_together_with_the_stored_leaves_are_still_seen(ledger: Ledger, store: Store) -> None:
    data, ids = records(SIZE)
    ledger.seal(DAY, data, ids)
    data[3] = b"forged"
    forged = Ledger(store, ledger._keys, "example.com/forge")
    forged.seal(DAY, data, ids)
    with store.transaction() as connection:
        row = connection.execute(ledger_partitions.select().where(ledger_partitions.c.log == "example.com/forge")).one()
        mine = ledger_partitions.c.log == ORIGIN
        connection.execute(update(ledger_partitions).where(mine).values(leaves=row.leaves))
    assert [item.kind for item in ledger.verify(DAY, data, ids)] == ["leaves"]
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(mine).values(root=row.root))
    assert [item.kind for item in ledger.verify(DAY, data, ids)] == ["row", "leaves"]
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(mine).values(checkpoint=row.checkpoint))
    assert [item.kind for item in ledger.verify(DAY, data, ids)] == ["checkpoint"]
    assert {item.kind for item in ledger.verify_log()} >= {"checkpoint", "rewritten"}


def test_cutting_the_last_records_everywhere_but_in_the_signature_is_seen(ledger: Ledger, store: Store) -> None:
    data, ids = records(SIZE)
    ledger.seal(DAY, data, ids)
    with store.reading() as connection:
        row = connection.execute(ledger_partitions.select()).one()
    _tamper(store, size=SIZE - 5, ids=row.ids[: -5 * 16], leaves=row.leaves[: -5 * 32])
    breaks = ledger.verify(DAY, data[:-5], ids[:-5])
    assert {item.kind for item in breaks} == {"row", "leaves", "ids"}
    assert f"the row says {SIZE - 5} records, signed were {SIZE}" in breaks[0].detail


def test_edited_decision_ids_in_the_store_are_seen(ledger: Ledger, store: Store) -> None:
    data, ids = records(SIZE)
    ledger.seal(DAY, data, ids)
    with store.reading() as connection:
        row = connection.execute(ledger_partitions.select()).one()
    _tamper(store, ids=bytes(16) + row.ids[16:])
    assert _named(ledger.verify(DAY, data, ids)) == [("mislabelled", ids[0], 0)]
    _tamper(store, ids=row.ids[16:])
    assert [item.kind for item in ledger.verify(DAY, data, ids)] == ["ids"]


def test_a_dropped_record_whose_stored_id_was_overwritten_is_still_missed(ledger: Ledger, store: Store) -> None:
    data, ids = records(SIZE)
    ledger.seal(DAY, data, ids)
    with store.reading() as connection:
        row = connection.execute(ledger_partitions.select()).one()
    _tamper(store, ids=row.ids[:-16] + row.ids[:16])
    assert [item.kind for item in ledger.verify(DAY, data[:-1], ids[:-1])] == ["root"]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), character=st.sampled_from("aZ0+/=\n —"))
def test_an_edited_checkpoint_is_seen(day: Ledger, position: int, character: str) -> None:
    sealed = day.sealed(DAY)
    assert sealed is not None
    note = sealed.checkpoint
    position %= len(note)
    edited = note[:position] + character + note[position + 1 :]
    _tamper(day._store, checkpoint=edited)
    kinds = [item.kind for item in day.verify(DAY, *records(SIZE))]
    _tamper(day._store, checkpoint=note)
    assert kinds == ([] if edited == note else ["checkpoint"])


def test_a_checkpoint_taken_from_another_day_is_seen(ledger: Ledger, store: Store) -> None:
    sealed = ledger.seal_many({DAY: records(SIZE), "2013-02-09": records(SIZE)})
    _tamper(store, checkpoint=sealed[DAY].checkpoint)
    assert ledger.verify(DAY, *records(SIZE)) == ()
    breaks = ledger.verify("2013-02-09", *records(SIZE))
    assert [item.kind for item in breaks] == ["checkpoint"]
    assert "2013-02-08/0" in breaks[0].detail


def test_a_deleted_row_is_seen(ledger: Ledger, store: Store) -> None:
    ledger.seal_many({DAY: records(3), "2013-02-09": records(4)})
    with store.transaction() as connection:
        connection.execute(delete(ledger_partitions).where(ledger_partitions.c.partition == DAY))
    assert [item.kind for item in ledger.verify(DAY, *records(3))] == ["unsealed"]
    assert [(item.kind, item.position) for item in ledger.verify_log()] == [("missing", 0), ("truncated", 0)]
