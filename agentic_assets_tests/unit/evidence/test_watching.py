"""What a breaker judges by, counted on real partitions: days that failed, incidents of the data, and money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.domains.departures import deciding, graph
from agentic_assets.errors import PartitionRefused, PolicyInvalid
from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.watching import measured, watch
from agentic_assets.features.drift import INCIDENT, STEADY
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Node, by_day
from agentic_assets.policy.breaker import Breaker
from agentic_assets.policy.rollout import Controls, Kind

DAYS = ("2013-02-08", "2013-02-09", "2013-02-10", "2013-02-11")
FAILED, BROKEN = DAYS[1], DAYS[2]
LIMITS = Breaker(4, 3, error_rate_bp=2_400, drift_incidents=0, worse_than_legacy_bp=1_000)
RATED: dict[str, list[dict[str, Any]]] = {
    deciding.PROPOSALS: [{"entity": "a"}],
    deciding.DECISIONS: [{"entity": "a"}],
    graph.DRIFT: [{"measure": measure} for measure in ("psi", "mean")],  # two rows a day, one verdict
    graph.SCORECARD: [
        {"strategy": "judged", "known": 1, "net_saved_cents": 700},
        {"strategy": "legacy", "known": 1, "net_saved_cents": 900},
        {"strategy": "agent", "known": 1, "net_saved_cents": 500},
    ],
}


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    """Give four days of an agent: no proposals on the second, data that broke on the third, no scores on the last."""
    calendar = Calendar("America/New_York", date(2013, 2, 8), date(2013, 2, 11))
    engine = Engine(Graph(calendar, tuple(_node(asset) for asset in RATED)), Home.at(tmp_path))
    for asset in RATED:
        for day in DAYS:
            engine.run(engine.graph[asset], [day], run_id="one")
    subject = replace(graph.domain().subjects[0], outcomes="", outbox="", kpis="", model="")
    subject = replace(subject, policy=replace(subject.policy, breaker=LIMITS))
    made = Reading(Domain("departures", "t", "d", "o", engine.graph, (subject,), entries=""), Home.at(tmp_path))
    yield made
    made.close()


def _node(asset: str) -> Node:
    rows = pl.DataFrame(RATED[asset])
    schema: dict[str, pl.DataType] = {"day": pl.Date(), **rows.schema}
    if asset == graph.DRIFT:
        schema["verdict"] = pl.String()

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        made = pl.concat([rows.with_columns(pl.lit(day).str.to_date().alias("day")) for day in batch.partitions])
        if asset == graph.DRIFT:
            bad = pl.col("day") == date.fromisoformat(BROKEN)
            made = made.with_columns(pl.when(bad).then(pl.lit(INCIDENT)).otherwise(pl.lit(STEADY)).alias("verdict"))
        if asset == graph.SCORECARD:  # what came of the last day is not known yet
            last = pl.col("day") == date.fromisoformat(DAYS[-1])
            made = made.with_columns(
                *(pl.when(last).then(0).otherwise(name).alias(name) for name in ("known", "net_saved_cents"))
            )
        if asset == deciding.PROPOSALS and FAILED in batch.partitions:
            raise PartitionRefused("the inputs of the day lack")
        return by_day(made.select(*schema), batch.partitions)

    return Node(asset, "toy", Cut.DAY, None, compute, "1", raw_schema=schema)


def test_days_that_failed_incidents_and_money_are_counted(reading: Reading) -> None:
    found = measured(reading, reading.domain.subjects[0], ())
    assert (found.days, found.failed, found.incidents) == (4, 1, 1)
    assert (found.scored, found.judged_cents, found.legacy_cents) == (3, 2_100, 2_700)


def test_each_of_them_trips_the_breaker_with_its_reason(reading: Reading) -> None:
    [found] = watch(reading, notifiers=())
    assert found.reasons == (
        "1 of 4 days were refused or blocked, 24.00 % may be",
        "on 1 days the features were fed by data that broke, 0 may be",
        "over 3 days the agent would have saved $21, the rule before $27; 10.00 % less may be",
    )
    [made] = Controls(reading.store).of("departures")
    assert (made.kind, made.details["failed"], made.details["incidents"]) == (Kind.TRIP, 1, 1)


def test_incidents_of_features_that_nothing_watches_are_no_silence(reading: Reading) -> None:
    [subject] = reading.domain.subjects
    unwatched = replace(subject, drift="")
    with pytest.raises(PolicyInvalid, match="nothing watches the drift of features/departure_delay"):
        measured(reading, unwatched, ())
    without = replace(unwatched, policy=replace(subject.policy, breaker=replace(LIMITS, drift_incidents=None)))
    assert measured(reading, without, ()).incidents == 0
