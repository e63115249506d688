from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ModelRefused, PointInTimeViolation
from agentic_assets.models import Artefact, Platt, Scorer, known_before, train
from agentic_assets_tests.unit.models.rows import CUT, RECIPE, START, rows

_TRAIN = """
from agentic_assets.models import train
from agentic_assets_tests.unit.models.rows import CUT, RECIPE, rows
print(train(RECIPE, rows(), serves="2013-02", cut=CUT).digest)
"""


@pytest.mark.parametrize("threads", ["1", "8"])
def test_another_process_trains_the_same_bytes_whatever_its_threads(artefact: Artefact, threads: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _TRAIN],
        capture_output=True,
        text=True,
        check=True,
        env={"OMP_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads},
    ).stdout

    assert told.strip() == artefact.digest


@settings(max_examples=4, derandomize=True, deadline=None)
@given(st.integers(0, 1_000))
def test_the_order_in_which_rows_arrive_does_not_change_the_model(seed: int) -> None:
    shuffled = rows().sample(fraction=1.0, shuffle=True, seed=seed)

    expected = train(RECIPE, rows(), serves="2013-02", cut=CUT).digest
    assert train(RECIPE, shuffled, serves="2013-02", cut=CUT).digest == expected


def test_the_order_of_the_columns_does_not_change_the_model(artefact: Artefact) -> None:
    turned = rows().select(reversed(rows().columns))

    assert train(RECIPE, turned, serves="2013-02", cut=CUT).digest == artefact.digest


def test_models_trained_at_once_in_threads_are_the_models_trained_one_by_one(artefact: Artefact) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: train(RECIPE, rows(), serves="2013-02", cut=CUT).digest, range(2)))

    assert both == [artefact.digest] * 2


def test_a_row_known_at_the_cut_is_refused_and_named() -> None:
    planted = rows().with_columns(
        outcome_known_at=pl.when(pl.col("id") == "row01234").then(CUT).otherwise("outcome_known_at")
    )

    with pytest.raises(PointInTimeViolation, match=r"1 of 2000 rows .* not known before 2013-01-29.*row01234"):
        train(RECIPE, planted, serves="2013-02", cut=CUT)


def test_a_row_that_is_known_at_no_time_is_refused() -> None:
    planted = rows().with_columns(
        outcome_known_at=pl.when(pl.col("id") == "row01234").then(None).otherwise("outcome_known_at")
    )

    with pytest.raises(PointInTimeViolation, match="1 of 2000"):
        train(RECIPE, planted, serves="2013-02", cut=CUT)


def test_selecting_what_was_known_drops_the_cut_itself_and_labels_that_are_missing() -> None:
    frame = rows(4).with_columns(
        outcome_known_at=pl.Series([CUT, CUT - timedelta(microseconds=1), START, None], dtype=pl.Datetime("us", "UTC")),
        bad=pl.Series([True, True, None, True]),
    )

    assert known_before(RECIPE, frame, CUT).get_column("id").to_list() == ["row00001"]


def test_the_holdout_is_measured_by_a_model_that_never_saw_it() -> None:
    # In the last quarter the signal turns round. A model that had seen it would not be fooled.
    border = CUT - timedelta(days=7)
    turned = rows().with_columns(bad=pl.when(pl.col("decided_at") >= border).then(~pl.col("bad")).otherwise("bad"))

    holdout = train(RECIPE, turned, serves="2013-02", cut=CUT).holdout

    assert holdout is not None
    assert holdout.roc_auc is not None
    assert holdout.roc_auc < 0.4


def test_what_was_decided_before_the_holdout_and_known_in_it_is_in_neither_part() -> None:
    frame = rows()
    slow = frame.with_columns(outcome_known_at=pl.col("decided_at") + pl.duration(hours=23))

    quick_holdout = train(RECIPE, frame, serves="2013-02", cut=CUT).holdout
    slow_holdout = train(RECIPE, slow, serves="2013-02", cut=CUT).holdout

    assert quick_holdout is not None
    assert slow_holdout is not None
    # The measured rows are the same; the first model had fewer rows to learn from, so its figures differ.
    assert slow_holdout.rows == quick_holdout.rows
    assert slow_holdout.brier != quick_holdout.brier


def test_the_model_finds_the_signal(artefact: Artefact) -> None:
    assert artefact.holdout is not None
    assert artefact.holdout.roc_auc is not None
    assert artefact.holdout.roc_auc > 0.75


def test_a_null_label_is_refused() -> None:
    with pytest.raises(ModelRefused, match="`bad` is null on 2000 of 2000 rows"):
        train(RECIPE, rows().with_columns(bad=pl.lit(None, pl.Boolean)), serves="2013-02", cut=CUT)


def test_a_key_that_leaves_the_order_open_is_refused() -> None:
    twice = pl.concat([rows(), rows().head(1)])

    with pytest.raises(ModelRefused, match="2 of 2001 rows share their key"):
        train(RECIPE, twice, serves="2013-02", cut=CUT)


def test_one_class_alone_trains_without_figures_that_do_not_exist() -> None:
    calm = train(RECIPE, rows().with_columns(bad=pl.lit(value=False)), serves="2013-02", cut=CUT)

    assert calm.holdout is not None
    assert calm.holdout.roc_auc is None
    assert Artefact.from_bytes(calm.to_bytes(), calm.digest) == calm


def test_a_calibration_that_does_not_help_out_of_time_is_not_adopted(artefact: Artefact) -> None:
    assert artefact.holdout is not None
    assert artefact.holdout.brier is not None
    assert artefact.holdout.brier_calibrated is not None
    assert artefact.holdout.brier_calibrated > artefact.holdout.brier * 0.95
    assert artefact.calibration == Platt()


def test_a_calibration_that_helps_out_of_time_is_adopted_and_served() -> None:
    # In the last quarter the outcome turns rare, and stays so: all scores are far too high until calibrated.
    border = CUT - timedelta(days=7)
    late = pl.col("decided_at") >= border
    rare = rows().with_columns(bad=pl.col("bad") & (~late | (pl.int_range(pl.len()) % 8 == 0)))

    adopted = train(RECIPE, rare, serves="2013-02", cut=CUT)

    assert adopted.holdout is not None
    assert adopted.holdout.brier is not None
    assert adopted.holdout.brier_calibrated is not None
    assert adopted.holdout.brier_calibrated < adopted.holdout.brier * 0.95
    assert adopted.calibration.shift_millionths < -500_000
    unadopted = replace(adopted, calibration=Platt())
    assert (Scorer(adopted).predict(rows(50)) < Scorer(unadopted).predict(rows(50))).all()


def test_a_cap_on_the_measuring_rows_changes_the_figures_but_not_the_model(artefact: Artefact) -> None:
    capped = train(replace(RECIPE, measuring_rows=700), rows(), serves="2013-02", cut=CUT)

    assert capped.booster == artefact.booster
    assert capped.holdout != artefact.holdout
    assert capped.holdout is not None
    assert artefact.holdout is not None
    assert capped.holdout.rows == artefact.holdout.rows
