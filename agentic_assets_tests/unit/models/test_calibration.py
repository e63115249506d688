from __future__ import annotations

import numpy as np
import pytest

from agentic_assets.models import Platt, expected_calibration_error


def test_a_fit_finds_the_line_that_made_the_outcomes() -> None:
    random = np.random.default_rng(3)
    log_odds = random.normal(scale=2.0, size=40_000)
    label = random.random(log_odds.size) < 1 / (1 + np.exp(-(0.6 * log_odds - 1.0)))

    fitted = Platt.fit(log_odds, label)

    assert fitted.slope_millionths == pytest.approx(600_000, rel=0.05)
    assert fitted.shift_millionths == pytest.approx(-1_000_000, rel=0.05)
    assert expected_calibration_error(label, fitted.apply(log_odds)) < 0.01
    assert expected_calibration_error(label, Platt().apply(log_odds)) > 0.1


def test_a_fit_never_turns_the_order_of_scores() -> None:
    log_odds = np.linspace(-3, 3, 1_000)
    against = log_odds < 0

    assert Platt.fit(log_odds, against) == Platt()


@pytest.mark.parametrize("label", [True, False])
def test_one_class_alone_leaves_the_scores_as_they_are(label: bool) -> None:
    assert Platt.fit(np.linspace(-1, 1, 10), np.full(10, label)) == Platt()


def test_scores_that_are_all_equal_give_their_frequency() -> None:
    label = np.arange(1_000) % 4 == 0

    fitted = Platt.fit(np.full(1_000, -0.5), label)

    assert fitted.apply(np.array([-0.5]))[0] == pytest.approx(0.25, abs=0.001)


def test_perfectly_separated_scores_give_finite_numbers() -> None:
    log_odds = np.linspace(-3, 3, 1_000)

    fitted = Platt.fit(log_odds, log_odds > 0).apply(log_odds)

    assert np.isfinite(fitted).all()
