"""The award: as much as can be had, no unit and no entity twice, whatever the order of the rows."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.coordination import SETTLED, Bid, Reason, award
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.coordination.cases import bid, bids, frame

_law = settings(max_examples=60, derandomize=True, deadline=None)
_units = st.fixed_dictionaries({"r1": st.integers(0, 3), "r2": st.integers(0, 3), "r3": st.integers(0, 2)})
_bids = bids(most=8, resources=3)


def _granted(settled: pl.DataFrame) -> dict[str, str]:
    return dict(settled.filter("granted").select("bid_id", "entity").iter_rows())


def _reasons(settled: pl.DataFrame) -> dict[str, tuple[str, str | None, int | None]]:
    return {row[0]: row[1:] for row in settled.select("bid_id", "reason", "lost_to", "lost_to_cents").iter_rows()}


def _best(offered: Sequence[Bid], capacity: Mapping[str, int]) -> int:
    """Try every set of bids that one may grant; give the highest sum."""
    able = [one for one in offered if one.binding]
    most = 0
    for size in range(len(able) + 1):
        for chosen in itertools.combinations(able, size):
            once = len({one.entity for one in chosen}) == size
            fits = all(sum(one.resource == name for one in chosen) <= units for name, units in capacity.items())
            if once and fits:
                most = max(most, sum(one.utility_cents for one in chosen))
    return most


@given(_bids, _units)
@_law
def test_nothing_that_may_be_granted_is_worth_more(offered: list[Bid], capacity: dict[str, int]) -> None:
    settled = award(frame(*offered), capacity)
    assert settled.filter("granted").get_column("utility_cents").sum() == _best(offered, capacity)


@given(_bids, _units)
@_law
def test_no_unit_and_no_entity_is_granted_twice(offered: list[Bid], capacity: dict[str, int]) -> None:
    settled = award(frame(*offered), capacity)
    won = settled.filter("granted")
    assert won.get_column("entity").n_unique() == won.height
    assert won.select("resource", "unit").n_unique() == won.height if won.height else True
    for name, units in capacity.items():
        assert set(won.filter(resource=name).get_column("unit")) <= set(range(1, units + 1))
    assert won.filter((pl.col("utility_cents") <= 0) | ~pl.col("binding")).is_empty()


@given(_bids, _units, st.randoms(use_true_random=False))
@_law
def test_the_order_of_the_rows_changes_nothing(
    offered: list[Bid], capacity: dict[str, int], chance: random.Random
) -> None:
    shuffled = list(offered)
    chance.shuffle(shuffled)
    assert award(frame(*shuffled), capacity).equals(award(frame(*offered), capacity))


@given(_bids, _units)
@_law
def test_every_bid_is_told_of_and_every_loser_names_a_winner(offered: list[Bid], capacity: dict[str, int]) -> None:
    settled = award(frame(*offered), capacity)
    assert settled.schema == SETTLED
    assert sorted(settled.get_column("bid_id")) == sorted(one.bid_id for one in offered)
    won = {row["bid_id"]: row for row in settled.filter("granted").iter_rows(named=True)}
    for row in settled.filter(~pl.col("granted")).iter_rows(named=True):
        rival = won.get(row["lost_to"])
        if row["reason"] in (Reason.OUTBID, Reason.SERVED):
            assert rival is not None
            assert row["lost_to_cents"] == rival["utility_cents"]
            same = "resource" if row["reason"] == Reason.OUTBID else "entity"
            assert row[same] == rival[same]
            if row["reason"] == Reason.OUTBID:
                assert row["utility_cents"] <= rival["utility_cents"]
        else:
            assert row["lost_to"] is None


def test_units_go_where_they_are_worth_most_together_and_not_one_after_the_other() -> None:
    offered = [bid("a", 10, resource="r1", entity="x"), bid("b", 9, resource="r2", entity="x")]
    offered += [bid("c", 8, resource="r1", entity="y")]
    settled = award(frame(*offered), {"r1": 1, "r2": 1})
    assert _granted(settled) == {"b": "x", "c": "y"}
    assert _reasons(settled)["a"] == ("served", "b", 9)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (bid("z", 5, priority=1), bid("a", 5)),
        (bid("z", 5, at=1), bid("a", 5, at=2)),
        (bid("z", 5, entity="e1"), bid("a", 5, entity="e2")),
        (bid("z", 5, entity="e1", agent="a@1.0.0"), bid("a", 5, entity="e1", agent="b@1.0.0")),
        (bid("a", 5, entity="e1"), bid("z", 5, entity="e1")),
    ],
    ids=["priority", "time", "entity", "agent", "id"],
)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["one resource", "two resources"])
def test_what_is_worth_the_same_is_settled_by(first: Bid, second: Bid, elsewhere: bool) -> None:
    # A rival for both resources makes the general assignment of what else is a ranking.
    more = [bid("m", 99, entity="m"), bid("n", 98, entity="m", resource="s")] if elsewhere else []
    settled = award(frame(second, first, *more), {"r": 2 if elsewhere else 1, "s": 0 if elsewhere else 1})
    assert first.bid_id in _granted(settled)
    assert second.bid_id not in _granted(settled)


def test_losers_are_told_why_and_to_whom_they_lost() -> None:
    settled = award(
        frame(
            bid("first", 9),
            bid("second", 7),
            bid("third", 6),
            bid("again", 5, entity="e-first"),
            bid("nothing", 0),
            bid("less", -4),
            bid("watching", 50, binding=False),
            bid("nowhere", 50, resource="none"),
        ),
        {"r": 2, "none": 0},
    )
    assert _reasons(settled) == {
        "first": ("granted", None, None),
        "second": ("granted", None, None),
        "third": ("outbid", "second", 7),
        "again": ("served", "first", 9),
        "nothing": ("worthless", None, None),
        "less": ("worthless", None, None),
        "watching": ("not_binding", None, None),
        "nowhere": ("no_units", None, None),
    }


def test_utilities_too_large_to_be_summed_exactly_are_refused_and_not_rounded() -> None:
    offered = [bid("a", 2**51, entity="x"), bid("b", 2**51, entity="x", resource="s")]
    with pytest.raises(PartitionRefused, match="too much to be summed exactly"):
        award(frame(*offered), {"r": 1, "s": 1})
    assert _granted(award(frame(*offered[:1]), {"r": 1})) == {"a": "x"}


def test_no_bids_are_a_result() -> None:
    assert award(frame(), {"r": 1}).schema == SETTLED
