"""Serve a trained artefact."""

from __future__ import annotations

import polars as pl

from agentic_assets.errors import ModelRefused
from agentic_assets.models.artefact import Artefact
from agentic_assets.models.booster import Booster
from agentic_assets.models.matrix import to_matrix

__all__ = ["Scorer", "basis_points"]


class Scorer:
    """Score frames with one artefact; the same row gives the same bits alone, in a batch, and in any order.

    Raises ModelRefused for an artefact of kind `none`: whoever asks must fall back, not guess.
    """

    def __init__(self, artefact: Artefact) -> None:
        if not artefact.serves:
            raise ModelRefused(
                f"{artefact.name} holds no model: {artefact.reason}",
                hint="let the agent fail closed, to the rule that served before",
            )
        self.artefact = artefact
        self._booster = Booster(artefact.booster)

    def predict(self, frame: pl.DataFrame) -> pl.Series:
        """Give the calibrated probability of each row, in the order of the frame: a Float64 series named `score`."""
        matrix = to_matrix(frame, self.artefact.features, self.artefact.vocabularies)
        return pl.Series("score", self.artefact.calibration.apply(self._booster.log_odds(matrix)), dtype=pl.Float64)


def basis_points(score: pl.Expr) -> pl.Expr:
    """Round a probability to whole basis points (Int32): what decisions compare, store and seal."""
    return (score * 10_000).round().cast(pl.Int32)
