"""Which source rows one decision rests on, for whoever asks why it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from agentic_assets.evidence import Lookup

__all__ = ["LOOKUPS"]

_SHOWN = 3


def _plan(frame: pl.DataFrame, feature_row: Mapping[str, Any]) -> pl.DataFrame:
    return frame.filter(pl.col("flight_id") == feature_row["flight_id"])


def _weather(frame: pl.DataFrame, feature_row: Mapping[str, Any]) -> pl.DataFrame:
    known = frame.filter(
        (pl.col("origin") == feature_row["origin"]) & (pl.col("known_at") <= feature_row["decided_at"])
    )
    return known.sort("known_at", descending=True).head(1)


def _departures(frame: pl.DataFrame, feature_row: Mapping[str, Any]) -> pl.DataFrame:
    known = frame.filter(
        (pl.col("origin") == feature_row["origin"]) & (pl.col("departure_known_at") <= feature_row["decided_at"])
    )
    return known.sort("departure_known_at", "flight_id", descending=True).head(_SHOWN)


LOOKUPS = (
    Lookup("sources/schedule", "the flight as it was scheduled", _plan),
    Lookup("sources/weather", "the newest weather known at its airport when it was decided", _weather),
    Lookup(
        "sources/movements",
        f"the last {_SHOWN} departures from its airport known when it was decided; the windows reach 28 days back",
        _departures,
    ),
)
