"""Platt scaling: a straight line through the log odds, so that a score of 30 % means three in ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Platt"]

_MILLIONTHS = 1_000_000
_STEPS = 50


@dataclass(frozen=True)
class Platt:
    """Turn log odds into a probability: 1 / (1 + exp(-(slope * x + shift))).

    Slope and shift are whole millionths, so that the last bit of a sum cannot change the stored artefact. A rising line
    keeps the order of the scores: ranking metrics and ties stay as they were.
    """

    slope_millionths: int = _MILLIONTHS
    shift_millionths: int = 0

    def apply(self, log_odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give the probability of each score."""
        line = log_odds * (self.slope_millionths / _MILLIONTHS) + self.shift_millionths / _MILLIONTHS
        return np.asarray(1.0 / (1.0 + np.exp(-line)), dtype=np.float64)

    @classmethod
    def fit(cls, log_odds: npt.NDArray[np.float64], label: npt.NDArray[np.bool_]) -> Platt:
        """Fit slope and shift by Newton steps on the log loss; the identity where a class is missing or ranks fall."""
        if label.all() or not label.any():
            return cls()
        target = label.astype(np.float64)
        slope, shift = 1.0, 0.0
        for _ in range(_STEPS):
            probability = 1.0 / (1.0 + np.exp(-(slope * log_odds + shift)))
            residual = probability - target
            weight = probability * (1.0 - probability)
            by_slope, by_shift = np.sum(residual * log_odds), np.sum(residual)
            # A small ridge keeps the step finite when every score is the same.
            first = np.sum(weight * log_odds * log_odds) + 1e-6
            second = np.sum(weight) + 1e-6
            mixed = np.sum(weight * log_odds)
            determinant = first * second - mixed * mixed
            step = (second * by_slope - mixed * by_shift) / determinant
            turn = (first * by_shift - mixed * by_slope) / determinant
            slope, shift = float(slope - step), float(shift - turn)
            if abs(step) + abs(turn) < 1e-10:
                break
        if not np.isfinite(slope) or not np.isfinite(shift) or slope <= 0:
            return cls()
        return cls(round(slope * _MILLIONTHS), round(shift * _MILLIONTHS))
