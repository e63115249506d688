from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.features.engine.timeline import NO_KEY, UNKNOWN, Timeline

YEAR = 31_536_000_000_000

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=40)


def laid(facts: list[tuple[int, int]], key_count: int, unit: int) -> Timeline:
    by_instant = sorted(facts, key=lambda fact: fact[1])
    keys = np.array([key for key, _ in by_instant], dtype=np.int64)
    instants = np.array([instant * unit for _, instant in by_instant], dtype=np.int64)
    return Timeline(keys, instants, key_count)


@pytest.mark.parametrize(
    ("key_count", "unit"),
    [(5, 1), (5, YEAR // 30), (2**40, YEAR // 30)],
    ids=["small", "a year", "too wide for one integer"],
)
@given(facts=pairs, asked=st.lists(st.tuples(st.integers(-1, 4), st.integers(-2, 33)), max_size=30))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_place_counts_the_facts_up_to_it_and_newest_is_the_last_of_its_key(
    key_count: int, unit: int, facts: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    timeline = laid(facts, key_count, unit)
    keys = np.array([key for key, _ in asked], dtype=np.int64)
    instants = np.array([instant * unit for _, instant in asked], dtype=np.int64)
    places = timeline.places(keys, instants)
    _, newest = timeline.newest(keys, places)
    for (key, instant), place, found in zip(asked, places, newest, strict=True):
        own = [at for other, at in facts if other == key and at <= instant]
        before = [other for other, _ in facts if other < key]
        assert place == (0 if key == NO_KEY else len(before) + len(own))
        assert found == (max(own) * unit if own else UNKNOWN)


def test_many_sorted_instants_are_found_as_few_unsorted_ones_are() -> None:
    rng = np.random.default_rng(7)
    facts = [(int(key), int(at)) for key, at in zip(rng.integers(0, 5, 3000), rng.integers(0, 900, 3000), strict=True)]
    timeline = laid(facts, 5, 1)
    keys, instants = rng.integers(0, 5, 5000), rng.integers(-10, 950, 5000)
    order = np.lexsort((instants, keys))
    together = timeline.places(keys[order], instants[order])
    apart = np.concatenate([timeline.places(keys[n : n + 500], instants[n : n + 500]) for n in range(0, 5000, 500)])
    np.testing.assert_array_equal(together, apart[order])
