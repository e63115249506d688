"""Small published datasets: days of one number and one category, as the lake would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from agentic_assets.contracts import Expectation, Fixed, Statistic, Trailing
from agentic_assets.quality import Published

__all__ = ["days", "expecting", "published"]


def days(count: int) -> tuple[str, ...]:
    """Name consecutive days of 2013."""
    return tuple((date(2013, 1, 1) + timedelta(days=number)).isoformat() for number in range(count))


def published(values: Mapping[str, Sequence[float | None]], order: Sequence[str] = ()) -> Published:
    """Publish a column `value` (and `kind`, its parity) a day; days of the calendar that are not named are missing."""
    frame = pl.DataFrame(
        {
            "partition": [day for day, rows in values.items() for _ in rows],
            "value": [value for rows in values.values() for value in rows],
        },
        schema={"partition": pl.String, "value": pl.Float64},
    ).with_columns(
        kind=pl.when(pl.col("value").is_null())
        .then(None)
        .when(pl.col("value") % 2 < 1)
        .then(pl.lit("even"))
        .otherwise(pl.lit("odd"))
    )
    return Published(order or [*values], {day: len(rows) for day, rows in values.items()}, frame)


def expecting(
    name: str,
    bounds: Fixed | Trailing | None = None,
    *,
    column: str | None = "value",
    severity: str = "warning",
    values: tuple[str, ...] = (),
) -> Expectation:
    """Expect a statistic; without bounds, from a history of a week."""
    trailing = bounds or Trailing(window=7, history=3)
    reference = 7 if name in ("psi", "newShare") else 0
    asks = Statistic(name, trailing, values=values, reference=reference, bins=4)
    return Expectation(f"{name}-{column}", column, asks, "error" if severity == "error" else "warning")
