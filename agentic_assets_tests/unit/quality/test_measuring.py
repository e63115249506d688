from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Expectation, Fixed, Trailing
from agentic_assets.quality import measured
from agentic_assets.quality.bounds import limits
from agentic_assets.quality.distribution import divergence, new_share
from agentic_assets_tests.unit.quality.samples import days, expecting, published

EXPECTED = [
    expecting("rowCount", column=None),
    expecting("rowCount", Trailing(window=14, every=7, history=1), column=None, severity="error"),
    *(expecting(name) for name in ("nullShare", "mean", "deviation", "distinctCount", "median", "psi", "newShare")),
    expecting("share", column="kind", values=("odd",)),
    expecting("psi", column="kind"),
    expecting("mean", Fixed(0, 5)),
]
EXPECTATIONS = [
    Expectation(f"{number}-{one.id}", one.column, one.asks, one.severity) for number, one in enumerate(EXPECTED)
]
BACK = max(expectation.back for expectation in EXPECTATIONS)

value = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-3, 3, allow_nan=False))
stretch = st.lists(st.one_of(st.none(), st.lists(value, max_size=12)), min_size=BACK + 4, max_size=BACK + 8)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(stretch)
def test_a_day_measured_alone_has_the_numbers_that_it_has_within_a_range(
    given_days: list[list[float | None] | None],
) -> None:
    order = days(len(given_days))
    rows = {day: part for day, part in zip(order, given_days, strict=True) if part is not None}
    ranged = measured(published(rows, order), EXPECTATIONS, [day for day in order[BACK:] if day in rows]).rows
    for day in [day for day in order[BACK:] if day in rows]:
        near = order[order.index(day) - BACK : order.index(day) + 1]
        alone = measured(published({name: rows[name] for name in near if name in rows}, near), EXPECTATIONS, [day])
        assert alone.rows.equals(ranged.filter(pl.col("partition") == day))


def row(rows: pl.DataFrame, day: str) -> dict[str, object]:
    return rows.row(by_predicate=pl.col("partition") == day, named=True)


def test_bounds_lie_around_the_median_of_the_history() -> None:
    counts = [10, 12, 11, 13, 9, 40]
    order = days(len(counts))
    rows = {day: [1.0] * count for day, count in zip(order, counts, strict=True)}
    bounds = Trailing(window=5, history=5, deviations=2)
    [found] = measured(published(rows), [expecting("rowCount", bounds, column=None)], [order[-1]]).rows.rows(named=True)
    assert (found["value"], found["low"], found["high"], found["history"]) == (40, 8.0348, 13.9652, 5)


def test_the_smallest_distance_is_the_slack() -> None:
    values = np.array([10.0, 10.0, 10.0, 10.0])
    low, high, _ = limits(values, [3], Trailing(window=3, history=3, slack=0.5, slack_share=0.2))
    assert (low[0], high[0]) == (8.0, 12.0)


def test_only_the_asked_side_is_bounded() -> None:
    low, high, _ = limits(np.array([1.0, 2.0, 3.0]), [2], Trailing(window=2, history=2, side="low"))
    assert not np.isnan(low[0])
    assert np.isnan(high[0])


def test_every_seventh_day_is_compared_with_the_same_weekday() -> None:
    values = np.array([5.0, *[100.0] * 6, 5.0, *[100.0] * 6, 6.0])
    low, high, history = limits(values, [14], Trailing(window=14, every=7, history=2, slack=2))
    assert (low[0], high[0], history[0]) == (3.0, 7.0, 2)


def test_a_day_that_is_not_published_is_no_history_and_shifts_no_weekday() -> None:
    values = np.array([5.0, *[100.0] * 6, np.nan, *[100.0] * 6, 6.0])
    _, _, history = limits(values, [14], Trailing(window=14, every=7, history=1))
    assert history[0] == 1


def test_without_enough_history_there_are_no_bounds() -> None:
    low, high, history = limits(np.array([1.0, 2.0, 3.0]), [2], Trailing(window=7, history=3))
    assert np.isnan([low[0], high[0]]).all()
    assert history[0] == 2


def test_an_empty_partition_has_a_row_count_and_nothing_else() -> None:
    order = days(2)
    rows = measured(published({order[0]: [1.0], order[1]: []}), EXPECTATIONS, [order[1]]).rows
    by_name = dict(rows.select(pl.col("expectation").str.split("-").list.get(1), "value").iter_rows())
    assert by_name.pop("rowCount") == 0
    assert set(by_name.values()) == {None}


def series(*parts: Sequence[float | None]) -> list[pl.Series | None]:
    return [pl.Series(part, dtype=pl.Float64) for part in parts]


def test_equal_distributions_hardly_diverge_and_moved_ones_do() -> None:
    same = [float(number) for number in range(100)]
    found = divergence(series(*[same] * 8, [number + 200 for number in same]), reference=7, bins=10)
    assert np.isnan(found[:7]).all()
    assert found[7] < 0.001
    assert found[8] > 2


def test_a_few_sentinels_out_of_range_and_new_nulls_show_in_the_divergence() -> None:
    usual = [float(number) for number in range(1000)]
    sentinels = [*usual[30:], *[-9999.0] * 30]
    nulls: list[float | None] = [*usual[30:], *[None] * 30]
    found = divergence(series(*[usual] * 8, sentinels, nulls), reference=7, bins=10)
    assert found[8] > 20 * found[7]
    assert found[9] > 20 * found[7]


def test_the_order_of_rows_does_not_show_in_a_divergence() -> None:
    parts = [[float((7 * number + shift) % 53) for number in range(80)] for shift in range(9)]
    turned = [part[::-1] for part in parts]
    assert divergence(series(*parts), reference=7, bins=5)[-1] == divergence(series(*turned), reference=7, bins=5)[-1]


def test_the_share_of_new_values_leaves_nulls_out() -> None:
    usual: list[pl.Series | None] = [pl.Series(["UA", "B6"])] * 7
    found = new_share([*usual, pl.Series(["UA", "ZZ", None, "B6"])], reference=7)
    assert found[7] == 0.25


@pytest.mark.parametrize("empty", [pl.Series([], dtype=pl.Float64), pl.Series([None, None], dtype=pl.Float64)])
def test_a_partition_without_values_diverges_only_when_it_has_rows(empty: pl.Series) -> None:
    usual: list[pl.Series | None] = [pl.Series([1.0, 2.0, 3.0])] * 7
    found = divergence([*usual, empty], reference=7, bins=4)
    assert np.isnan(found[7]) == (len(empty) == 0)
