from __future__ import annotations

from dataclasses import replace

import lightgbm
import pytest

from agentic_assets.models import Artefact
from agentic_assets.models.importance import importance


def test_the_gains_and_splits_are_those_that_lightgbm_itself_gives(artefact: Artefact) -> None:
    booster = lightgbm.Booster(model_str=artefact.booster)
    gains, splits = booster.feature_importance("gain"), booster.feature_importance("split")

    found = importance(artefact)

    assert tuple(found) == artefact.features
    assert [found[name][1] for name in artefact.features] == list(splits)
    expected = dict(zip(artefact.features, gains / gains.sum(), strict=True))
    assert {name: share for name, (share, _) in found.items()} == pytest.approx(expected, abs=1e-4)


def test_an_artefact_without_a_model_or_without_gains_has_no_importance(artefact: Artefact) -> None:
    assert importance(replace(artefact, kind="none")) == {}
    assert importance(replace(artefact, booster="tree\n")) == {}
