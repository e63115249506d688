"""How well a score ranks and how honest it is as a probability: exact on ties, in numpy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = [
    "average_precision",
    "brier",
    "calibration_table",
    "expected_calibration_error",
    "roc_auc",
]

Labels = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]

# Finer where most rows are: a rare event has few scores above one half.
_EDGES_PERCENT = (0, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100)


def roc_auc(label: Labels, score: Scores) -> float:
    """Give the chance that a positive scores above a negative, a tie counting half; NaN where a class is missing."""
    positives, negatives = _counts_by_score(label, score)
    below = np.cumsum(negatives) - negatives
    wins_twice = int(np.sum(positives * (2 * below + negatives)))
    pairs = int(positives.sum()) * int(negatives.sum())
    return wins_twice / (2 * pairs) if pairs else float("nan")


def average_precision(label: Labels, score: Scores) -> float:
    """Give the mean precision over the positives, from the highest score down; ties enter together; NaN without any."""
    positives, negatives = (counts[::-1] for counts in _counts_by_score(label, score))
    found = np.cumsum(positives)
    if not found.size or found[-1] == 0:
        return float("nan")
    precision = found / (found + np.cumsum(negatives))
    return float(np.sum(positives * precision) / found[-1])


def brier(label: Labels, score: Scores) -> float:
    """Give the mean squared distance between probability and outcome; NaN on no rows."""
    return float(np.mean((score - label) ** 2)) if label.size else float("nan")


def calibration_table(label: Labels, score: Scores) -> pl.DataFrame:
    """Compare probability and frequency in fixed bands of the score.

    Gives one row per band that holds rows: from_bp, to_bp (Int32), rows (Int64), mean_score and frequency (Float64).
    """
    edges = np.array(_EDGES_PERCENT) / 100
    band = np.clip(np.searchsorted(edges, score, side="right") - 1, 0, len(edges) - 2)
    rows = np.bincount(band, minlength=len(edges) - 1)
    held = rows > 0
    divisor = np.maximum(rows, 1)
    return pl.DataFrame(
        {
            "from_bp": pl.Series([edge * 100 for edge in _EDGES_PERCENT[:-1]], dtype=pl.Int32),
            "to_bp": pl.Series([edge * 100 for edge in _EDGES_PERCENT[1:]], dtype=pl.Int32),
            "rows": pl.Series(rows, dtype=pl.Int64),
            "mean_score": np.bincount(band, weights=score, minlength=len(edges) - 1) / divisor,
            "frequency": np.bincount(band, weights=label.astype(np.float64), minlength=len(edges) - 1) / divisor,
        }
    ).filter(pl.Series(held))


def expected_calibration_error(label: Labels, score: Scores) -> float:
    """Give the mean distance of frequency and probability over the bands, weighted by rows; NaN on no rows."""
    table = calibration_table(label, score)
    rows = table["rows"].to_numpy()
    gap = np.abs(table["mean_score"].to_numpy() - table["frequency"].to_numpy())
    return float(np.sum(rows * gap) / rows.sum()) if rows.size else float("nan")


def _counts_by_score(label: Labels, score: Scores) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count positives and negatives at each distinct score, in rising order."""
    _, place = np.unique(score, return_inverse=True)
    size = int(place.max()) + 1 if place.size else 0
    positives = np.bincount(place[label], minlength=size).astype(np.int64)
    negatives = np.bincount(place[~label], minlength=size).astype(np.int64)
    return positives, negatives
