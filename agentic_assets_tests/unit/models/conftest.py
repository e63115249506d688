from __future__ import annotations

import pytest

from agentic_assets.models import Artefact, train
from agentic_assets_tests.unit.models.rows import CUT, RECIPE, rows


@pytest.fixture(scope="session")
def artefact() -> Artefact:
    return train(RECIPE, rows(), serves="2013-02", cut=CUT)
