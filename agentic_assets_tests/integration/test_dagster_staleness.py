"""A history that was recorded in bulk is fresh or stale per partition, as if Dagster had run it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from agentic_assets.home import Home
from agentic_assets.orchestration.instance import UNOBSERVED, Materialized, open_instance, record

DAILY = dg.DailyPartitionsDefinition("2013-01-01", end_date="2013-05-01")
MONTHLY = dg.MonthlyPartitionsDefinition("2013-01-01", end_date="2013-05-01")
DELIVERED, CALENDAR, FLIGHTS = (dg.AssetKey(name) for name in ("delivered", "calendar", "flights"))
FEATURES, MODEL, LEDGER = (dg.AssetKey(name) for name in ("features", "model", "ledger"))
DAY, NEXT, FAR = "2013-02-08", "2013-02-09", "2013-02-10"


def reads(key: dg.AssetKey, first: int, last: int) -> dg.AssetDep:
    with pytest.warns(match="allow_nonexistent_upstream_partitions"):
        window = dg.TimeWindowPartitionMapping(first, last, allow_nonexistent_upstream_partitions=True)
    return dg.AssetDep(key, partition_mapping=window)


@pytest.fixture(scope="module")
def graph() -> BaseAssetGraph[Any]:
    def asset(key: dg.AssetKey, cut: Any, deps: Sequence[Any]) -> dg.AssetsDefinition:
        made: dg.AssetsDefinition = dg.asset(key=key, deps=deps, partitions_def=cut, code_version="c")(lambda: None)
        return made

    assets = [
        asset(CALENDAR, None, [DELIVERED]),
        asset(FLIGHTS, DAILY, [DELIVERED]),
        asset(FEATURES, DAILY, [reads(FLIGHTS, -1, 0), CALENDAR]),
        asset(MODEL, MONTHLY, [reads(FLIGHTS, -2, -1)]),
        asset(LEDGER, DAILY, [FEATURES, reads(LEDGER, -1, -1)]),
    ]
    return dg.Definitions(assets=[dg.AssetSpec(DELIVERED), *assets]).resolve_asset_graph()


def a_history(delivered: dict[dg.AssetKey, str]) -> list[Materialized]:
    """Everything in causal order, a day's data version named after the day."""
    days, months = DAILY.get_partition_keys(), MONTHLY.get_partition_keys()
    return [
        Materialized(CALENDAR, None, "calendar", "c", delivered),
        *(Materialized(FLIGHTS, day, f"flights {day}", "c", delivered) for day in days),
        *(Materialized(FEATURES, day, day, "c", {FLIGHTS: "two days", CALENDAR: "calendar"}) for day in days),
        *(Materialized(MODEL, month, month, "c", {FLIGHTS: "two months"}) for month in months),
        *(Materialized(LEDGER, day, day, "c", {FEATURES: day, LEDGER: "the day before"}) for day in days),
    ]


def publish(instance: dg.DagsterInstance, run: str, *some: Materialized) -> None:
    record(instance, run_id=run, job_name="load", step_key="load", materializations=some)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(Home.at(tmp_path)) as opened:
        publish(opened, "first", *a_history({DELIVERED: UNOBSERVED}))
        yield opened


def stale(instance: dg.DagsterInstance, graph: BaseAssetGraph[Any]) -> set[tuple[str, str | None]]:
    """The partitions, of those around one day, that Dagster calls stale; not those stale through another."""
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    asked = [
        (CALENDAR, None),
        *((key, day) for key in (FLIGHTS, FEATURES, LEDGER) for day in (DAY, NEXT, FAR)),
        *((MODEL, month) for month in MONTHLY.get_partition_keys()),
    ]
    status = {(key.to_user_string(), part): resolver.get_status(key, part).value for key, part in asked}
    assert set(status.values()) <= {"FRESH", "STALE"}
    return {one for one, value in status.items() if value == "STALE"}


def test_a_recorded_history_is_fresh_throughout(instance: dg.DagsterInstance, graph: BaseAssetGraph[Any]) -> None:
    assert stale(instance, graph) == set()


def test_a_new_version_of_one_day_makes_only_its_readers_stale(
    instance: dg.DagsterInstance, graph: BaseAssetGraph[Any]
) -> None:
    publish(instance, "second", Materialized(FLIGHTS, DAY, "corrected", "c", {DELIVERED: UNOBSERVED}))
    readers = {("features", DAY), ("features", NEXT), ("model", "2013-03-01"), ("model", "2013-04-01")}
    assert stale(instance, graph) == readers


def test_going_back_to_the_old_version_makes_its_readers_fresh_again(
    instance: dg.DagsterInstance, graph: BaseAssetGraph[Any]
) -> None:
    publish(instance, "second", Materialized(FLIGHTS, DAY, "corrected", "c", {DELIVERED: UNOBSERVED}))
    publish(instance, "third", Materialized(FLIGHTS, DAY, f"flights {DAY}", "c", {DELIVERED: UNOBSERVED}))
    assert stale(instance, graph) == set()


def test_new_code_makes_a_partition_stale(instance: dg.DagsterInstance, graph: BaseAssetGraph[Any]) -> None:
    older = Materialized(FLIGHTS, DAY, f"flights {DAY}", "the code before", {DELIVERED: UNOBSERVED})
    publish(instance, "second", older)
    assert stale(instance, graph) == {("flights", DAY)}


def test_an_input_that_is_not_named_makes_a_partition_stale(tmp_path: Path, graph: BaseAssetGraph[Any]) -> None:
    with open_instance(Home.at(tmp_path)) as instance:
        publish(instance, "first", *a_history({}))
        assert stale(instance, graph) == {("calendar", None), *(("flights", day) for day in (DAY, NEXT, FAR))}
