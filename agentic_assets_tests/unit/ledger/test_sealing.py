from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger import Checkpoint, Frontier, Ledger, Sealed, Signer
from agentic_assets.ledger.entries import Entry
from agentic_assets.ledger.keys import load_key
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_log, ledger_partitions
from agentic_assets_tests.unit.ledger.samples import ORIGIN, records, tree_hash


def _appended(store: Store) -> tuple[int, int]:
    with store.reading() as connection:
        return (
            connection.execute(select(func.count()).select_from(ledger_partitions)).scalar_one(),
            connection.execute(select(func.count()).select_from(ledger_log)).scalar_one(),
        )


def _entry(sealed: Sealed) -> Entry:
    return Entry(sealed.partition, sealed.generation, sealed.size, sealed.root)


def test_a_seal_signs_the_root_and_the_size_of_the_records(ledger: Ledger) -> None:
    data, ids = records(11)
    sealed = ledger.seal("2013-02-08", data, ids)
    assert (sealed.partition, sealed.generation, sealed.size, sealed.fresh) == ("2013-02-08", 0, 11, True)
    assert sealed.root == tree_hash(data).hex()
    signed = Checkpoint.open(sealed.checkpoint, ledger.verifier, origin=f"{ORIGIN}/2013-02-08/0")
    assert (signed.size, signed.root.hex()) == (11, sealed.root)


def test_a_day_without_decisions_is_sealed_as_the_empty_tree(ledger: Ledger) -> None:
    sealed = ledger.seal("2013-12-25", [], [])
    assert (sealed.size, sealed.root) == (0, tree_hash([]).hex())
    assert ledger.verify("2013-12-25", [], []) == ()


def test_sealing_the_same_records_again_appends_nothing(ledger: Ledger, store: Store) -> None:
    first = ledger.seal("2013-02-08", *records(5))
    ledger.seal("2013-02-09", *records(5, "next"))
    again = ledger.seal("2013-02-08", *records(5))
    assert not again.fresh
    assert (again.checkpoint, again.log_index, again.log_size) == (first.checkpoint, first.log_index, first.log_size)
    assert _appended(store) == (2, 2)
    assert ledger.sealed("2013-02-08") == again


def test_other_records_become_the_next_generation_and_the_first_stays(ledger: Ledger, store: Store) -> None:
    first = ledger.seal("2013-02-08", *records(5))
    second = ledger.seal("2013-02-08", *records(4))
    back = ledger.seal("2013-02-08", *records(5))
    assert [item.generation for item in (first, second, back)] == [0, 1, 2]
    assert [item.log_index for item in (first, second, back)] == [0, 1, 2]
    assert _appended(store) == (3, 3)
    assert ledger.verify("2013-02-08", *records(5)) == ledger.verify_log() == ()


def test_the_same_bytes_under_other_ids_are_another_generation(ledger: Ledger) -> None:
    data, ids = records(3)
    ledger.seal("2013-02-08", data, ids)
    assert ledger.seal("2013-02-08", data, ids[::-1]).generation == 1


def test_many_partitions_are_one_head_in_the_order_of_their_names(ledger: Ledger, store: Store) -> None:
    days = {f"2013-01-{day:02d}": records(day, str(day)) for day in range(31, 0, -1)}
    sealed = ledger.seal_many(days)
    assert [sealed[day].log_index for day in sorted(days)] == list(range(31))
    assert {item.log_size for item in sealed.values()} == {31}
    assert _appended(store) == (31, 1)
    head = ledger.head()
    assert head is not None
    frontier = Frontier()
    for day in sorted(days):
        frontier.append(_entry(sealed[day]).leaf())
    assert head.root == frontier.root().hex()
    assert Checkpoint.open(head.checkpoint, ledger.verifier, origin=ORIGIN).root.hex() == head.root


def test_sealing_one_by_one_or_together_gives_the_same_log(store: Store, keys: Path, tmp_path: Path) -> None:
    days = {f"2013-01-{day:02d}": records(day, str(day)) for day in range(1, 20)}
    together = Ledger(store, keys, ORIGIN)
    together.seal_many(days)
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    one_by_one = Ledger(other, tmp_path / "other-keys", ORIGIN)
    for day, batch in days.items():
        one_by_one.seal(day, *batch)
    heads = together.head(), one_by_one.head()
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].root == heads[1].root
    other.close()


def test_logs_of_two_origins_in_one_store_do_not_meet(ledger: Ledger, store: Store, keys: Path) -> None:
    arrivals = Ledger(store, keys, "example.com/arrivals")
    ledger.seal("2013-02-08", *records(3))
    assert arrivals.sealed("2013-02-08") is None
    assert arrivals.head() is None
    assert arrivals.seal("2013-02-08", *records(4)).log_index == 0
    assert ledger.verify_log() == arrivals.verify_log() == ()


@pytest.mark.parametrize(
    "wrong", ["", "abc", "A" * 32, " " * 32, "0" * 31 + " ", "0" * 64, "\u0660" * 32, "0" * 31 + "g"]
)
def test_an_id_that_is_not_32_hexadecimal_digits_is_refused(ledger: Ledger, store: Store, wrong: str) -> None:
    data, ids = records(3)
    with pytest.raises(LedgerBroken, match="not 32 lowercase hexadecimal digits"):
        ledger.seal("2013-02-08", data, [ids[0], wrong, ids[2]])
    assert _appended(store) == (0, 0)


def test_ids_of_uneven_length_that_add_up_are_refused(ledger: Ledger) -> None:
    data, ids = records(2)
    with pytest.raises(LedgerBroken, match="not 32 lowercase"):
        ledger.seal("2013-02-08", data, [ids[0] + ids[1][:2], ids[1][2:]])


def test_one_decision_twice_in_a_partition_is_refused(ledger: Ledger) -> None:
    data, ids = records(4)
    with pytest.raises(LedgerBroken, match=f"1 decision ids more than once, e.g. {ids[1]}"):
        ledger.seal("2013-02-08", data, [ids[0], ids[1], ids[2], ids[1]])


def test_ids_that_share_half_their_digits_are_not_taken_for_one(ledger: Ledger) -> None:
    ids = ["0" * 16 + f"{number:016x}" for number in range(50)]
    assert ledger.seal("2013-02-08", [name.encode() for name in ids], ids).size == 50


def test_a_record_without_an_id_is_refused(ledger: Ledger) -> None:
    data, ids = records(3)
    with pytest.raises(LedgerBroken, match="3 records and 2 decision ids"):
        ledger.seal("2013-02-08", data, ids[:2])


@pytest.mark.parametrize("partition", ["", "a/b", "2013-02-08\n", "a b", "x" * 41, "-a", "\u00e9"])
def test_a_partition_name_that_cannot_stand_in_a_signed_line_is_refused(ledger: Ledger, partition: str) -> None:
    with pytest.raises(LedgerBroken, match="not a partition name"):
        ledger.seal(partition, *records(1))


def test_when_one_of_many_partitions_is_refused_none_is_sealed(ledger: Ledger, store: Store) -> None:
    with pytest.raises(LedgerBroken):
        ledger.seal_many({"2013-02-08": records(3), "2013-02-09": (records(3)[0], ["x"] * 3)})
    assert _appended(store) == (0, 0)


def test_nothing_is_signed_on_top_of_a_rewritten_entry(ledger: Ledger, store: Store) -> None:
    ledger.seal_many({"2013-02-08": records(3), "2013-02-09": records(4)})
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(ledger_partitions.c.log_index == 0).values(root="ab" * 32))
    with pytest.raises(LedgerBroken, match="not those that were signed"):
        ledger.seal("2013-02-10", *records(5))
    assert _appended(store) == (2, 1)


def test_nothing_is_signed_on_top_of_a_missing_entry_or_head(ledger: Ledger, store: Store) -> None:
    ledger.seal("2013-02-08", *records(3))
    ledger.seal("2013-02-09", *records(3))
    with store.transaction() as connection:
        connection.execute(delete(ledger_log).where(ledger_log.c.size == 2))
    with pytest.raises(LedgerBroken, match="holds 2 entries, its newest signed head 1"):
        ledger.seal("2013-02-10", *records(5))


def test_nothing_is_signed_on_top_of_entries_that_were_renumbered(ledger: Ledger, store: Store) -> None:
    ledger.seal_many({"2013-02-08": records(3), "2013-02-09": records(4)})
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).where(ledger_partitions.c.log_index == 1).values(log_index=4))
    with pytest.raises(LedgerBroken, match="lacks its entry 1: the next one stored is 4"):
        ledger.seal("2013-02-10", *records(5))


def test_nothing_is_signed_that_would_fork_a_log_that_was_cut(ledger: Ledger, store: Store) -> None:
    ledger.seal("2013-02-08", *records(3))
    ledger.seal("2013-02-09", *records(3))
    with store.transaction() as connection:
        connection.execute(delete(ledger_log).where(ledger_log.c.size == 2))
        connection.execute(delete(ledger_partitions).where(ledger_partitions.c.log_index == 1))
    with pytest.raises(LedgerBroken, match="was cut: it holds 1 entries, this machine has seen 2"):
        ledger.seal("2013-02-09", *records(4))


def test_a_new_key_cannot_continue_an_old_log(ledger: Ledger, store: Store, tmp_path: Path) -> None:
    ledger.seal("2013-02-08", *records(3))
    with pytest.raises(LedgerBroken, match="a new key cannot continue an old log"):
        Ledger(store, tmp_path / "new-keys", ORIGIN).seal("2013-02-09", *records(3))


def test_an_edited_checkpoint_is_not_taken_for_a_seal(ledger: Ledger, store: Store) -> None:
    sealed = ledger.seal("2013-02-08", *records(3))
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).values(checkpoint=sealed.checkpoint.replace("\n3\n", "\n4\n")))
    with pytest.raises(LedgerBroken, match="does not fit the text"):
        ledger.seal("2013-02-08", *records(3))


def test_a_checkpoint_signed_over_another_tree_is_not_taken_for_a_seal(
    ledger: Ledger, store: Store, keys: Path
) -> None:
    ledger.seal("2013-02-08", *records(3))
    other = Checkpoint(f"{ORIGIN}/2013-02-08/0", 3, bytes(32)).sign(Signer(ORIGIN, load_key(keys)))
    with store.transaction() as connection:
        connection.execute(update(ledger_partitions).values(checkpoint=other))
    with pytest.raises(LedgerBroken, match="is of another tree"):
        ledger.seal("2013-02-08", *records(3))
