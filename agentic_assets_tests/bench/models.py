"""Training, scoring and the scorecard, on the real flights: what is added to plain LightGBM and plain polars."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl

from agentic_assets.domains.departures import costs
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.models import RECIPE, cut_of, train_month, train_months
from agentic_assets.domains.departures.outcomes import outcomes, score
from agentic_assets.models import Artefact, Scorer, known_before
from agentic_assets.models.matrix import learn_vocabularies, to_matrix
from agentic_assets.models.recipe import FIXED
from agentic_assets_tests.bench.table import Row, timed
from agentic_assets_tests.unit.departures import year

_MONTH, _OTHER = "2013-04", "2013-05"


def measure() -> list[Row]:
    """Measure a month of 80,000 training rows, its scores, and a year's scorecard."""
    features = DEPARTURE_DELAY.compute(year.tables(), (year.FIRST, date(2013, 5, 31)))
    truth = outcomes(year.tables()["sources/movements"])
    artefact = train_month(features, truth, _MONTH)
    alone = timed(lambda: train_month(features, truth, _MONTH), repeat=1)
    return [
        Row(
            "models",
            "train a month: select, measure on a hold-out, train again",
            alone,
            "LightGBM on the ready matrix",
            timed(_plain_training(features, truth), repeat=1),
            4.0,
            f"{artefact.rows:,} rows, {artefact.trees} trees",
        ),
        Row(
            "models",
            "train two months in two threads",
            timed(lambda: train_months([_MONTH, _OTHER], lambda _: (features, truth)), repeat=1),
            "one after the other",
            alone + timed(lambda: train_month(features, truth, _OTHER), repeat=1),
            None,
            "0.5 on two idle cores",
        ),
        _scoring(artefact, features),
        _loading(artefact),
        _scorecard(truth),
    ]


def _plain_training(features: pl.DataFrame, truth: pl.DataFrame) -> Callable[[], object]:
    import lightgbm

    labels = truth.select("flight_id", "disrupted", "outcome_known_at")
    joined = known_before(RECIPE, features.join(labels, on="flight_id"), cut_of(_MONTH))
    rows = joined.sort("decided_at", "flight_id")
    matrix = to_matrix(rows, RECIPE.features, learn_vocabularies(rows, RECIPE.categorical))
    label = rows.get_column("disrupted").to_numpy().astype(np.float64)
    parameters = {**RECIPE.parameters, **FIXED, "seed": RECIPE.seed}
    codes = [place for place, name in enumerate(RECIPE.features) if name in RECIPE.categorical]
    return lambda: lightgbm.train(
        parameters,
        lightgbm.Dataset(matrix, label=label, params=parameters, categorical_feature=codes),
        num_boost_round=RECIPE.rounds,
    )


def _scoring(artefact: Artefact, features: pl.DataFrame) -> Row:
    import lightgbm

    month = features.filter(pl.col("day").dt.strftime("%Y-%m") == _MONTH)
    scorer = Scorer(artefact)
    matrix = to_matrix(month, artefact.features, artefact.vocabularies)
    booster = lightgbm.Booster(model_str=artefact.booster)
    return Row(
        "models",
        "score a month of flights",
        timed(lambda: scorer.predict(month)),
        "LightGBM on the ready matrix",
        timed(lambda: booster.predict(matrix, raw_score=True, num_threads=1)),
        3.0,
        f"{month.height:,} rows",
    )


def _loading(artefact: Artefact) -> Row:
    content, digest = artefact.to_bytes(), artefact.digest

    def load() -> None:
        Artefact.from_bytes(content, digest)

    return Row(
        "models",
        "read an artefact, its digest checked first",
        timed(load, repeat=9),
        "SHA-256 of its bytes",
        timed(lambda: hashlib.sha256(content).hexdigest(), repeat=9),
        None,
        f"{len(content) // 1024} KiB",
    )


def _scorecard(truth: pl.DataFrame) -> Row:
    number = pl.int_range(pl.len())
    decisions = truth.select(
        entity="flight_id",
        day="day",
        decided_at=pl.col("outcome_known_at"),
        effective_action=pl.when(number % 20 == 0).then(pl.lit(costs.NOTIFY)).otherwise(pl.lit(costs.NONE)),
        legacy_action=pl.when(number % 9 == 0).then(pl.lit(costs.STANDBY)).otherwise(pl.lit(costs.NONE)),
    )
    status, delay = pl.col("status"), pl.col("arr_delay")

    def by_hand() -> None:
        joined = decisions.join(truth.drop("day"), left_on="entity", right_on="flight_id", how="left")
        for action in (pl.col("effective_action"), pl.col("legacy_action")):
            net = costs.saved_cents(action, status, delay) - costs.cost_cents(action)
            joined.group_by("day").agg(net.sum(), (action != costs.NONE).sum(), pl.col("disrupted").sum())

    return Row(
        "outcomes",
        "scorecard of a year: agent, legacy rule with quotas, nothing",
        timed(lambda: score(decisions, truth)),
        "join and two group-bys, no quotas",
        timed(by_hand),
        6.0,
        f"{decisions.height:,} decisions",
    )
