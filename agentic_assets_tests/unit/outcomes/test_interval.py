from __future__ import annotations

import polars as pl

from agentic_assets.outcomes import Interval, mean_interval


def test_the_same_days_give_the_same_interval() -> None:
    days = pl.Series([100, -50, 300, 20, 0, 900, -10], dtype=pl.Int64)

    assert mean_interval(days) == mean_interval(days.clone())


def test_the_interval_of_known_days_is_where_the_normal_law_puts_it() -> None:
    # 400 days, half 0 and half 100: mean 50, standard error 2.5, so about [45.1; 54.9].
    found = mean_interval(pl.Series([0, 100] * 200))

    assert (found.values, found.mean) == (400, 50)
    assert found.low in (45, 46)
    assert found.high in (54, 55)


def test_days_that_are_all_equal_leave_no_doubt() -> None:
    assert mean_interval(pl.Series([7] * 30)) == Interval(30, 7, 7, 7)


def test_days_without_a_figure_are_left_out() -> None:
    assert mean_interval(pl.Series([7, None, 7])) == Interval(2, 7, 7, 7)


def test_no_days_give_no_interval() -> None:
    assert mean_interval(pl.Series([], dtype=pl.Int64)) == Interval(0, None, None, None)
