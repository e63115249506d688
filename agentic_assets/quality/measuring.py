"""Measure what a contract expects of its partitions: one row an expectation and partition, with its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from agentic_assets.contracts import Expectation, Statistic
from agentic_assets.quality.bounds import Floats, limits
from agentic_assets.quality.distribution import divergence, new_share
from agentic_assets.quality.profile import profile, steady

__all__ = ["MEASURED", "Measures", "Published", "columns_read", "measured", "of_statistics"]

MEASURED: dict[str, pl.DataType] = {
    "partition": pl.String(),
    "expectation": pl.String(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "history": pl.Int32(),
}

_OF_PROFILE = {"mean", "deviation", "minimum", "maximum", "median"}


class Published:
    """Published partitions of a dataset: which of a stretch of the calendar there are, their rows, some columns.

    `order` names consecutive partitions of the calendar, `rows` counts those that are published, and `frame` holds
    their rows one partition after the other, with the column `partition`.
    """

    def __init__(self, order: Sequence[str], rows: Mapping[str, int], frame: pl.DataFrame) -> None:
        self.order = tuple(order)
        self.rows = rows
        self.frame = frame
        self._profiles: dict[str, pl.DataFrame] = {}

    def profile(self, column: str) -> pl.DataFrame:
        """Profile one column of every partition that has rows."""
        if column not in self._profiles:
            self._profiles[column] = profile(self.frame, [column])
        return self._profiles[column]

    def column(self, name: str) -> list[pl.Series | None]:
        """Give a column by partition, in the order of the calendar; None where nothing is published."""
        whole, parts, start = self.frame.get_column(name), dict[str, pl.Series](), 0
        for partition in self.order:
            if partition in self.rows:
                parts[partition] = whole.slice(start, self.rows[partition])
                start += self.rows[partition]
        return [parts.get(partition) for partition in self.order]

    def series(self, by_partition: Mapping[str, float | None]) -> Floats:
        """Arrange one number a partition in the order of the calendar; NaN where there is none."""
        found = [by_partition.get(partition) for partition in self.order]
        return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


@dataclass(frozen=True)
class Measures:
    """What was measured: the rows of `MEASURED`, and each expectation's values over the whole stretch."""

    rows: pl.DataFrame
    order: tuple[str, ...]
    series: Mapping[str, Floats]

    def trend(self, expectation: str, partition: str, *, length: int = 28) -> list[float | None]:
        """Give the values of an expectation up to a partition, oldest first; None where there is none."""
        if expectation not in self.series:
            return []
        last = self.order.index(partition) + 1
        values = self.series[expectation][max(last - length, 0) : last].tolist()
        return [None if value != value else value for value in values]  # noqa: PLR0124  (NaN)


def columns_read(expectations: Sequence[Expectation]) -> list[str]:
    """Name the columns that statistics are made of, each once."""
    return list(dict.fromkeys(e.column for e in of_statistics(expectations) if e.column is not None))


def of_statistics(expectations: Sequence[Expectation]) -> list[Expectation]:
    """Give the expectations about statistics, which are measured here; the others Great Expectations runs on rows."""
    return [expectation for expectation in expectations if isinstance(expectation.asks, Statistic)]


def measured(published: Published, expectations: Sequence[Expectation], wanted: Sequence[str]) -> Measures:
    """Measure the statistics that are expected of some partitions, and the bounds that their history gives.

    A partition gets the same numbers alone as among others, as long as `published` reaches as far back as its
    expectations look. `value` is null where a partition has nothing to measure, a bound where there is none.
    """
    places = {name: position for position, name in enumerate(published.order)}
    at = [places[name] for name in wanted]
    parts, series = [pl.DataFrame(schema=MEASURED)], dict[str, Floats]()
    for expectation in of_statistics(expectations):
        assert isinstance(expectation.asks, Statistic)
        values = series[expectation.id] = _values(published, expectation.column, expectation.asks)
        low, high, history = limits(values, at, expectation.asks.bounds)
        parts.append(
            pl.DataFrame(
                {
                    "partition": list(wanted),
                    "expectation": [expectation.id] * len(at),
                    "value": values[at],
                    "low": low,
                    "high": high,
                    "history": history,
                },
                schema=MEASURED,
            ).with_columns(pl.col("value", "low", "high").fill_nan(None))
        )
    return Measures(pl.concat(parts), published.order, series)


def _values(published: Published, column: str | None, asked: Statistic) -> Floats:
    if column is None:
        return published.series({name: float(count) for name, count in published.rows.items()})
    if asked.name == "psi":
        return divergence(published.column(column), reference=asked.reference, bins=asked.bins)
    if asked.name == "newShare":
        return new_share(published.column(column), reference=asked.reference)
    if asked.name == "share":
        counted = pl.col(column).is_in(list(asked.values)).fill_null(value=False)
        shares = published.frame.group_by("partition").agg(steady(counted.mean()).alias("share"))
        return published.series(dict(shares.iter_rows()))
    figure = {
        "nullShare": steady(pl.col("nulls") / pl.col("rows")),
        "distinctCount": pl.col("distinct").cast(pl.Float64),
    }.get(asked.name, pl.col(asked.name))
    return published.series(dict(published.profile(column).select("partition", figure.alias("value")).iter_rows()))
