"""Assert in a test what the engine proves of a feature set in production."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from agentic_assets.features import FeatureSet
from agentic_assets.features.proofs import prove

__all__ = ["assert_proved"]


def assert_proved(
    definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], days: tuple[date, date], *, sample: int = 50
) -> None:
    """Fail with every law that does not hold on the days, each with how many rows differ and one of them.

    `inputs` are those of `FeatureSet.compute`: the days and the lookback before them.
    """
    broken = [proof for proof in prove(definition, inputs, days, sample=sample) if not proof.passed]
    lines = [
        f"  - {proof.law}: {proof.differing} of {proof.compared} rows differ, e.g. {proof.example}" for proof in broken
    ]
    where = f"feature set {definition.name}@{definition.version} on {days[0]} to {days[1]}"
    assert not broken, "\n".join([f"{where} breaks {len(broken)} laws:", *lines])
