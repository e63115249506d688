"""Sealed decisions found by the beginning of their ids."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agentic_assets.ledger import Ledger, find_sealed
from agentic_assets.store import Store

LOG = "example.com/found"


def ids(*numbers: int) -> list[str]:
    return [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in numbers]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    ledger = Ledger(store, tmp_path / "keys", LOG)
    for partition, numbers in (("2024-01-01", (1, 2, 3)), ("2024-01-02", (4, 5)), ("2024-01-01", (1, 6, 3))):
        names = ids(*numbers)
        ledger.seal(partition, [name.encode() for name in names], names)
    return store


def test_a_decision_is_found_where_it_stands_newest(store: Store) -> None:
    [kept] = find_sealed(store, LOG, ids(1)[0][:7])
    assert (kept.decision_id, kept.partition, kept.generation, kept.superseded) == (ids(1)[0], "2024-01-01", 1, False)


def test_a_decision_that_a_later_seal_left_out_is_superseded(store: Store) -> None:
    [gone] = find_sealed(store, LOG, ids(2)[0])
    assert (gone.generation, gone.superseded) == (0, True)


def test_a_match_across_two_neighbours_is_none(store: Store) -> None:
    first, second = ids(4, 5)
    assert find_sealed(store, LOG, first[20:] + second[:20]) == ()


def test_a_beginning_of_several_gives_each(store: Store) -> None:
    assert [found.decision_id for found in find_sealed(store, LOG, "")] == sorted(ids(1, 2, 3, 4, 5, 6))


def test_what_was_superseded_is_proven_under_its_own_seal(store: Store, tmp_path: Path) -> None:
    ledger = Ledger(store, tmp_path / "keys", LOG)
    proof = ledger.proof("2024-01-01", ids(2)[0], generation=0)
    ledger.check(proof, ids(2)[0].encode())
    assert proof.generation == 0
