"""Leases in the store: event by event what the sweep gives at once, and no change by who does not know the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from agentic_assets.coordination import SETTLED, Bid, Lease, Leases, Reason, State, sweep
from agentic_assets.errors import ConfigInvalid, LeaseLost, NotFound
from agentic_assets.store import Store
from agentic_assets.store.schema import leases as table
from agentic_assets.versions import of_text
from agentic_assets_tests.unit.coordination.cases import bid, bids, frame, minute


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def leases(store: Store) -> Leases:
    return Leases(store, "test/r")


def _row(lease: Lease) -> dict[str, Any]:
    held = lease.state in (State.HELD, State.RELEASED, State.EXPIRED)
    until = lease.bid.expires_at if lease.state is State.HELD else lease.held_until
    return {
        **lease.bid.__dict__,
        "granted": held,
        "unit": lease.unit,
        "held_until": until,
        "lost_to": lease.lost_to,
        "lost_to_cents": lease.lost_to_cents,
        "reason": lease.reason.value,
    }


@given(bids(most=12, resources=2), st.fixed_dictionaries({"r1": st.integers(0, 3), "r2": st.integers(0, 2)}))
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fed_event_by_event_the_store_holds_what_the_sweep_gives(
    store: Store, offered: list[Bid], capacity: dict[str, int]
) -> None:
    leases = Leases(store, f"law/{of_text(repr((offered, capacity)))}")
    for one in sorted(offered, key=lambda one: (one.at, *one.rank)):
        leases.claim(one, capacity[one.resource])
    stored = pl.DataFrame([_row(lease) for lease in leases.every()], schema=SETTLED)
    assert stored.equals(sweep(frame(*offered), capacity))


def test_a_claim_made_twice_is_one_claim(leases: Leases) -> None:
    first = leases.claim(bid("one", 5), 1)
    assert leases.claim(bid("one", 5), 1) == first
    assert (first.state, first.unit, first.version) == (State.HELD, 1, 1)
    assert leases.every() == (first,)


def test_another_bid_under_the_same_id_is_refused(leases: Leases) -> None:
    leases.claim(bid("one", 5), 1)
    with pytest.raises(ConfigInvalid, match="the bid 'one' was made already, with other terms"):
        leases.claim(bid("one", 6), 1)


@pytest.mark.parametrize(
    ("broken", "units", "told"),
    [
        ({"commits_at": minute(-1)}, 1, "it commits before it is made"),
        ({"expires_at": minute(1)}, 1, "it expires before it commits"),
        ({"utility_cents": 2**53}, 1, "its utility is no exact double"),
        ({}, -1, "the resource has -1 units"),
        ({"priority": 2**31}, 1, "its priority does not fit 32 bits"),
        ({"agent": "a" * 121}, 1, "its agent has 121 characters, and must have 1 to 120"),
        ({"entity": ""}, 1, "its entity has 0 characters"),
        ({"resource": "r\0"}, 1, "its resource holds a null character"),
        ({"at": minute(0).replace(tzinfo=None)}, 1, "the moment 2013-02-08 06:00 has no zone"),
    ],
)
def test_a_bid_that_is_not_whole_is_refused_and_leaves_nothing(
    leases: Leases, broken: dict[str, Any], units: int, told: str
) -> None:
    with pytest.raises(ConfigInvalid, match=told):
        leases.claim(replace(bid("one", 5), **broken), units)
    assert leases.every() == ()


def test_a_commit_makes_a_lease_firm_before_its_time(leases: Leases) -> None:
    held = leases.claim(bid("one", 5), 1)
    committed = leases.commit("one", held.version, at=minute(1))
    assert (committed.version, committed.bid.commits_at) == (2, minute(1))
    lost = leases.claim(bid("two", 9, 2), 1)
    assert (lost.state, lost.reason, lost.lost_to, lost.lost_to_cents) == (State.REFUSED, Reason.COMMITTED, "one", 5)
    assert leases.commit("one", 2, at=minute(3)) == committed, "what is firm is not made firmer"


def test_a_renewed_lease_outlives_its_first_expiry(leases: Leases) -> None:
    held = leases.claim(bid("one", 5, commits=0, expires=10), 1)
    leases.renew("one", held.version, minute(30), at=minute(9))
    assert leases.claim(bid("two", 9, 20), 1).reason is Reason.COMMITTED
    assert leases.claim(bid("three", 1, 30), 1).state is State.HELD
    assert leases.get("one").state is State.EXPIRED


def test_a_lease_cannot_be_renewed_into_the_past(leases: Leases) -> None:
    held = leases.claim(bid("one", 5, commits=0, expires=10), 1)
    with pytest.raises(ConfigInvalid, match="which has passed"):
        leases.renew("one", held.version, minute(4), at=minute(5))
    assert leases.get("one") == held


def test_a_released_unit_is_free_at_once(leases: Leases) -> None:
    held = leases.claim(bid("one", 5), 1)
    released = leases.release("one", held.version, at=minute(5))
    assert (released.state, released.held_until, released.unit) == (State.RELEASED, minute(5), 1)
    assert leases.claim(bid("two", 1, 5), 1).unit == 1
    assert leases.held() == (leases.get("two"),)


_CHANGES: list[Callable[[Leases, int], Lease]] = [
    lambda leases, version: leases.commit("one", version, at=minute(3)),
    lambda leases, version: leases.renew("one", version, minute(90), at=minute(3)),
    lambda leases, version: leases.release("one", version, at=minute(3)),
]


@pytest.mark.parametrize("change", _CHANGES, ids=["commit", "renew", "release"])
def test_who_does_not_know_the_newest_version_changes_nothing(
    leases: Leases, change: Callable[[Leases, int], Lease]
) -> None:
    leases.claim(bid("one", 5), 1)
    newest = leases.renew("one", 1, minute(80), at=minute(2))
    with pytest.raises(LeaseLost, match="it is at version 2, not 1"):
        change(leases, 1)
    assert leases.get("one") == newest


@pytest.mark.parametrize("change", _CHANGES, ids=["commit", "renew", "release"])
def test_who_has_lost_a_lease_is_told_to_whom(leases: Leases, change: Callable[[Leases, int], Lease]) -> None:
    leases.claim(bid("one", 5), 1)
    leases.claim(bid("two", 9, 1), 1)
    with pytest.raises(LeaseLost, match="lease one is not held: preempted since 2013-02-08 06:01Z, lost to two at 9"):
        change(leases, 1)


@pytest.mark.parametrize("change", _CHANGES, ids=["commit", "renew", "release"])
def test_a_lease_that_expired_is_not_changed_and_its_end_is_recorded(
    leases: Leases, change: Callable[[Leases, int], Lease]
) -> None:
    leases.claim(bid("one", 5, commits=0, expires=2), 1)
    with pytest.raises(LeaseLost, match="lease one is not held: expired since 2013-02-08 06:02Z"):
        change(leases, 1)
    assert leases.get("one").state is State.EXPIRED


def test_expiring_frees_what_has_ended_and_nothing_else(leases: Leases) -> None:
    leases.claim(bid("one", 5, commits=0, expires=2), 2)
    leases.claim(bid("two", 5, 1), 2)
    assert [lease.bid.bid_id for lease in leases.expire(at=minute(2))] == ["one"]
    assert [lease.bid.bid_id for lease in leases.held("r")] == ["two"]
    assert leases.expire(at=minute(50)) == ()


def test_an_event_that_comes_late_cannot_take_what_has_become_firm(leases: Leases) -> None:
    leases.claim(bid("one", 5, commits=10), 1)
    leases.claim(bid("later", 1, 15, entity="e-other", resource="s"), 1)
    lost = leases.claim(bid("late", 99, 5), 1)
    assert (lost.reason, lost.lost_to) == (Reason.COMMITTED, "one")


def test_an_event_that_comes_after_its_own_expiry_gets_nothing(leases: Leases) -> None:
    leases.claim(bid("later", 1, 50), 2)
    assert leases.claim(bid("late", 99, 5, commits=0, expires=10), 2).reason is Reason.LATE


def test_a_smaller_capacity_ends_no_lease_and_grants_no_new_one(leases: Leases) -> None:
    for number in range(3):
        leases.claim(bid(f"b{number}", 5 + number, number, commits=0), 3)
    assert leases.claim(bid("more", 99, 9), 2).reason is Reason.COMMITTED
    assert len(leases.held()) == 3


def test_scopes_do_not_meet(store: Store) -> None:
    one, other = Leases(store, "one"), Leases(store, "other")
    assert one.claim(bid("b", 5), 1).unit == other.claim(bid("b", 5), 1).unit == 1
    assert len(one.every()) == len(other.every()) == 1


def test_an_unknown_bid_is_not_found(leases: Leases) -> None:
    with pytest.raises(NotFound, match="no bid 'nobody' was made for test/r"):
        leases.get("nobody")
    with pytest.raises(NotFound):
        leases.release("nobody", 1, at=minute(0))


@pytest.mark.parametrize("same", [{"entity": "other"}, {"unit": 2}], ids=["unit", "entity"])
def test_the_database_itself_lets_no_unit_and_no_entity_stand_twice(
    store: Store, leases: Leases, same: dict[str, Any]
) -> None:
    from agentic_assets.coordination.lease import to_row

    row = to_row(leases.claim(bid("one", 5), 1)) | {"scope": "test/r", "bid_id": "two"} | same
    with pytest.raises(IntegrityError), store.transaction() as connection:
        connection.execute(insert(table).values(row))
