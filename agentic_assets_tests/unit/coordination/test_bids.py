"""Bids are checked before any of them is settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from agentic_assets.coordination import award, checked_bids, sweep
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.coordination.cases import bid, frame, minute


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"bid_id": "good"}, "the id stands twice: 2, e.g. good, good"),
        ({"resource": "other"}, "the resource has no declared capacity: 1, e.g. bad"),
        ({"commits_at": minute(-1)}, "it commits before it is made: 1, e.g. bad"),
        ({"expires_at": minute(30)}, "it expires before it commits: 1, e.g. bad"),
        ({"commits_at": minute(0), "expires_at": minute(0)}, "it expires as it is made: 1, e.g. bad"),
        ({"utility_cents": 2**53}, "the utility is no exact double: 1, e.g. bad"),
        ({"utility_cents": None}, "`utility_cents` is null: 1, e.g. bad"),
        ({"entity": None}, "`entity` is null: 1, e.g. bad"),
    ],
)
@pytest.mark.parametrize("settle", [award, sweep, checked_bids])
def test_one_broken_bid_stops_all_and_is_named(settle: Any, broken: dict[str, Any], told: str) -> None:
    rows = frame(bid("good", 5), replace(bid("bad", 5), **broken))
    with pytest.raises(PartitionRefused) as refused:
        settle(rows, {"r": 1})
    assert told in refused.value.what


def test_a_frame_of_other_columns_is_no_bids() -> None:
    with pytest.raises(PartitionRefused, match="`priority` is None; unknown column `prio`"):
        award(frame(bid("b", 1)).rename({"priority": "prio"}), {"r": 1})
    with pytest.raises(PartitionRefused, match="`utility_cents` is Float64"):
        award(frame(bid("b", 1)).with_columns(pl.col("utility_cents").cast(pl.Float64)), {"r": 1})


def test_a_capacity_below_zero_is_refused() -> None:
    with pytest.raises(PartitionRefused, match="r has -1 units"):
        award(frame(), {"r": -1})
