"""Made-up rows with a known signal, for training in tenths of a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from agentic_assets.models import Recipe

START = datetime(2013, 1, 1, tzinfo=UTC)
CUT = START + timedelta(days=28)

RECIPE = Recipe(
    "risk",
    "1.0.0",
    features=("carrier", "wind", "late", "hour"),
    categorical=("carrier",),
    label="bad",
    order=("decided_at", "id"),
    parameters={"num_leaves": 7, "min_data_in_leaf": 20},
    rounds=20,
    min_rows=500,
)


def rows(count: int = 2_000, *, seed: int = 7) -> pl.DataFrame:
    """Give rows of 27 days; `bad` follows `wind` and the carrier; each is known six hours after it is decided on."""
    random = np.random.default_rng(seed)
    carrier = random.choice(["AA", "B6", "UA"], count)
    wind = random.normal(size=count)
    risk = 1 / (1 + np.exp(-(1.8 * wind + (carrier == "B6") - 1.5)))
    decided = [START + timedelta(days=27) * place / count for place in range(count)]
    return pl.DataFrame(
        {
            "id": [f"row{place:05}" for place in range(count)],
            "carrier": carrier,
            "wind": [None if place % 17 == 0 else value for place, value in enumerate(wind.tolist())],
            "late": random.normal(size=count),
            "hour": pl.Series(random.integers(5, 24, count), dtype=pl.Int32),
            "bad": random.random(count) < risk,
            "decided_at": pl.Series(decided, dtype=pl.Datetime("us", "UTC")),
        }
    ).with_columns(outcome_known_at=pl.col("decided_at") + pl.duration(hours=6))
