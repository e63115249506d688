"""An agent that rests on a model: it scores, and a plain function turns scores into proposals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from agentic_assets.agents.spec import Spec
from agentic_assets.errors import ModelRefused
from agentic_assets.models import basis_points

__all__ = ["Decide", "ModelAgent", "Scorer", "score_in_basis_points"]


class Scorer(Protocol):
    """A model that serves: one probability for each row, in their order."""

    def predict(self, frame: pl.DataFrame) -> pl.Series:
        """Give the probability of each row, 0 to 1."""


Decide = Callable[[pl.DataFrame, pl.Series, Spec], pl.DataFrame]
"""(features, score in basis points, spec) -> proposals."""


@dataclass(frozen=True)
class ModelAgent:
    """Score the features, then decide."""

    spec: Spec
    scorer: Scorer
    decide: Decide

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal a row; raises ModelRefused when the model gives no probability for one."""
        return self.decide(features, score_in_basis_points(self.scorer, features, self.spec), self.spec)


def score_in_basis_points(scorer: Scorer, features: pl.DataFrame, spec: Spec) -> pl.Series:
    """Score the features in whole basis points (Int32), so that what follows compares and seals integers."""
    score = scorer.predict(features).cast(pl.Float64)
    if score.len() != features.height:
        raise ModelRefused(f"the model of agent {spec.id} gave {score.len():,} scores for {features.height:,} rows")
    # A comparison with null or NaN is never true here, so that both count as bad.
    bad = features.height - int((score.is_between(0.0, 1.0) & score.is_not_nan()).sum())
    if bad:
        raise ModelRefused(
            f"the model of agent {spec.id} gave no probability for {bad:,} of {features.height:,} rows",
            hint="a score must lie within 0 and 1 and not be null: look at the features of those rows",
        )
    return score.to_frame("score").select(basis_points(pl.col("score")).alias("score_bp")).to_series()
