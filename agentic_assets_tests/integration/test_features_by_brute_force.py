"""A thousand entities of every feature set, over the whole year, each computed by filtering what was known."""

from __future__ import annotations

import polars as pl
import pytest

from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.features import FeatureSet
from agentic_assets.features.proofs import oracle
from agentic_assets_tests.unit.departures.year import FIRST, LAST, tables

SAMPLE = 1_000


@pytest.mark.slow
@pytest.mark.parametrize("definition", [DEPARTURE_DELAY], ids=lambda definition: f"{definition.name}")
def test_a_thousand_entities_of_the_year_equal_brute_force_exactly(definition: FeatureSet) -> None:
    built = definition.compute(tables(), (FIRST, LAST))
    sample = built.gather_every(built.height // SAMPLE).head(SAMPLE)
    expected = oracle(definition, tables(), sample.get_column(definition.entity))

    assert expected.height == SAMPLE
    assert sample.get_column(definition.day).n_unique() > 300
    assert [*expected.columns] == [definition.entity, *(feature.name for feature in definition.features)]
    different = {
        name: differing
        for name in expected.columns
        if (differing := int(pl.Series(sample[name].ne_missing(expected[name])).sum()))
    }
    assert different == {}
