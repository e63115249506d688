"""Trained artefacts as versions: a recipe and rows known before a cut give one text with one digest."""

from agentic_assets.models.artefact import Artefact, Holdout
from agentic_assets.models.calibration import Platt
from agentic_assets.models.metrics import (
    average_precision,
    brier,
    calibration_table,
    expected_calibration_error,
    roc_auc,
)
from agentic_assets.models.recipe import Recipe
from agentic_assets.models.scorer import Scorer, basis_points
from agentic_assets.models.training import known_before, train

__all__ = [
    "Artefact",
    "Holdout",
    "Platt",
    "Recipe",
    "Scorer",
    "average_precision",
    "basis_points",
    "brier",
    "calibration_table",
    "expected_calibration_error",
    "known_before",
    "roc_auc",
    "train",
]
