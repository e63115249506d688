from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from agentic_assets.errors import ModelRefused
from agentic_assets.models import Artefact, Scorer, basis_points
from agentic_assets.models.booster import Booster
from agentic_assets.models.matrix import to_matrix
from agentic_assets_tests.unit.models.rows import rows

_WITHOUT_OPENMP = """
import sys

class NoOpenMP:
    def find_spec(self, name, path=None, target=None):
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")

sys.meta_path.insert(0, NoOpenMP())
from agentic_assets.errors import ModelRefused
from agentic_assets.models import train
from agentic_assets_tests.unit.models.rows import CUT, RECIPE, rows
try:
    train(RECIPE, rows(), serves="2013-02", cut=CUT)
except ModelRefused as error:
    print(error)
"""


_SERVING_IN_A_FRESH_PROCESS = """
import sys
from agentic_assets.models import Artefact, Scorer
from agentic_assets_tests.unit.models.rows import rows

artefact = Artefact.from_bytes(open(sys.argv[1], "rb").read(), sys.argv[2])
scores = Scorer(artefact).predict(rows(20))
print(f"{len(scores)} scores,", sorted({"lightgbm", "pandas", "scipy"} & {*sys.modules}))
"""


def test_a_row_scores_the_same_bits_alone_and_in_a_batch(artefact: Artefact) -> None:
    scorer, frame = Scorer(artefact), rows(40)

    alone = pl.concat([scorer.predict(frame.slice(place, 1)) for place in range(frame.height)])

    assert_series_equal(scorer.predict(frame), alone, check_exact=True)


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 300))
def test_scores_follow_their_rows_through_any_order(artefact: Artefact, seed: int, count: int) -> None:
    scorer, frame = Scorer(artefact), rows(count)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)

    back = shuffled.with_columns(scorer.predict(shuffled)).sort("id")

    assert_series_equal(back.get_column("score"), scorer.predict(frame), check_exact=True)


def test_a_model_read_back_from_its_bytes_scores_the_same_bits(artefact: Artefact) -> None:
    again = Artefact.from_bytes(artefact.to_bytes(), artefact.digest)

    assert_series_equal(Scorer(again).predict(rows()), Scorer(artefact).predict(rows()), check_exact=True)


def test_no_rows_give_no_scores(artefact: Artefact) -> None:
    assert_series_equal(Scorer(artefact).predict(rows().clear()), pl.Series("score", [], dtype=pl.Float64))


def test_scores_are_probabilities_and_rise_with_the_risk(artefact: Artefact) -> None:
    frame = rows().drop_nulls()
    calm, windy = frame.with_columns(wind=pl.lit(-2.0)), frame.with_columns(wind=pl.lit(2.0))
    low, high = Scorer(artefact).predict(calm), Scorer(artefact).predict(windy)

    assert ((low > 0) & (high < 1) & (low < high)).all()


def test_a_value_that_training_never_saw_counts_as_missing(artefact: Artefact) -> None:
    scorer = Scorer(artefact)
    unseen, missing = (
        rows(50).with_columns(carrier=pl.lit("ZZ")),
        rows(50).with_columns(carrier=pl.lit(None, pl.String)),
    )

    assert_series_equal(scorer.predict(unseen), scorer.predict(missing), check_exact=True)


def test_nan_counts_as_missing(artefact: Artefact) -> None:
    scorer = Scorer(artefact)
    nan, missing = (
        rows(50).with_columns(wind=pl.lit(float("nan"))),
        rows(50).with_columns(wind=pl.lit(None, pl.Float64)),
    )

    assert_series_equal(scorer.predict(nan), scorer.predict(missing), check_exact=True)


def test_a_frame_without_a_feature_is_refused_by_name(artefact: Artefact) -> None:
    with pytest.raises(ModelRefused, match=r"1 of 4 features are not in the frame, e.g. \['wind'\]"):
        Scorer(artefact).predict(rows(3).drop("wind"))


def test_a_feature_that_is_no_number_is_refused(artefact: Artefact) -> None:
    with pytest.raises(ModelRefused, match="feature 'wind' has type String"):
        Scorer(artefact).predict(rows(3).with_columns(wind=pl.lit("strong")))


def test_basis_points_round_to_the_nearest() -> None:
    frame = pl.DataFrame({"score": [0.0, 0.12344, 0.12346, 1.0, None]})

    told = frame.select(basis_points(pl.col("score"))).to_series()

    assert_series_equal(told, pl.Series("score", [0, 1234, 1235, 10_000, None], dtype=pl.Int32))


def test_a_machine_without_openmp_is_told_what_to_install() -> None:
    told = subprocess.run([sys.executable, "-c", _WITHOUT_OPENMP], capture_output=True, text=True, check=True).stdout

    assert "LightGBM cannot start: libgomp.so.1" in told
    assert "apt-get install libgomp1" in told


def test_the_trees_give_the_bits_that_lightgbm_itself_gives(artefact: Artefact) -> None:
    import lightgbm

    matrix = to_matrix(rows(500, seed=11), artefact.features, artefact.vocabularies)

    theirs = lightgbm.Booster(model_str=artefact.booster).predict(matrix, raw_score=True, num_threads=1)

    assert Booster(artefact.booster).log_odds(matrix).tobytes() == np.asarray(theirs).tobytes()


def test_scores_from_several_threads_are_those_of_one(artefact: Artefact) -> None:
    scorer, frames = Scorer(artefact), [rows(200, seed=seed) for seed in range(12)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(scorer.predict, frames))

    for frame, scores in zip(frames, together, strict=True):
        assert_series_equal(scores, scorer.predict(frame), check_exact=True)


def test_serving_imports_neither_the_package_nor_what_it_brings(artefact: Artefact, tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_bytes(artefact.to_bytes())
    told = subprocess.run(
        [sys.executable, "-c", _SERVING_IN_A_FRESH_PROCESS, str(tmp_path / "model.txt"), artefact.digest],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told == "20 scores, []\n"


def test_a_matrix_of_another_width_is_refused(artefact: Artefact) -> None:
    with pytest.raises(ModelRefused, match="takes 4 features and was given 3"):
        Booster(artefact.booster).log_odds(np.zeros((2, 3)))


@pytest.mark.parametrize("text", ["", "tree\nversion=v4\n", "no model at all"])
def test_a_text_that_holds_no_trees_is_refused(text: str) -> None:
    with pytest.raises(ModelRefused, match="LightGBM refuses the model"):
        Booster(text)
