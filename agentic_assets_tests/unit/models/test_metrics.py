from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.models import (
    average_precision,
    brier,
    calibration_table,
    expected_calibration_error,
    roc_auc,
)

# Few distinct scores, so that ties are the rule.
_PAIRS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.9, 1.0])), max_size=40)


def _auc_by_pairs(pairs: list[tuple[bool, float]]) -> float:
    wins = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for positive, high in pairs
        for negative, low in pairs
        if positive and not negative
    ]
    return sum(wins) / len(wins) if wins else math.nan


def _precision_by_thresholds(pairs: list[tuple[bool, float]]) -> float:
    positives = sum(label for label, _ in pairs)
    total, found_before = 0.0, 0
    for threshold in sorted({score for _, score in pairs}, reverse=True):
        taken = [label for label, score in pairs if score >= threshold]
        total += (sum(taken) - found_before) * sum(taken) / len(taken)
        found_before = sum(taken)
    return total / positives if positives else math.nan


def _arrays(pairs: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in pairs], dtype=np.bool_), np.array([score for _, score in pairs])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(_PAIRS)
def test_auc_equals_counting_every_pair(pairs: list[tuple[bool, float]]) -> None:
    assert roc_auc(*_arrays(pairs)) == pytest.approx(_auc_by_pairs(pairs), nan_ok=True)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(_PAIRS)
def test_average_precision_equals_walking_down_every_threshold(pairs: list[tuple[bool, float]]) -> None:
    assert average_precision(*_arrays(pairs)) == pytest.approx(_precision_by_thresholds(pairs), nan_ok=True)


def test_ranking_metrics_by_hand() -> None:
    label, score = _arrays([(True, 0.9), (False, 0.8), (True, 0.7), (False, 0.1)])

    assert roc_auc(label, score) == 0.75
    assert average_precision(label, score) == pytest.approx((1 + 2 / 3) / 2)


def test_brier_by_hand() -> None:
    assert brier(*_arrays([(True, 0.5), (False, 0.5), (True, 1.0), (False, 0.0)])) == 0.125


def test_the_calibration_table_compares_score_and_frequency_in_each_band() -> None:
    label, score = _arrays([(True, 0.16), (False, 0.18), (True, 0.95), (True, 1.0), (False, 0.0)])

    table = calibration_table(label, score)

    assert table.select("from_bp", "to_bp", "rows", "frequency").rows() == [
        (0, 200, 1, 0.0),
        (1500, 2000, 2, 0.5),
        (8000, 10000, 2, 1.0),
    ]
    assert table.get_column("mean_score").to_list() == pytest.approx([0.0, 0.17, 0.975])


def test_the_calibration_error_weighs_bands_by_rows() -> None:
    label, score = _arrays([(True, 0.16), (False, 0.18), (True, 0.95), (True, 1.0), (False, 0.0)])

    assert expected_calibration_error(label, score) == pytest.approx((2 * 0.33 + 2 * 0.025) / 5)


def test_nothing_to_measure_is_not_a_number() -> None:
    nothing = _arrays([])

    assert math.isnan(brier(*nothing))
    assert math.isnan(expected_calibration_error(*nothing))
