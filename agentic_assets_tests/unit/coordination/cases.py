"""Small bids, and strategies that make many of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from agentic_assets.coordination import BIDS, Bid

__all__ = ["BEGIN", "bid", "bids", "frame", "minute"]

BEGIN = datetime(2013, 2, 8, 6, tzinfo=UTC)


def minute(after: int) -> datetime:
    """Give a moment of the day, in minutes after its begin."""
    return BEGIN + timedelta(minutes=after)


def bid(bid_id: str, cents: int, at: int = 0, **given: Any) -> Bid:
    """Give a bid; `commits` and `expires` are minutes after it is made (60, never), the entity is its id."""
    commits, expires = given.pop("commits", 60), given.pop("expires", None)
    return Bid(
        bid_id=bid_id,
        at=minute(at),
        commits_at=minute(at + commits),
        expires_at=None if expires is None else minute(at + expires),
        utility_cents=cents,
        **{"agent": "a@1.0.0", "entity": f"e-{bid_id}", "resource": "r", **given},
    )


def frame(*given: Bid) -> pl.DataFrame:
    """Put bids into a frame, in their order."""
    return pl.DataFrame([asdict(one) for one in given], schema=BIDS)


@st.composite
def bids(draw: st.DrawFn, *, most: int = 8, resources: int = 1, apart: bool = False) -> list[Bid]:
    """Draw bids of few values, so that ties, rivals of one entity and equal moments are common."""
    drawn = []
    for place in range(draw(st.integers(0, most))):
        commits = draw(st.integers(0, 8))
        drawn.append(
            bid(
                f"b{place:02d}",
                draw(st.integers(-2, 9)),
                place if apart else draw(st.integers(0, 12)),
                commits=commits,
                expires=draw(st.one_of(st.none(), st.integers(max(1, commits), 20))),
                agent=draw(st.sampled_from(["a@1.0.0", "b@1.0.0"])),
                entity=draw(st.sampled_from(["e1", "e2", "e3", "e4", "e5"])),
                resource=f"r{draw(st.integers(1, resources))}",
                priority=draw(st.integers(0, 1)),
                binding=draw(st.sampled_from([True, True, True, False])),
            )
        )
    return drawn
