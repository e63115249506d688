"""Train trees with LightGBM; what they serve is in `booster`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agentic_assets.errors import ModelRefused
from agentic_assets.models.recipe import FIXED, Recipe

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["fit"]


def fit(
    recipe: Recipe, matrix: npt.NDArray[np.float64], label: npt.NDArray[np.bool_], categorical: Sequence[int]
) -> tuple[str, int]:
    """Train on rows in their given order; give the model's text and its number of trees."""
    lightgbm = _lightgbm()
    data = lightgbm.Dataset(
        matrix,
        label=label.astype(np.float64),
        feature_name=list(recipe.features),
        categorical_feature=list(categorical),
        params=_parameters(recipe),
        free_raw_data=True,
    )
    booster = lightgbm.train(_parameters(recipe), data, num_boost_round=recipe.rounds)
    return str(booster.model_to_string()), int(booster.num_trees())


def _parameters(recipe: Recipe) -> dict[str, int | float | str | bool]:
    return {**recipe.parameters, **FIXED, "seed": recipe.seed}


def _lightgbm() -> ModuleType:
    try:
        import lightgbm  # 0.5 s, with pandas and SciPy: only where a model is trained
    except OSError as error:
        raise ModelRefused(
            f"LightGBM cannot start: {str(error)[:200]}", hint="install its OpenMP library: apt-get install libgomp1"
        ) from error
    return lightgbm
