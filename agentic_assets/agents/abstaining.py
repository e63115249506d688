"""The agent that stands in where an agent cannot judge: it proposes nothing, and says why."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agentic_assets.agents.proposals import PROPOSALS
from agentic_assets.agents.spec import NO_ACTION, Spec

__all__ = ["AbstainingAgent"]


@dataclass(frozen=True)
class AbstainingAgent:
    """Propose no action for every row, with no score, no confidence, and one reason."""

    spec: Spec
    reason: str

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal a row: the action that does nothing."""
        zeros = ("score_bp", "confidence_bp", "benefit_cents", "cost_cents")
        return features.select(
            pl.col(self.spec.entity).alias("entity"),
            pl.lit(NO_ACTION).alias("action"),
            *(pl.lit(0, dtype=PROPOSALS[name]).alias(name) for name in zeros),
            pl.lit(self.reason).alias("reason"),
        )
