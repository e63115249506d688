"""The curves behind the charts agree with the figures beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.evidence.report.ranking import curves, wilson
from agentic_assets.models import roc_auc


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 400))
def test_the_area_under_the_drawn_roc_curve_is_the_auc(seed: int, rows: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    bad = random.random(rows) < 0.3
    score = random.integers(0, 10_001, rows)
    traced = curves(bad, score)
    if not bad.any() or bad.all():
        assert traced is None
        return
    assert traced is not None
    x, y = (np.array(axis) for axis in zip(*traced.roc, strict=True))
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    assert area == pytest.approx(roc_auc(bad, score / 10_000), abs=0.006)
    assert traced.roc[-1] == (1.0, 1.0)
    assert traced.precision_recall[-1] == pytest.approx((1.0, traced.base_rate))


def test_a_curve_of_many_rows_is_thinned_to_what_a_screen_shows() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    score = random.integers(0, 10_001, 50_000)
    traced = curves(random.random(50_000) < score / 10_000, score)
    assert traced is not None
    assert len(traced.roc) < 1_000


def test_the_interval_of_a_share_holds_it_and_never_leaves_zero_to_one() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    for part, whole in ((0, 5), (5, 5), (1, 3), (300, 1_000)):
        low, high = wilson(part, whole)
        assert 0 <= low <= part / whole <= high <= 1
    assert wilson(300, 1_000) == pytest.approx((0.2724, 0.3292), abs=1e-3)
