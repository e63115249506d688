"""Bids made of proposals: of a batch and of single events alike."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.coordination import BIDS, bid_of
from agentic_assets.coordination.bidding import FALLBACK, bids_of
from agentic_assets.errors import PartitionRefused
from agentic_assets.language import Type, parse_amount
from agentic_assets.policy import Resource, Settle, Verdict

_READS = {"benefit": Type.INTEGER, "cost": Type.INTEGER, "site": Type.STRING, "day": Type.DATE, "gate": Type.INTEGER}
_GATES = Resource(
    id="gates",
    action="hold",
    capacity=1,
    per=("site", "gate", "day"),
    utility=parse_amount("COALESCE(benefit, 100) - 2 * cost", _READS, where="test"),
    settle=Settle("lease", 45),
    verdict=Verdict.DENY,
    message="taken",
)
_amount = st.one_of(st.none(), st.integers(-(2**50), 2**50))
_row = st.fixed_dictionaries(
    {
        "entity": st.text(min_size=1, max_size=4),
        "decided_at": st.integers(0, 10**12).map(
            lambda micros: datetime(1980, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
        ),
        "benefit": _amount,
        "cost": _amount,
        "site": st.one_of(st.none(), st.text(alphabet="a/%0é", max_size=4)),
        "gate": st.one_of(st.none(), st.integers(-5, 50)),
        "day": st.dates(date(2013, 1, 1), date(2013, 12, 31)),
        "binding": st.booleans(),
    }
)
_SCHEMA: dict[str, Any] = {
    "entity": pl.String,
    "decided_at": pl.Datetime("us", "UTC"),
    "benefit": pl.Int64,
    "cost": pl.Int64,
    "site": pl.String,
    "gate": pl.Int32,
    "day": pl.Date,
    "binding": pl.Boolean,
}


@given(st.lists(_row, max_size=6), st.sampled_from(["a@1.0.0", f"{FALLBACK}a@1.0.0"]), st.integers(-3, 3))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_an_event_makes_the_bid_that_its_row_makes_in_a_batch(
    rows: list[dict[str, Any]], bidder: str, priority: int
) -> None:
    batch = bids_of(pl.DataFrame(rows, schema=_SCHEMA), _GATES, bidder, priority=priority)
    alone = [asdict(bid_of(row, _GATES, bidder, priority=priority)) for row in rows]
    assert pl.DataFrame(alone, schema=BIDS).equals(batch)


def _event(**figures: float) -> dict[str, Any]:
    row = {"entity": "e", "decided_at": datetime(2013, 1, 1, tzinfo=UTC), "site": "a", "gate": 1, "binding": True}
    return {**row, "day": date(2013, 1, 1), **figures}


@pytest.mark.parametrize("benefit", [2**60, -(2**60), float("inf")])
def test_an_event_past_exactness_is_refused_too(benefit: float) -> None:
    with pytest.raises(PartitionRefused, match="the bid of e for gates offers"):
        bid_of(_event(benefit=benefit, cost=0), _GATES, "a@1.0.0")


def test_an_event_whose_utility_is_no_number_bids_nothing() -> None:
    assert bid_of(_event(benefit=1, cost=float("nan")), _GATES, "a@1.0.0").utility_cents == 0
    assert bid_of(_event(benefit=float("inf"), cost=float("inf")), _GATES, "a@1.0.0").utility_cents == 0
