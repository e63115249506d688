from __future__ import annotations

from dataclasses import replace

import pytest

from agentic_assets.errors import ConfigInvalid
from agentic_assets_tests.unit.models.rows import RECIPE


@pytest.mark.parametrize(
    "change",
    [
        {"features": ("wind", "carrier", "late", "hour")},
        {"parameters": {"num_leaves": 8, "min_data_in_leaf": 20}},
        {"rounds": 21},
        {"seed": 1},
        {"min_rows": 501},
        {"measuring_rows": 5},
        {"calibration_gain": 0.0},
        {"window_months": 5},
        {"categorical": ()},
        {"order": ("id",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_shapes_the_model_changes_the_digest(change: dict[str, object]) -> None:
    assert replace(RECIPE, **change).digest != RECIPE.digest  # type: ignore[arg-type]


def test_the_order_in_which_parameters_are_written_does_not_change_the_digest() -> None:
    turned = replace(RECIPE, parameters=dict(reversed(list(RECIPE.parameters.items()))))

    assert turned.digest == RECIPE.digest


@pytest.mark.parametrize("answer", ["bad", "outcome_known_at"])
def test_the_answer_cannot_be_a_feature(answer: str) -> None:
    with pytest.raises(ConfigInvalid, match="learn from its own answer"):
        replace(RECIPE, features=(*RECIPE.features, answer))


def test_a_feature_named_twice_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"names features twice: \['wind'\]"):
        replace(RECIPE, features=(*RECIPE.features, "wind"))


def test_a_categorical_column_must_be_a_feature() -> None:
    with pytest.raises(ConfigInvalid, match=r"\['origin'\] are categorical but no features"):
        replace(RECIPE, categorical=("carrier", "origin"))


@pytest.mark.parametrize("taken", ["num_threads", "deterministic", "seed", "num_iterations"])
def test_a_recipe_cannot_undo_what_makes_training_repeatable(taken: str) -> None:
    with pytest.raises(ConfigInvalid, match="to make training repeatable"):
        replace(RECIPE, parameters={taken: 2})
