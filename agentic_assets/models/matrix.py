"""From a frame to the matrix that LightGBM reads: frozen order, fixed codes, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import ModelRefused

__all__ = ["learn_vocabularies", "to_matrix"]


def learn_vocabularies(frame: pl.DataFrame, categorical: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """List the values of each categorical column, sorted; the position of a value is its code."""
    return {
        name: tuple(frame.get_column(name).cast(pl.String).drop_nulls().unique().sort().to_list())
        for name in sorted(categorical)
    }


def to_matrix(
    frame: pl.DataFrame, features: Sequence[str], vocabularies: Mapping[str, Sequence[str]]
) -> npt.NDArray[np.float64]:
    """Give rows x features as Float64; null, and a value that training never saw, become NaN (missing).

    Raises ModelRefused for a feature that is absent or whose type cannot be a number.
    """
    if missing := [name for name in features if name not in frame.columns]:
        raise ModelRefused(
            f"{len(missing)} of {len(features)} features are not in the frame, e.g. {missing[:5]}",
            hint="score with the feature set version that the model was trained on",
        )
    columns = []
    for name in features:
        if name in vocabularies:
            codes = {value: float(code) for code, value in enumerate(vocabularies[name])}
            column = pl.col(name).cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.Float64)
        else:
            dtype = frame.schema[name]
            if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
                raise ModelRefused(
                    f"feature {name!r} has type {dtype}, which is no number",
                    hint="declare it as categorical in the recipe",
                )
            column = pl.col(name).cast(pl.Float64)
        columns.append(column.fill_null(float("nan")))
    return np.asarray(frame.select(columns).to_numpy(), dtype=np.float64)
