"""A recipe: everything that, with the rows, determines a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from agentic_assets.errors import ConfigInvalid
from agentic_assets.versions import Pin, of_json

__all__ = ["Recipe"]

# What makes training repeatable belongs to the engine: a recipe cannot change it.
FIXED: Mapping[str, int | bool | str] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Recipe:
    """A binary classifier by name, version, features in their frozen order, parameters and time windows.

    `order` is a unique key: rows are trained in its order, because another order gives another model. `decided_at` and
    `known_at` name the columns that say when a row was decided on and when its label became known. Rows of the last
    `window_months` calendar months are trained on; the last `holdout` of them (at most a quarter of their range)
    measures a model that was trained on the rest, or on `measuring_rows` of it, evenly spaced, where there are more:
    that costs less, and errs on the side of caution. Fewer than `min_rows` give no model. A calibration is adopted only
    if, fitted on the earlier half of the hold-out, it lowers the Brier score of the later half by at least
    `calibration_gain` (a share): fitted on a stormy month, it would otherwise make the calm month after it worse.
    """

    name: str
    version: str
    features: tuple[str, ...]
    label: str
    order: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    decided_at: str = "decided_at"
    known_at: str = "outcome_known_at"
    parameters: Mapping[str, int | float | str] = field(default_factory=dict)
    rounds: int = 150
    seed: int = 20130101
    min_rows: int = 5_000
    measuring_rows: int = 100_000
    window_months: int = 6
    holdout: timedelta = timedelta(days=28)
    calibration_gain: float = 0.05

    def __post_init__(self) -> None:
        if len(set(self.features)) != len(self.features):
            twice = sorted({name for name in self.features if self.features.count(name) > 1})
            raise ConfigInvalid(f"recipe {self.name}@{self.version} names features twice: {twice[:5]}")
        if unknown := sorted(set(self.categorical) - set(self.features)):
            raise ConfigInvalid(f"recipe {self.name}@{self.version}: {unknown[:5]} are categorical but no features")
        if leaking := sorted({self.label, self.known_at} & set(self.features)):
            raise ConfigInvalid(f"recipe {self.name}@{self.version} would learn from its own answer: {leaking}")
        if taken := sorted({*FIXED, "seed", "num_iterations"} & set(self.parameters)):
            raise ConfigInvalid(
                f"recipe {self.name}@{self.version} sets {taken}, which the engine fixes to make training repeatable"
            )

    @property
    def digest(self) -> str:
        """Digest everything of the recipe that shapes a model."""
        shaping = {**self.content, "parameters": {**self.parameters, **FIXED}}
        return of_json({"name": self.name, "version": self.version, **shaping})

    @property
    def content(self) -> dict[str, Any]:
        """Everything that the recipe says, beside its name and number, as plain JSON values."""
        return {
            "features": list(self.features),
            "categorical": sorted(self.categorical),
            "label": self.label,
            "order": list(self.order),
            "decided_at": self.decided_at,
            "known_at": self.known_at,
            "parameters": dict(self.parameters),
            "rounds": self.rounds,
            "seed": self.seed,
            "min_rows": self.min_rows,
            "measuring_rows": self.measuring_rows,
            "window_months": self.window_months,
            "holdout_seconds": int(self.holdout.total_seconds()),
            "calibration_gain": self.calibration_gain,
        }

    @property
    def pin(self) -> Pin:
        """Give the pin of the recipe (kind `recipe`); a trained model has a digest of its own."""
        return Pin("recipe", self.name, self.version, self.digest)
