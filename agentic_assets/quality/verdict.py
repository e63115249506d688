"""The verdicts on an expectation in a partition."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["BAD", "BROKEN", "ERRORED", "JUDGED", "KEPT", "UNJUDGED"]

KEPT: Final = "kept"
BROKEN: Final = "broken"
UNJUDGED: Final = "unjudged"
"""There was nothing to measure, or too little history."""
ERRORED: Final = "errored"
"""It could not be evaluated, which counts as broken."""

BAD: Final = frozenset({BROKEN, ERRORED})

JUDGED: Final[dict[str, pl.DataType]] = {
    "partition": pl.String(),
    "expectation": pl.String(),
    "verdict": pl.String(),
    "detail": pl.String(),
}
