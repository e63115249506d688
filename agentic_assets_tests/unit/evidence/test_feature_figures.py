"""What is counted of published features: bins, frequent values, nulls by partition; bounded, and always the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import LakeBroken
from agentic_assets.evidence.catalog.feature_sets import measuring
from agentic_assets.evidence.catalog.feature_sets.material import Measured, Spread, Top
from agentic_assets.evidence.catalog.feature_sets.measuring import measure
from agentic_assets.evidence.catalog.feature_sets.spreading import spread_of
from agentic_assets.pipeline import Entry

AT = datetime(2013, 1, 1, 5, 30, tzinfo=UTC)
NUMBERS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=60).map(lambda v: pl.Series(v, dtype=pl.Int64)),
    st.lists(st.integers(-50, 300) | st.none(), max_size=60).map(lambda v: pl.Series(v, dtype=pl.Int32)),
    st.lists(st.integers(0, 255), max_size=60).map(lambda v: pl.Series(v, dtype=pl.UInt8)),
    st.lists(st.floats() | st.none(), max_size=60).map(lambda v: pl.Series(v, dtype=pl.Float64)),
    st.lists(st.floats(-1, 1).map(lambda v: round(v, 3)), max_size=60).map(lambda v: pl.Series(v, dtype=pl.Float64)),
    st.lists(st.dates(date(1, 1, 1), date(9999, 12, 31)), max_size=60).map(lambda v: pl.Series(v, dtype=pl.Date)),
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(NUMBERS, st.integers(0, 99))
def test_every_value_is_counted_once_whatever_the_order(column: pl.Series, seed: int) -> None:
    spread, unlike = spread_of(column)
    assert spread_of(column.shuffle(seed=seed)) == (spread, unlike)
    values = len(column) - column.null_count() - unlike
    if spread is None:
        assert values == 0
        return
    assert isinstance(spread, Spread)
    assert sum(spread.counts) + spread.below + spread.above == values
    assert len(spread.counts) == len(spread.labels) <= 30
    assert spread.below + spread.above <= 0.02 * values + 2


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(st.integers(-400, 400), min_size=1, max_size=80))
def test_a_bin_holds_the_whole_numbers_that_its_label_says(values: list[int]) -> None:
    spread, _ = spread_of(pl.Series(values, dtype=pl.Int64))
    assert isinstance(spread, Spread)
    for label, many in zip(spread.labels, spread.counts, strict=True):
        low, _, high = label.replace("\N{MINUS SIGN}\N{WORD JOINER}", "-").partition(" to ")
        assert many == sum(int(low) <= value <= int(high or low) for value in values), label


def test_few_whole_numbers_have_a_bin_each_to_both_ends() -> None:
    spread, _ = spread_of(pl.Series([5, 23] + [12] * 500))
    assert isinstance(spread, Spread)
    assert spread.labels == tuple(str(hour) for hour in range(5, 24))
    assert (spread.counts[0], spread.counts[7], spread.counts[-1]) == (1, 500, 1)


def test_far_away_values_do_not_widen_the_bins_but_are_counted() -> None:
    spread, _ = spread_of(pl.Series([float(place % 100) for place in range(10_000)] + [1e9, -1e9]))
    assert isinstance(spread, Spread)
    assert (spread.below, spread.above) == (1, 1)
    assert spread.highest == "1,000,000,000"
    assert len(spread.counts) >= 15


def test_what_is_no_finite_number_is_in_no_bin() -> None:
    spread, unlike = spread_of(pl.Series([1.0, math.nan, math.inf, -math.inf, None, 2.0]))
    assert isinstance(spread, Spread)
    assert (sum(spread.counts), unlike) == (2, 3)


def test_a_column_with_one_value_has_one_bin() -> None:
    spread, _ = spread_of(pl.Series([0.25] * 7))
    assert isinstance(spread, Spread)
    assert (spread.labels, spread.counts) == (("0.25",), (7,))


@pytest.mark.parametrize(
    ("values", "dtype", "lowest", "highest"),
    [
        ([date(2013, 1, 1), date(2013, 3, 1)], pl.Date, "2013-01-01", "2013-03-01"),
        (
            [AT, AT + timedelta(days=2)],
            pl.Datetime("us", "UTC"),
            "2013-01-01 05:30",
            "2013-01-03 05:30",
        ),
        ([timedelta(minutes=-5), timedelta(hours=2)], pl.Duration("ms"), "-1 day, 23:55:00", "2:00:00"),
        ([time(1, 2, 3), time(23)], pl.Time, "1:02:03", "23:00:00"),
    ],
)
def test_moments_are_binned_and_told_as_moments(
    values: list[Any], dtype: pl.DataType, lowest: str, highest: str
) -> None:
    spread, _ = spread_of(pl.Series(values, dtype=dtype))
    assert isinstance(spread, Spread)
    assert (spread.lowest, spread.highest, sum(spread.counts)) == (lowest, highest, 2)


def test_a_year_beyond_every_calendar_is_told_as_a_number() -> None:
    spread, _ = spread_of(pl.Series([2**62, 0], dtype=pl.Int64).cast(pl.Datetime("us")))
    assert isinstance(spread, Spread)
    assert spread.highest == f"{2**62:,}"


def test_frequent_texts_come_first_and_what_occurs_once_is_not_told() -> None:
    texts = ["b"] * 3 + ["a"] * 3 + ["c"] + [f"only-{place}" for place in range(9)] + [None]
    top, _ = spread_of(pl.Series(texts))
    assert top == Top((("a", 3), ("b", 3)), distinct=12, others=10)


def test_truth_values_and_categories_are_counted_as_texts() -> None:
    assert spread_of(pl.Series([True, True, False]))[0] == Top((("true", 2), ("false", 1)), 2, 0)
    assert spread_of(pl.Series(["x", "y", "x"], dtype=pl.Enum(["x", "y"])))[0] == Top((("x", 2), ("y", 1)), 2, 0)


@pytest.mark.parametrize(
    "column",
    [pl.Series([[1]]), pl.Series([{"a": 1}]), pl.Series([b"a"]), pl.Series([None]), pl.Series([], dtype=pl.String)],
)
def test_lists_structs_bytes_and_nothing_have_no_distribution(column: pl.Series) -> None:
    assert spread_of(column) == (None, 0)


class Published:
    """Partitions kept in memory, and what was read of them."""

    def __init__(self, days: int, rows: int) -> None:
        self.frames = {}
        for place in range(days):
            day = date(2013, 1, 1) + timedelta(days=place)
            values = [None if row % 10 < place % 3 else row + place for row in range(rows)]
            self.frames[str(day)] = pl.DataFrame(
                {"day": [day] * rows, "value": values, "secret": ["s"] * rows},
                schema={"day": pl.Date, "value": pl.Int64, "secret": pl.String},
            )
        self.read: list[int] = []

    @property
    def entries(self) -> dict[str, Entry]:
        return {
            name: Entry("f", name, "", "", "", name, 0, frame.height, 0, "", {}, {}, "")
            for name, frame in self.frames.items()
        }

    def scan(self, files: Sequence[str]) -> pl.LazyFrame:
        self.read.append(sum(self.frames[name].height for name in files))
        return pl.concat([self.frames[name] for name in files]).lazy()

    def measured(self, **rest: Any) -> Measured:
        return measure(self.entries, self.scan, ["value", "secret"], day="day", **rest)


def test_nulls_are_counted_in_each_partition_and_values_in_the_newest_days() -> None:
    published = Published(40, 10)
    measured = published.measured()
    value = measured.figures["value"]
    assert value.days == tuple((name, 10, place % 3) for place, name in enumerate(published.frames))
    assert (measured.days, measured.rows, measured.first) == (40, 400, "2013-01-01")
    assert (measured.spread_days, measured.spread_rows, measured.spread_first) == (28, 280, "2013-01-13")
    newest = list(published.frames.values())[-28:]
    assert isinstance(value.spread, Spread)
    assert sum(value.spread.counts) == 280 - sum(frame["value"].null_count() for frame in newest)
    assert isinstance(measured.figures["secret"].spread, Top)


def test_of_a_masked_feature_nothing_but_nulls_is_looked_at() -> None:
    measured = Published(3, 10).measured(masked={"secret"})
    assert measured.figures["secret"].spread is None
    assert measured.figures["secret"].rows == 30


def test_only_so_many_rows_are_read_and_never_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "ROWS", 200)
    monkeypatch.setattr(measuring, "SPREAD_ROWS", 100)
    monkeypatch.setattr(measuring, "_HELD", 60)
    published = Published(40, 25)
    measured = published.measured()
    assert (measured.days, measured.rows, measured.last) == (8, 200, "2013-02-09")
    assert (measured.spread_days, measured.spread_rows, measured.every) == (4, 100, 1)
    assert max(published.read[:-1]) <= 60


def test_one_large_partition_is_sampled_evenly_and_always_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SPREAD_ROWS", 30)
    published = Published(1, 100)
    measured = published.measured()
    assert (measured.spread_rows, measured.every) == (25, 4)
    assert published.measured() == measured


def test_progress_is_told_up_to_the_last_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_HELD", 20)
    told: list[tuple[int, int]] = []
    Published(5, 10).measured(progress=lambda done, of: told.append((done, of)))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_what_cannot_be_read_is_a_problem_in_words_and_no_figures(tmp_path: Path) -> None:
    published = Published(2, 10)

    def gone(files: Sequence[str]) -> pl.LazyFrame:
        raise LakeBroken("f: the file x is missing")

    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    for scan, said in ((gone, "the file x is missing"), (lambda _: pl.scan_parquet(tmp_path / "x.parquet"), "cannot")):
        measured = measure(published.entries, scan, ["value"], day="day")
        assert said in measured.problem
        assert not measured.figures


def test_nothing_published_is_a_problem_in_words() -> None:
    assert measure({}, Published(1, 1).scan, ["value"], day="day").problem == "nothing of this version is published"
