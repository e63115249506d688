"""How far a column moved, held against plain Python, against scipy, and against the index over all rows."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from agentic_assets.features.drift.divergence import moved
from agentic_assets.features.drift.thresholds import trailing_quantile
from agentic_assets.quality.distribution import divergence, stability_index

REFERENCE, BINS, SKETCH, SETTLED = 10, 4, 64, 7

value = st.one_of(st.none(), st.integers(-4, 4).map(float), st.floats(-3, 3, allow_nan=False))
part = st.lists(value, max_size=9)
stretch = st.lists(part, min_size=9, max_size=14)


def psi(own: list[float], there: list[float]) -> float:
    """Say what the index is, in plain words: counts of a day, shares of the reference."""
    total, least = sum(own), 0.5 / sum(own)
    found = 0.0
    for many, share in zip(own, there, strict=True):
        here, before = ((x + least) / (1 + least * len(own)) for x in (many / total, share / sum(there)))
        found += (here - before) * log(here / before)
    return found


def by_hand(parts: list[list[float | None]], day: int) -> float | None:
    """Compute one day's index by loops: the sketch of each reference day, quantile bins, exact ends, nulls apart."""
    own = parts[day]
    before = [rows for rows in parts[max(0, day - REFERENCE) : day] if rows]
    if not own or len(before) < 7:
        return None
    sketch: list[float] = []
    for rows in before:
        ordered = [*sorted(x for x in rows if x is not None), *[None] * rows.count(None)]
        drawn = [ordered[((2 * at + 1) * len(rows)) // (2 * SKETCH)] for at in range(SKETCH)]
        sketch += [x for x in drawn if x is not None]
    sketch.sort()
    every = [x for rows in before for x in rows if x is not None]
    nulls = sum(rows.count(None) / len(rows) for rows in before) / len(before)
    if not every:
        edges = None
    else:
        inner = [sketch[(at * len(sketch)) // BINS] for at in range(1, BINS)]
        own_bin = [later == before for before, later in pairwise([min(every), *inner])]
        inner = [np.nextafter(x, np.inf) if alone else x for x, alone in zip(inner, own_bin, strict=True)]
        edges = [min(every), *inner, np.nextafter(max(every), np.inf)]

    def binned(rows: list[float]) -> list[float]:
        if edges is None:
            return [float(len(rows)), *[0.0] * (BINS + 1)]
        ends = [-np.inf, *edges, np.inf]
        return [float(sum(low <= x < high for x in rows)) for low, high in pairwise(ends)]

    known = [x for x in own if x is not None]
    there = [(1 - nulls) * many / max(1, len(sketch)) for many in binned(sketch)]
    return psi([*binned(known), float(own.count(None))], [*there, nulls])


def column_of(parts: list[list[float | None]]) -> tuple[pl.Series, np.ndarray]:
    return pl.Series([x for rows in parts for x in rows], dtype=pl.Float64), np.array([len(rows) for rows in parts])


@settings(derandomize=True, max_examples=60, deadline=None)
@given(stretch)
def test_numbers_move_as_plain_python_says(parts: list[list[float | None]]) -> None:
    found = moved(*column_of(parts), reference=REFERENCE, bins=BINS)
    for day in range(len(parts)):
        expected = by_hand(parts, day)
        assert (
            found.psi[day] == pytest.approx(expected, abs=1e-12) if expected is not None else np.isnan(found.psi[day])
        )


@settings(derandomize=True, max_examples=60, deadline=None)
@given(stretch)
def test_nulls_and_ranges_are_those_of_the_settled_days(parts: list[list[float | None]]) -> None:
    found = moved(*column_of(parts), reference=REFERENCE, bins=BINS)
    for day, own in enumerate(parts):
        oldest = max(0, day - REFERENCE)
        settled = [rows for at, rows in enumerate(parts[oldest:day], start=oldest) if rows and at < day - 3]
        if not own or len(settled) < 7:
            assert np.isnan(found.far[day])
            continue
        known = [x for rows in settled for x in rows if x is not None]
        low, high = (min(known), max(known)) if known else (np.nan, np.nan)
        outside = [x for x in own if x is not None and known and not low <= x <= high]
        far = [x for x in outside if not low - (high - low) <= x <= np.nextafter(high + (high - low), np.inf)]
        assert found.most_nulls[day] == max(rows.count(None) / len(rows) for rows in settled)
        if known:
            assert found.below[day] + found.above[day] == pytest.approx(len(outside) / len(own))
            assert found.far[day] == pytest.approx(len(far) / len(own))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=8), min_size=9, max_size=14))
def test_words_move_as_their_counts_do(parts: list[list[str | None]]) -> None:
    column = pl.Series([x for rows in parts for x in rows], dtype=pl.String)
    found = moved(column, np.array([len(rows) for rows in parts]), reference=REFERENCE, bins=BINS)
    for day, own in enumerate(parts):
        before = [rows for rows in parts[max(0, day - REFERENCE) : day] if rows]
        if not own or len(before) < 7:
            assert np.isnan(found.psi[day])
            continue
        there, here = Counter(x for rows in before for x in rows), Counter(own)
        values = [None, *sorted(x for x in there if x is not None)]
        counts, shares = (
            [*(many[x] for x in values), sum(many[x] for x in many if x not in values)] for many in (here, there)
        )
        assert found.psi[day] == pytest.approx(psi([float(x) for x in counts], [float(x) for x in shares]), abs=1e-12)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8).filter(
        lambda rows: all(map(sum, zip(*rows, strict=True)))
    )
)
def test_the_index_is_the_sum_of_both_relative_entropies(rows: list[tuple[int, int]]) -> None:
    own, there = (np.array(counts, dtype=np.float64) for counts in zip(*rows, strict=True))
    least = 0.5 / own.sum()
    here, before = (counts / counts.sum() + least for counts in (own, there))
    assert stability_index(own, there) == pytest.approx(entropy(here, before) + entropy(before, here), abs=1e-12)


def test_the_sketch_differs_from_the_index_over_all_rows_by_less_than_samples_do() -> None:
    random = np.random.Generator(np.random.PCG64(5))
    parts = [pl.Series(random.normal(shift, 1, 900)) for shift in random.normal(0, 0.2, 60)]
    found = moved(pl.concat(parts), np.array([900] * 60), reference=28, bins=10).psi
    exact = divergence(parts, reference=28, bins=10)
    sampled = [pl.Series(random.normal(0, 1, 900)) for _ in range(60)]
    noise = np.nanmedian(divergence(sampled, reference=28, bins=10))
    assert np.nanmedian(np.abs(found - exact)) < noise / 2


def test_a_share_that_is_rare_moves_when_it_grows() -> None:
    rare: list[float | None] = [1.0, *[0.0] * 49]
    parts: list[list[float | None]] = [*[rare] * 9, [*[1.0] * 5, *[0.0] * 45]]
    assert moved(*column_of(parts), reference=REFERENCE, bins=BINS).psi[-1] > 0.1


def test_a_missing_day_is_no_reference_and_gets_no_index() -> None:
    usual: list[float | None] = [1.0, 2.0]
    parts: list[list[float | None]] = [usual, [], *[usual] * 7]
    found = moved(*column_of(parts), reference=REFERENCE, bins=BINS).psi
    assert np.isnan(found[:8]).all()
    assert not np.isnan(found[8])


def test_a_column_that_was_always_null_moves_when_values_come() -> None:
    nothing: list[float | None] = [None, None]
    parts: list[list[float | None]] = [*[nothing] * 8, [1.0, 2.0]]
    found = moved(*column_of(parts), reference=REFERENCE, bins=BINS)
    assert found.psi[-1] > 1
    assert found.psi[-2] == 0


def test_of_a_very_large_day_rows_at_even_distances_are_looked_at() -> None:
    random = np.random.Generator(np.random.PCG64(6))
    large = [pl.Series(random.normal(0, 1, 50_000)) for _ in range(9)]
    found = moved(pl.concat(large), np.array([50_000] * 9), reference=REFERENCE, bins=BINS)
    assert found.psi[-1] < 0.01


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0, 9)), min_size=1, max_size=30),
    st.integers(1, 8),
    st.floats(0.01, 1),
)
def test_a_threshold_is_the_quantile_of_the_values_before(values: list[float], history: int, quantile: float) -> None:
    least = min(3, history)
    row = np.array([values])
    found, known = trailing_quantile(row, history=history, least=least, quantile=quantile)
    for at in range(len(values)):
        earlier = row[0, max(0, at - history) : at]
        earlier = earlier[~np.isnan(earlier)]
        assert known[0, at] == len(earlier)
        if len(earlier) < least:
            assert np.isnan(found[0, at])
        else:
            assert found[0, at] == pytest.approx(np.quantile(earlier, quantile))
