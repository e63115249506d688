"""Buckets: the same for ever, evenly filled, and computed in columns as they are defined."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.policy.rollout import WHOLE, buckets

_MASK = 2**64 - 1


def _mixed(value: int) -> int:
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31


def _by_hand(agent: str, entity: str) -> int:
    content = entity.encode()
    state = int.from_bytes(hashlib.sha256(agent.encode()).digest()[:8], "little")
    for place in range(0, len(content), 8):
        state = _mixed(state ^ int.from_bytes(content[place : place + 8], "little"))
    return (_mixed(state ^ len(content)) >> 32) * WHOLE >> 32


@given(st.lists(st.text(max_size=40), max_size=20), st.text(min_size=1, max_size=10))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_columns_give_what_the_definition_gives(entities: list[str], agent: str) -> None:
    found = buckets(agent, pl.Series(entities, dtype=pl.String))
    assert found.tolist() == [_by_hand(agent, entity) for entity in entities]


def test_a_slice_gives_what_the_whole_gives() -> None:
    entities = pl.Series([f"UA{number}" for number in range(20_000)])
    assert (
        buckets("porter", entities.slice(8_000, 9_000)).tolist() == buckets("porter", entities).tolist()[8_000:17_000]
    )


def test_the_buckets_of_these_entities_never_change() -> None:
    entities = pl.Series(["", "EWR", "2013-02-08 UA 1545 EWR", "ü"])
    assert buckets("delay_risk", entities).tolist() == [8447, 43, 5042, 139]


def test_buckets_are_filled_evenly_and_differ_between_agents() -> None:
    entities = pl.Series([f"2013-02-08-UA-{number}" for number in range(20_000)])
    one, other = buckets("delay_risk", entities), buckets("turnaround", entities)
    counts = np.bincount(one // 1_000, minlength=10)
    assert counts.min() > 1_850
    assert counts.max() < 2_150
    both = ((one < 5_000) & (other < 5_000)).sum()
    assert 4_700 < both < 5_300
