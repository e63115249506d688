from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from agentic_assets.contracts import gate, load
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.models import (
    RECIPE,
    ROW,
    TRAINING_MONTHS,
    artefact_of,
    cut_of,
    frame_of,
    train_month,
    train_months,
)
from agentic_assets.errors import ModelRefused
from agentic_assets.models import Artefact, Scorer

MONTH = "2013-03"
CUT = datetime(2013, 3, 1, 3, tzinfo=UTC)
_CONTRACT = Path(__file__).parents[3] / "contracts" / "departures" / "delay_risk_model.odcs.yaml"


def _features(days: int = 64, *, a_day: int = 100) -> pl.DataFrame:
    """Give made-up rows from 1 January on in the feature set's columns: late aircraft make risk, the rest is noise."""
    random = np.random.default_rng(2)
    count = days * a_day
    decided = [
        datetime(2013, 1, 1, 8, tzinfo=UTC) + timedelta(days=place // a_day, minutes=9 * (place % a_day))
        for place in range(count)
    ]
    columns: dict[str, pl.Series] = {
        "flight_id": pl.Series([f"{at:%Y-%m-%d}/EWR/UA/{place:05}" for place, at in enumerate(decided)]),
        "day": pl.Series([at.date() for at in decided]),
        "decided_at": pl.Series(decided, dtype=pl.Datetime("us", "UTC")),
    }
    for feature in DEPARTURE_DELAY.features:
        if feature.dtype == pl.String():
            columns[feature.name] = pl.Series(random.choice(["AAA", "BBB", "CCC"], count))
        elif feature.dtype.is_integer():
            columns[feature.name] = pl.Series(random.integers(-60, 60, count)).cast(feature.dtype)
        else:
            columns[feature.name] = pl.Series(random.normal(size=count)).cast(feature.dtype)
    return pl.DataFrame(columns)


def _outcomes(features: pl.DataFrame) -> pl.DataFrame:
    noise = pl.Series(np.random.default_rng(3).normal(scale=20, size=features.height))
    return features.select(
        "flight_id",
        "day",
        disrupted=pl.col("inbound_slack_minutes") + noise < -45,
        outcome_known_at=pl.col("decided_at") + pl.duration(hours=5),
    )


@pytest.fixture(scope="module")
def features() -> pl.DataFrame:
    return _features()


@pytest.fixture(scope="module")
def outcomes(features: pl.DataFrame) -> pl.DataFrame:
    return _outcomes(features)


@pytest.fixture(scope="module")
def march(features: pl.DataFrame, outcomes: pl.DataFrame) -> Artefact:
    return train_month(features, outcomes, MONTH)


@pytest.mark.parametrize(
    ("month", "cut"),
    [
        ("2013-01", datetime(2013, 1, 1, 3, tzinfo=UTC)),
        ("2013-07", datetime(2013, 7, 1, 2, tzinfo=UTC)),
        # Summer time still holds when November begins, and does not when March does.
        ("2013-11", datetime(2013, 11, 1, 2, tzinfo=UTC)),
        ("2013-03", CUT),
    ],
)
def test_a_month_learns_from_what_was_known_two_hours_before_its_local_beginning(month: str, cut: datetime) -> None:
    assert cut_of(month) == cut


def test_the_recipe_takes_every_feature_of_the_set_in_its_order_and_nothing_else() -> None:
    assert RECIPE.features == tuple(feature.name for feature in DEPARTURE_DELAY.features)
    assert set(RECIPE.categorical) == {"carrier", "origin", "dest"}


def test_the_model_serves_the_month_and_finds_the_signal(march: Artefact) -> None:
    assert march.serves
    assert march.name == "delay_risk@2013-03"
    assert march.cut_at == CUT
    assert march.holdout is not None
    assert march.holdout.roc_auc is not None
    assert march.holdout.roc_auc > 0.8


def test_nothing_that_became_known_at_the_cut_or_later_changes_a_byte_of_the_model(
    features: pl.DataFrame, outcomes: pl.DataFrame, march: Artefact
) -> None:
    late = pl.col("outcome_known_at") >= CUT
    assert outcomes.filter(late).height > 100
    planted = outcomes.with_columns(disrupted=pl.when(late).then(~pl.col("disrupted")).otherwise("disrupted"))
    shifted = features.with_columns(
        inbound_slack_minutes=pl.when(pl.Series(outcomes.select(late).to_series()))
        .then(999)
        .otherwise("inbound_slack_minutes")
    )

    assert train_month(shifted, planted, MONTH).digest == march.digest


def test_an_outcome_that_becomes_known_earlier_does_enter(
    features: pl.DataFrame, outcomes: pl.DataFrame, march: Artefact
) -> None:
    earlier = outcomes.with_columns(outcome_known_at=pl.col("outcome_known_at") - pl.duration(days=2))

    assert train_month(features, earlier, MONTH).rows > march.rows


def test_days_before_the_training_window_change_nothing(features: pl.DataFrame, outcomes: pl.DataFrame) -> None:
    a_year_on = f"{int(MONTH[:4]) + TRAINING_MONTHS // 12}-{MONTH[5:]}"
    inside = pl.col("day") >= date(2013, 3, 1)

    # Only the rows of March 2013 lie in the twelve months before March 2014: too few for a model.
    assert train_month(features, outcomes, a_year_on).rows == features.filter(inside).height


def test_months_trained_at_once_are_the_months_trained_alone(
    features: pl.DataFrame, outcomes: pl.DataFrame, march: Artefact
) -> None:
    made = train_months([MONTH, "2013-01", "2013-04"], lambda month: (features, outcomes))

    assert list(made) == [MONTH, "2013-01", "2013-04"]
    assert made[MONTH].digest == march.digest
    assert made["2013-04"].rows > march.rows


def test_a_month_without_enough_known_outcomes_has_a_row_and_no_model(
    features: pl.DataFrame, outcomes: pl.DataFrame
) -> None:
    january = train_month(features, outcomes, "2013-01")
    row = frame_of(january, "2013-01")

    assert not january.serves
    assert row.select("month", "model", "train_rows", "train_from", "auc_holdout", "trees").rows() == [
        ("2013-01", "delay_risk@2013-01", 0, None, None, 0)
    ]
    with pytest.raises(ModelRefused, match="holds no model"):
        Scorer(artefact_of(row))


def test_a_model_comes_back_from_its_row_as_it_was(march: Artefact) -> None:
    assert artefact_of(frame_of(march, MONTH)) == march


def test_an_edited_payload_in_the_lake_is_refused(march: Artefact) -> None:
    edited = frame_of(march, MONTH).with_columns(pl.col("payload").str.replace("leaf_value=", "leaf_value=1 "))

    with pytest.raises(ModelRefused, match=march.digest):
        artefact_of(edited)


@pytest.mark.parametrize("month", ["2013-01", MONTH])
def test_the_row_keeps_its_contract(features: pl.DataFrame, outcomes: pl.DataFrame, month: str) -> None:
    contract = load(_CONTRACT)
    result = gate(frame_of(train_month(features, outcomes, month), month), contract, partition=month)

    assert contract.schema == ROW
    assert (result.valid.height, result.quarantined.height, result.findings) == (1, 0, ())
