"""Train a recipe on what was known before a cut, and measure it on nothing but earlier data."""

from __future__ import annotations

from datetime import date, datetime
from math import isnan
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ModelRefused, PointInTimeViolation
from agentic_assets.models import metrics
from agentic_assets.models.artefact import LIGHTGBM, NO_MODEL, Artefact, Holdout
from agentic_assets.models.booster import Booster
from agentic_assets.models.calibration import Platt
from agentic_assets.models.fitting import fit
from agentic_assets.models.matrix import learn_vocabularies, to_matrix
from agentic_assets.models.recipe import Recipe

__all__ = ["known_before", "train"]

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def known_before(recipe: Recipe, frame: pl.DataFrame, cut: datetime) -> pl.DataFrame:
    """Keep the rows whose label was known before the cut; what is not known, or not known when, is left out."""
    return frame.filter(pl.col(recipe.known_at) < cut, pl.col(recipe.label).is_not_null())


def train(recipe: Recipe, frame: pl.DataFrame, *, serves: str, cut: datetime) -> Artefact:
    """Train on every row of the frame, whatever their order, to serve from the cut on.

    A first model, trained without the last stretch of the window, is measured there, and a calibration with it; the
    served model is trained again on all rows. Fewer than `min_rows` rows give an artefact of kind `none`. Raises
    PointInTimeViolation for a row whose label was not known before the cut, ModelRefused for a null label or a key
    that is not unique.
    """
    name = f"{recipe.name}@{serves}"
    _check(recipe, frame, name, cut)
    if frame.height < recipe.min_rows:
        reason = f"{frame.height} known outcomes before the cut, {recipe.min_rows} are needed"
        return Artefact(name=name, recipe=recipe.pin, kind=NO_MODEL, cut_at=cut, rows=frame.height, reason=reason)
    rows = frame.sort(recipe.order)
    label = rows.get_column(recipe.label).to_numpy().astype(np.bool_)
    vocabularies = learn_vocabularies(rows, recipe.categorical)
    matrix = to_matrix(rows, recipe.features, vocabularies)
    codes = [place for place, feature in enumerate(recipe.features) if feature in vocabularies]
    border = _border(recipe, rows, cut)
    # Between the two lie rows decided before the border and known after it: neither may use them.
    earlier = _spaced((rows.get_column(recipe.known_at) < border).arg_true().to_numpy(), recipe.measuring_rows)
    later = (rows.get_column(recipe.decided_at) >= border).arg_true().to_numpy()
    first, _ = fit(recipe, matrix[earlier], label[earlier], codes)
    calibration, holdout = _measure(recipe, Booster(first).log_odds(matrix[later]), label[later])
    text, trees = fit(recipe, matrix, label, codes)
    days = rows.get_column(recipe.decided_at).dt.date()
    return Artefact(
        name=name,
        recipe=recipe.pin,
        kind=LIGHTGBM,
        cut_at=cut,
        rows=rows.height,
        features=recipe.features,
        vocabularies=vocabularies,
        train_from=cast("date", days.min()),
        train_to=cast("date", days.max()),
        positives=int(label.sum()),
        trees=trees,
        calibration=calibration,
        holdout=holdout,
        booster=text,
    )


def _border(recipe: Recipe, rows: pl.DataFrame, cut: datetime) -> datetime:
    earliest = cast("datetime", rows.get_column(recipe.decided_at).min())
    return cut - min(recipe.holdout, (cut - earliest) / 4)


def _spaced(places: npt.NDArray[np.uint32], most: int) -> npt.NDArray[np.uint32]:
    """Thin places out to at most `most`, evenly."""
    return places if places.size <= most else places[np.arange(most) * places.size // most]


def _measure(recipe: Recipe, log_odds: Scores, truth: Labels) -> tuple[Platt, Holdout]:
    """Measure scores in the order of time; give the calibration that they earned, which may be none."""
    half = truth.size // 2
    trial = Platt.fit(log_odds[:half], truth[:half])
    raw, fitted = Platt().apply(log_odds), trial.apply(log_odds)
    before, after = (metrics.brier(truth[half:], score[half:]) for score in (raw, fitted))
    holdout = Holdout(
        rows=truth.size,
        positives=int(truth.sum()),
        roc_auc=_stored(metrics.roc_auc(truth, raw)),
        average_precision=_stored(metrics.average_precision(truth, raw)),
        brier=_stored(before),
        brier_calibrated=_stored(after),
        calibration_error=_stored(metrics.expected_calibration_error(truth[half:], raw[half:])),
        calibration_error_calibrated=_stored(metrics.expected_calibration_error(truth[half:], fitted[half:])),
    )
    earned = after < before * (1 - recipe.calibration_gain)
    return (Platt.fit(log_odds, truth) if earned else Platt()), holdout


def _stored(figure: float) -> float | None:
    return None if isnan(figure) else round(figure, 6)


def _check(recipe: Recipe, frame: pl.DataFrame, name: str, cut: datetime) -> None:
    late = frame.filter((pl.col(recipe.known_at) >= cut).fill_null(value=True))
    if late.height:
        example = late.select(recipe.order).row(0)
        raise PointInTimeViolation(
            f"{name} would learn from {late.height} of {frame.height} rows whose `{recipe.label}` was not known before "
            f"{cut.isoformat()}, e.g. {example}",
            hint="select the rows with known_before",
        )
    if nulls := frame.get_column(recipe.label).null_count():
        raise ModelRefused(f"{name}: `{recipe.label}` is null on {nulls} of {frame.height} rows")
    if twice := int(frame.select(recipe.order).is_duplicated().sum()):
        raise ModelRefused(
            f"{name}: {twice} of {frame.height} rows share their key {recipe.order}: their order is open"
        )
