"""The figures that the domain states about its model, made again from the delivered flights."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from agentic_assets.domains.departures import agent, legacy, tuning
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.models import cut_of, train_months
from agentic_assets.domains.departures.outcomes import closes_at, outcomes
from agentic_assets.domains.departures.tuning import Thresholds
from agentic_assets.models import Artefact, Scorer, average_precision, basis_points, brier, roc_auc
from agentic_assets.outcomes import mean_interval
from agentic_assets_tests.unit.departures import year

pytestmark = pytest.mark.slow

MONTHS = [f"2013-{month:02}" for month in range(4, 13)]


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    return outcomes(year.tables()["sources/movements"])


@pytest.fixture(scope="module")
def features() -> pl.DataFrame:
    return DEPARTURE_DELAY.compute(year.tables(), (year.FIRST, year.LAST))


@pytest.fixture(scope="module")
def artefacts(features: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Artefact]:
    return train_months(MONTHS, lambda month: (features, truth))


@pytest.fixture(scope="module")
def scored(features: pl.DataFrame, truth: pl.DataFrame, artefacts: dict[str, Artefact]) -> pl.DataFrame:
    parts = []
    for month, artefact in artefacts.items():
        own = features.filter(pl.col("day").dt.strftime("%Y-%m") == month)
        score = own.select("flight_id", "day", "origin", "decided_at").with_columns(Scorer(artefact).predict(own))
        parts.append(score.with_columns(basis_points(pl.col("score")).alias("score_bp")))
    return _with_outcome(pl.concat(parts), truth)


@pytest.fixture(scope="module")
def by_table(features: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    parts = []
    for month in MONTHS:
        own = features.filter(pl.col("day").dt.strftime("%Y-%m") == month)
        table = legacy.legacy_table(features, truth, month=month, cut=cut_of(month))
        risk = legacy.legacy_risk_bp(own, table).alias("score_bp")
        parts.append(own.select("flight_id", "day", "origin", "decided_at").with_columns(risk))
    return _with_outcome(pl.concat(parts), truth)


def _with_outcome(scores: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    known = truth.select("flight_id", "status", "arr_delay", "disrupted")
    return scores.join(known, on="flight_id", how="left", validate="1:1").rename({"flight_id": "entity"})


def _spring(scored: pl.DataFrame) -> pl.DataFrame:
    return scored.filter(pl.col("day") < date(2013, 7, 1))


def _out_of_time(scored: pl.DataFrame) -> pl.DataFrame:
    return scored.filter(pl.col("day") >= date(2013, 7, 1))


def _per_day(scored: pl.DataFrame, thresholds: Thresholds) -> int:
    return mean_interval(tuning.net_saved(scored, thresholds).get_column("net_saved_cents")).mean or 0


def test_every_outcome_of_the_year_is_known_when_its_day_closes(truth: pl.DataFrame) -> None:
    midnight = pl.col("day").dt.offset_by("1d").cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York")

    assert truth.height == 336_776
    assert truth.select((pl.col("outcome_known_at") > closes_at(pl.col("day"))).sum()).item() == 0
    assert truth.select((pl.col("outcome_known_at") > midnight.dt.convert_time_zone("UTC")).sum()).item() == 27_198
    assert truth.get_column("outcome_known_at").min() > datetime(2013, 1, 1, tzinfo=UTC)  # type: ignore[operator]


def test_july_to_december_served_by_the_months_own_models_reaches_the_bars(scored: pl.DataFrame) -> None:
    later = _out_of_time(scored)
    label, score = later.get_column("disrupted").to_numpy(), later.get_column("score").to_numpy()

    assert roc_auc(label, score) >= 0.82
    assert average_precision(label, score) >= 0.48


def test_the_model_ranks_far_better_than_the_legacy_table(scored: pl.DataFrame, by_table: pl.DataFrame) -> None:
    later = _out_of_time(by_table)
    label, score = later.get_column("disrupted").to_numpy(), later.get_column("score_bp").cast(pl.Float64).to_numpy()

    assert roc_auc(label, score) == pytest.approx(0.68, abs=0.01)
    assert average_precision(label, score) == pytest.approx(0.18, abs=0.01)


def test_scores_are_honest_probabilities_as_they_come(scored: pl.DataFrame) -> None:
    later = _out_of_time(scored)
    label, score = later.get_column("disrupted").to_numpy(), later.get_column("score").to_numpy()

    # As good as a constant that knows the base rate would be .0898.
    assert brier(label, score) < 0.068
    assert abs(float(score.mean()) - float(label.mean())) < 0.015


def test_the_tuned_thresholds_are_what_spring_gives(scored: pl.DataFrame) -> None:
    spring = _spring(scored)
    # The top is flat, and another processor may round a tree differently: what counts is what is earned.
    best = _per_day(spring, tuning.tune(spring, tuning.AGENT_GRID))
    near = [
        pair
        for pair in tuning.AGENT_GRID
        if abs(pair.standby_from_bp - tuning.TUNED.standby_from_bp) <= 500
        and abs(pair.notify_from_bp - tuning.TUNED.notify_from_bp) <= 500
    ]

    assert _per_day(spring, tuning.TUNED) >= 0.99 * best
    assert len(near) == 9
    assert min(_per_day(spring, pair) for pair in near) >= 0.94 * best


def test_the_thresholds_of_the_legacy_rule_are_what_spring_gives(by_table: pl.DataFrame) -> None:
    found = tuning.tune(_spring(by_table), tuning.LEGACY_GRID)

    assert found == Thresholds(legacy.STANDBY_FROM_BP, legacy.NOTIFY_FROM_BP)


def test_the_agent_uses_thresholds_and_benefits_that_spring_supports(scored: pl.DataFrame) -> None:
    spring, spec = _spring(scored), agent.delay_risk()
    used = Thresholds(spec.integer("standby_from_bp"), spec.integer("notify_from_bp"))

    assert _per_day(spring, used) >= 0.97 * _per_day(spring, tuning.TUNED)
    for action, from_bp in (("standby", used.standby_from_bp), ("notify", used.notify_from_bp)):
        found = tuning.benefit_per_100_bp(spring, action, from_bp=from_bp)
        assert spec.integer(f"{action}_benefit_cents_per_100_bp") == pytest.approx(found, rel=0.1)


def test_out_of_time_the_agent_saves_more_than_the_legacy_rule_beyond_doubt(
    scored: pl.DataFrame, by_table: pl.DataFrame
) -> None:
    rule = Thresholds(legacy.STANDBY_FROM_BP, legacy.NOTIFY_FROM_BP)
    ours = tuning.net_saved(_out_of_time(scored), tuning.TUNED)
    theirs = tuning.net_saved(_out_of_time(by_table), rule)

    low = mean_interval(ours.get_column("net_saved_cents") - theirs.get_column("net_saved_cents")).low
    assert low is not None
    assert low > 1_000_000
