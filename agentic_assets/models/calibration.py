"""Platt scaling: a straight line through the log odds, so that a score of 30 % means three in ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Platt"]

_MILLIONTHS = 1_000_000
_STEPS = 100
# Beyond these log odds a probability is 0 or 1 to every figure that is kept, and exp() overflows soon after.
_FARTHEST = 40.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Platt:
    """Turn log odds into a probability: 1 / (1 + exp(-(slope * x + shift))).

    Slope and shift are whole millionths, so that the last bit of a sum cannot change the stored artefact. A rising line
    keeps the order of the scores: ranking metrics and ties stay as they were.
    """

    slope_millionths: int = _MILLIONTHS
    shift_millionths: int = 0

    def apply(self, log_odds: Floats) -> Floats:
        """Give the probability of each score."""
        return _probability(log_odds * (self.slope_millionths / _MILLIONTHS) + self.shift_millionths / _MILLIONTHS)

    @classmethod
    def fit(cls, log_odds: Floats, label: npt.NDArray[np.bool_]) -> Platt:
        """Fit by damped Newton steps on the log loss of Platt's softened targets.

        Gives the identity where a class is missing, or where the fitted line would not rise.
        """
        positives = int(label.sum())
        negatives = label.size - positives
        if not positives or not negatives:
            return cls()
        # Softened as Platt (1999) does, so that perfectly separated scores have a finite answer.
        target = np.where(label, (positives + 1) / (positives + 2), 1 / (negatives + 2))
        slope, shift = 1.0, 0.0
        loss = _loss(log_odds * slope + shift, target)
        for _ in range(_STEPS):
            turn, move = _newton(log_odds, target, slope, shift)
            damping = 1.0
            while damping > 1e-8:
                tried = _loss(log_odds * (slope - damping * turn) + (shift - damping * move), target)
                if tried < loss:
                    break
                damping /= 2
            else:
                break
            gain, loss = loss - tried, tried
            slope, shift = slope - damping * turn, shift - damping * move
            if gain < 1e-12 * label.size:
                break
        return cls(round(slope * _MILLIONTHS), round(shift * _MILLIONTHS)) if slope > 0 else cls()


def _newton(log_odds: Floats, target: Floats, slope: float, shift: float) -> tuple[float, float]:
    probability = _probability(log_odds * slope + shift)
    residual, weight = probability - target, probability * (1.0 - probability)
    by_slope, by_shift = np.sum(residual * log_odds), np.sum(residual)
    # The small addends keep the step finite where all scores are equal.
    first, second = np.sum(weight * log_odds * log_odds) + 1e-6, np.sum(weight) + 1e-6
    mixed = np.sum(weight * log_odds)
    determinant = first * second - mixed * mixed
    return (
        float((second * by_slope - mixed * by_shift) / determinant),
        float((first * by_shift - mixed * by_slope) / determinant),
    )


def _probability(line: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(line, -_FARTHEST, _FARTHEST))), dtype=np.float64)


def _loss(line: Floats, target: Floats) -> float:
    return float(np.sum(np.logaddexp(0.0, line) - target * line))
