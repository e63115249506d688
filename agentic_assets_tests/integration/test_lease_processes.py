"""Leases claimed by several real processes at once, on SQLite and on a real PostgreSQL; some are killed."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentic_assets.coordination import Bid, Lease, Leases, State, sweep
from agentic_assets.errors import LeaseLost
from agentic_assets.store import Store
from agentic_assets_tests.integration.lease_claimer import UNITS
from agentic_assets_tests.unit.coordination.cases import bid, frame

_SCOPE = "test/yard"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    else:
        store = Store(request.getfixturevalue("fresh_postgres_url"))
    yield store
    store.close()


def _started(store: Store, name: str, bids: int) -> subprocess.Popen[str]:
    module = "agentic_assets_tests.integration.lease_claimer"
    command = [sys.executable, "-m", module, store.url, _SCOPE, name, str(bids)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _sound(leases: Sequence[Lease]) -> None:
    """Check that at no moment a unit had two holders, or an entity two units, from what the store recorded."""
    held = [lease for lease in leases if lease.unit is not None]
    assert held, "nothing was ever granted"
    for lease in held:
        assert 1 <= (lease.unit or 0) <= UNITS[lease.bid.resource]
        assert (lease.held_until is None) == (lease.state is State.HELD)
    by_id = {lease.bid.bid_id: lease for lease in leases}
    for lease in leases:
        if lease.state is State.PREEMPTED:
            assert lease.lost_to is not None
            winner = by_id[lease.lost_to]
            assert winner.unit == lease.unit
            assert winner.bid.stake > lease.bid.stake
            assert lease.held_until is not None
            assert lease.held_until < lease.bid.commits_at
    standing = [lease for lease in held if lease.state is State.HELD]
    assert len({(lease.bid.resource, lease.unit) for lease in standing}) == len(standing)
    assert len({lease.bid.entity for lease in standing}) == len(standing)


def test_claims_of_four_processes_at_once_grant_nothing_twice(store: Store) -> None:
    claimers = [_started(store, name, 60) for name in ("a", "b", "c", "d")]
    for claimer in claimers:
        _go(claimer)
    said = [claimer.communicate(timeout=120)[0].split() for claimer in claimers]
    assert [claimer.returncode for claimer in claimers] == [0] * 4
    leases = Leases(store, _SCOPE).every()
    assert sorted(lease.bid.bid_id for lease in leases) == sorted(bid for each in said for bid in each)
    _sound(leases)


def test_fed_event_by_event_both_stores_hold_what_the_sweep_gives(store: Store) -> None:
    chance = random.Random(2013)
    offered = [
        bid(
            f"b{place:03d}",
            chance.randrange(-5, 60),
            chance.randrange(120),
            commits=(commits := chance.randrange(30)),
            expires=chance.choice([None, max(1, commits) + chance.randrange(90)]),
            entity=f"e{chance.randrange(50)}",
            priority=chance.randrange(3),
            resource=chance.choice(sorted(UNITS)),
            binding=chance.random() < 0.9,
        )
        for place in range(120)
    ]
    leases = Leases(store, _SCOPE)
    for one in sorted(offered, key=lambda one: (one.at, *one.rank)):
        leases.claim(one, UNITS[one.resource])
    swept = sweep(frame(*offered), UNITS).select("bid_id", "reason", "unit", "lost_to", "lost_to_cents").rows()
    stored = [(one.bid.bid_id, one.reason.value, one.unit, one.lost_to, one.lost_to_cents) for one in leases.every()]
    assert stored == swept
    assert len({reason for _, reason, *_ in swept}) >= 6


@pytest.mark.slow
def test_claimers_killed_at_any_moment_leave_whole_leases_and_no_lock(store: Store) -> None:
    chance = random.Random(20130208)
    for number in range(3):
        pair = [_started(store, f"{number}{name}", 5_000) for name in "ab"]
        for claimer in pair:
            _go(claimer)
        # By progress, not by the clock: a kill must fall into the work, on a fast machine and on a slow one.
        said = []
        for claimer in pair:
            assert claimer.stdout is not None
            said += [claimer.stdout.readline().strip() for _ in range(chance.randrange(1, 25))]
        for claimer in pair:
            claimer.kill()
            claimer.communicate()
            assert claimer.returncode == -9
        leases = Leases(store, _SCOPE).every()
        _sound(leases)
        assert set(said) <= {lease.bid.bid_id for lease in leases}, "what was confirmed is there"
    # Whoever comes next finds a free way, and a claim that was under way may be made again.
    newest = max(leases, key=lambda lease: lease.bid.at)
    again = Leases(store, _SCOPE)
    assert again.claim(newest.bid, UNITS[newest.bid.resource]) == newest
    fresh = Bid("fresh", "z@1.0.0", "z", "yard/new", newest.bid.at, newest.bid.at, None, 1)
    assert again.claim(fresh, 1).state is State.HELD


def test_two_who_renew_one_lease_do_not_both_succeed(store: Store) -> None:
    begin = datetime(2013, 2, 8, 6, tzinfo=UTC)
    Leases(store, _SCOPE).claim(Bid("one", "a@1.0.0", "x", "yard/EWR", begin, begin, begin + timedelta(60), 5), 1)
    outcomes: list[str] = []

    def renew(days: int) -> None:
        try:
            Leases(store, _SCOPE).renew("one", 1, begin + timedelta(days=days), at=begin)
            outcomes.append("renewed")
        except LeaseLost:
            outcomes.append("lost")

    threads = [threading.Thread(target=renew, args=(70 + number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 5 + ["renewed"]
