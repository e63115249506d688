"""Leases in time: nothing is known before it happens, a lease can be lost until its commit point and not later."""

from __future__ import annotations

import random
from datetime import datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.coordination import SETTLED, Bid, award, sweep
from agentic_assets_tests.unit.coordination.cases import bid, bids, frame, minute

_law = settings(max_examples=60, derandomize=True, deadline=None)
_units = st.fixed_dictionaries({"r1": st.integers(0, 3), "r2": st.integers(0, 2)})
_bids = bids(most=12, resources=2)


def _told(settled: pl.DataFrame) -> dict[str, tuple[str, str | None]]:
    return {row[0]: row[1:] for row in settled.select("bid_id", "reason", "lost_to").iter_rows()}


def _spans(settled: pl.DataFrame) -> list[tuple[str, int, str, datetime, datetime]]:
    held = settled.filter(pl.col("unit").is_not_null()).with_columns(pl.col("held_until").fill_null(minute(10_000)))
    return held.select("resource", "unit", "entity", "at", "held_until").rows()


@given(_bids, _units)
@_law
def test_at_no_moment_does_a_unit_or_an_entity_stand_twice(offered: list[Bid], capacity: dict[str, int]) -> None:
    spans = _spans(sweep(frame(*offered), capacity))
    for place, (resource, unit, entity, since, until) in enumerate(spans):
        assert 1 <= unit <= capacity[resource]
        for other in spans[place + 1 :]:
            if (resource, unit) == other[:2] or entity == other[2]:
                assert until <= other[3] or other[4] <= since


@given(_bids, _units, st.randoms(use_true_random=False))
@_law
def test_the_order_of_the_rows_changes_nothing(
    offered: list[Bid], capacity: dict[str, int], chance: random.Random
) -> None:
    shuffled = list(offered)
    chance.shuffle(shuffled)
    assert sweep(frame(*shuffled), capacity).equals(sweep(frame(*offered), capacity))


@given(_bids, _units, st.integers(0, 25))
@_law
def test_what_happens_after_a_commit_point_changes_nothing_before_it(
    offered: list[Bid], capacity: dict[str, int], now: int
) -> None:
    whole = sweep(frame(*offered), capacity)
    until_now = sweep(frame(*(one for one in offered if one.at <= minute(now))), capacity)
    # Who has no unit by now never gets one, and whoever is past the commit point keeps what there is.
    final = ~pl.col("granted") | (pl.col("commits_at") <= minute(now))
    known = until_now.filter(final)
    assert whole.filter(pl.col("bid_id").is_in(known.get_column("bid_id").to_list())).equals(known)


@given(bids(most=9, resources=1))
@_law
def test_with_endless_patience_the_stream_gives_what_the_award_gives(offered: list[Bid]) -> None:
    patient = [
        bid(one.bid_id, one.utility_cents, place, commits=1_000, entity=one.bid_id, resource="r1", binding=one.binding)
        for place, one in enumerate(offered)
    ]
    swept, awarded = (settle(frame(*patient), {"r1": 2}) for settle in (sweep, award))
    assert swept.filter("granted").get_column("utility_cents").sum() == (
        awarded.filter("granted").get_column("utility_cents").sum()
    )


@given(bids(most=9, resources=2, apart=True), _units)
@_law
def test_without_patience_it_is_first_come_first_served(offered: list[Bid], capacity: dict[str, int]) -> None:
    hasty = [
        bid(one.bid_id, one.utility_cents, place, commits=0, entity=one.bid_id, resource=one.resource)
        for place, one in enumerate(offered)
    ]
    left, expected = dict(capacity), set()
    for one in hasty:
        if one.utility_cents > 0 and left[one.resource]:
            left[one.resource] -= 1
            expected.add(one.bid_id)
    settled = sweep(frame(*hasty), capacity)
    assert set(settled.filter("granted").get_column("bid_id")) == expected


def test_a_higher_bid_takes_the_unit_of_the_weakest_until_its_commit_point() -> None:
    settled = sweep(frame(bid("low", 5), bid("mid", 6, 1), bid("high", 9, 59), bid("higher", 12, 61)), {"r": 2})
    assert _told(settled) == {
        "low": ("preempted", "high"),
        "mid": ("granted", None),
        # `mid` was firm by then, so that the next higher one had to go.
        "high": ("preempted", "higher"),
        "higher": ("granted", None),
    }
    low = settled.filter(bid_id="low").row(0, named=True)
    assert (low["unit"], low["held_until"], low["lost_to_cents"]) == (1, minute(59), 9)


def test_at_its_commit_point_a_lease_is_firm() -> None:
    assert _told(sweep(frame(bid("low", 5), bid("high", 9, 60)), {"r": 1}))["high"] == ("committed", "low")
    assert _told(sweep(frame(bid("low", 5), bid("high", 9, 59)), {"r": 1}))["high"] == ("granted", None)


def test_as_much_is_not_enough_unless_the_priority_is_higher() -> None:
    assert _told(sweep(frame(bid("low", 5), bid("same", 5, 1)), {"r": 1}))["same"] == ("outbid", "low")
    assert _told(sweep(frame(bid("low", 5), bid("same", 5, 1, priority=1)), {"r": 1}))["low"] == ("preempted", "same")


def test_a_unit_is_free_again_when_its_lease_expires() -> None:
    settled = sweep(frame(bid("short", 9, commits=5, expires=10), bid("next", 1, 10)), {"r": 1})
    assert _told(settled) == {"short": ("granted", None), "next": ("granted", None)}
    assert settled.get_column("held_until").to_list() == [minute(10), None]


def test_a_stronger_bid_for_the_same_entity_takes_its_unit_over() -> None:
    offered = [bid("one", 5, entity="x"), bid("two", 8, 1, entity="x", agent="b@1.0.0"), bid("rival", 7, 2)]
    assert _told(sweep(frame(*offered), {"r": 1})) == {
        "one": ("preempted", "two"),
        "two": ("granted", None),
        "rival": ("outbid", "two"),
    }


def test_an_entity_that_has_a_unit_gets_no_second_one_of_another_resource() -> None:
    offered = [bid("one", 5, entity="x"), bid("two", 8, 1, entity="x", resource="s")]
    assert _told(sweep(frame(*offered), {"r": 1, "s": 1}))["two"] == ("served", "one")


def test_no_bids_are_a_result() -> None:
    assert sweep(frame(), {"r": 1}).schema == SETTLED
