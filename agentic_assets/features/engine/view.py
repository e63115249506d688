"""A view: columns that come from the same facts, and the proof of when the newest of those became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from agentic_assets.features.engine.timeline import Integers

__all__ = ["View", "newest"]


@dataclass(frozen=True)
class View:
    """Columns in the order of the entities; `known_at` in microseconds UTC, UNKNOWN where no fact entered."""

    name: str
    columns: Mapping[str, pl.Series]
    known_at: Integers


def newest(*known_at: Integers) -> Integers:
    """Combine the proofs of several groups of facts: the latest instant counts."""
    latest: Integers = np.maximum.reduce(known_at)
    return latest
