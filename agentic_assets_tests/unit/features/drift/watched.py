"""A made-up feature set of two views, sky and road, and its days: usual ones, and some in which a thing goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from agentic_assets.features import DECIDED_AT, Feature, FeatureSet, Source
from agentic_assets.features.drift import Settings, Stretch, Verdict, judge, measure
from agentic_assets_tests.unit.features.shop import INSTANT, PARCELS, shop

__all__ = ["FIRST", "SETTINGS", "WATCHED", "Day", "days", "frame_of", "judged", "stretch_of", "usual"]

FIRST = date(2020, 1, 1)
SETTINGS = Settings(operations=("waiting", "refused"), reference=14, history=20, least=7)
"""Shorter than in earnest, so that tests are."""
_LIKE_THE_OTHERS = 1_002
"""The seed of a day on which nothing is over its threshold; on other days something may be, by chance."""


def _of(name: str, dtype: pl.DataType, view: str, table: str, column: str = "shop") -> Feature:
    return Feature(name, dtype, "1", name, view, (f"{table}.{column}",), "window")


WATCHED: FeatureSet = shop(
    lambda at: None,  # type: ignore[arg-type,return-value]  # its days are made here, not by its views
    _of("temperature", pl.Float64(), "sky", "shop/sky"),
    _of("rain", pl.Float64(), "sky", "shop/sky"),
    _of("wind", pl.String(), "sky", "shop/sky"),
    _of("waiting", pl.Int32(), "road", "shop/parcels"),
    _of("refused", pl.Boolean(), "road", "shop/parcels"),
    _of("delay", pl.Float64(), "road", "shop/parcels"),
    sources=(PARCELS, Source(name="sky", table="shop/sky", known_at="seen_at", columns=("shop",))),
    views=(lambda at: None, lambda at: None),
)


@dataclass
class Day:
    """The columns of one day, to be changed by a test; NaN and None are nulls."""

    rows: int
    columns: dict[str, np.ndarray]
    ages: dict[str, np.ndarray]
    """View -> minutes since its newest fact."""

    def share(self, part: float) -> slice:
        """Select the first so many of its rows."""
        return slice(0, round(part * self.rows))


def usual(number: int, *, rows: int = 200) -> Day:
    """Make a day as others: values differ from day to day by little, each day's by the same seed."""
    random = np.random.Generator(np.random.PCG64(number))
    shift = random.normal(0, 0.3)
    return Day(
        rows,
        {
            "temperature": np.round(random.normal(10 + 4 * shift, 3, rows), 1),
            "rain": np.where(random.random(rows) < 0.9, 0.0, random.exponential(0.1, rows)),
            "wind": random.choice(np.array(["n", "e", "s", "w"]), rows, p=[0.4, 0.3, 0.2, 0.1]),
            "waiting": random.poisson(3, rows).astype(np.float64),
            "refused": (random.random(rows) < 0.05).astype(np.float64),
            "delay": np.where(random.random(rows) < 0.2, np.nan, random.exponential(20 + 5 * shift, rows)),
        },
        {"sky": random.integers(30, 90, rows).astype(np.float64), "road": random.integers(1, 60, rows).astype(float)},
    )


def days(many: int, changes: Mapping[int, Callable[[Day], object]] | None = None) -> list[Day | None]:
    """Make usual days, the last near the middle of all, and change some by their number; -1 is the last."""
    made: list[Day | None] = [*(usual(number) for number in range(many - 1)), usual(_LIKE_THE_OTHERS)]
    for number, change in (changes or {}).items():
        day = made[number]
        assert day is not None
        change(day)
    return made


def frame_of(made: Sequence[Day | None], first: date = FIRST) -> pl.DataFrame:
    """Arrange days as the feature set publishes them; None is a day that is not published."""
    parts = [pl.DataFrame(schema=WATCHED.schema)]
    for number, day in enumerate(made):
        if day is None:
            continue
        local = first + timedelta(days=number)
        decided = datetime(local.year, local.month, local.day, 12, tzinfo=UTC)
        parts.append(
            pl.DataFrame(
                {
                    WATCHED.entity: [f"{local}/{row}" for row in range(day.rows)],
                    "day": [local] * day.rows,
                    DECIDED_AT: pl.Series([decided] * day.rows, dtype=INSTANT),
                    **{name: _null(values) for name, values in day.columns.items()},
                    **{
                        f"{view}_known_at": pl.Series([decided] * day.rows, dtype=INSTANT)
                        - _null(ages).cast(pl.Float64).cast(pl.Int64).cast(pl.Duration("us")) * 60_000_000
                        for view, ages in day.ages.items()
                    },
                }
            )
            .with_columns(pl.col("refused").cast(pl.Float64).cast(pl.Boolean))
            .select(*WATCHED.schema)
            .cast(WATCHED.schema)  # type: ignore[arg-type]
        )
    return pl.concat(parts)


def stretch_of(made: Sequence[Day | None], settings: Settings = SETTINGS) -> Stretch:
    """Measure days."""
    names = [(FIRST + timedelta(days=number)).isoformat() for number in range(len(made))]
    counts = [0 if day is None else day.rows for day in made]
    return measure(WATCHED, frame_of(made), names, counts, settings)


def judged(made: Sequence[Day | None], settings: Settings = SETTINGS, *, day: int = -1) -> Verdict:
    """Judge one of some days, the last if none is named."""
    stretch = stretch_of(made, settings)
    return judge(WATCHED, stretch, day % len(made), settings)


def _null(values: np.ndarray) -> pl.Series:
    made = pl.Series(values.tolist(), strict=False)
    return made.fill_nan(None) if made.dtype.is_float() else made
