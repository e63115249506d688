"""The tuned storages are a contract with Dagster's own: the same events leave the same tables."""

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import AssetMaterializationPlannedData, AssetObservationData, StepMaterializationData

from agentic_assets.orchestration.instance import Checked, Materialized, record
from agentic_assets.orchestration.instance.batch import BatchWriting
from agentic_assets_tests.integration.dagster_instances import open_on, stock, tuned
from agentic_assets_tests.integration.dagster_tables import Tables, postgres_tables, sqlite_tables

RUN = "00000000-0000-0000-0000-000000000001"
DAILY = dg.DailyPartitionsDefinition("2013-01-01", end_date="2013-01-06")
DAYS = ("2013-01-01", "2013-01-02", "2013-01-03")
FLIGHTS, FEATURES = dg.AssetKey(["sources", "flights"]), dg.AssetKey(["features", "delay"])


class Pair:
    """Two instances of one database: `tuned` and `stock`; and what lies in their tables."""

    def __init__(self, folder: Path, urls: tuple[str, str] | None) -> None:
        self._folder = folder
        self._urls = urls

    def _place(self, kind: str) -> Path | str:
        return self._folder / kind / "state" if self._urls is None else self._urls[kind == "tuned"]

    def open(self, kind: str) -> AbstractContextManager[dg.DagsterInstance]:
        settings = {"tuned": tuned, "stock": stock}[kind]
        return open_on(self._folder / kind, settings(self._place(kind)))

    def tables(self, kind: str) -> Tables:
        place = self._place(kind)
        return sqlite_tables(place) if isinstance(place, Path) else postgres_tables(place)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    if request.param == "sqlite":
        yield Pair(tmp_path, None)
        return
    from agentic_assets_tests.services import fresh_database

    server = request.getfixturevalue("postgres_url")
    with fresh_database(server) as one, fresh_database(server) as other:
        yield Pair(tmp_path, (one, other))


def entry(event_type: dg.DagsterEventType, data: Any, at: float, run_id: str = RUN) -> dg.EventLogEntry:
    event = dg.DagsterEvent(event_type.value, "a_job", step_key="a_step", event_specific_data=data, message="said")
    return dg.EventLogEntry(None, 10, "said", run_id, 1_700_000_000.0 + at, "a_step", "a_job", event)  # type: ignore[no-untyped-call]


def materialized(key: dg.AssetKey, day: str | None, version: str) -> StepMaterializationData:
    tags = {"dagster/data_version": version, "dagster/code_version": "c1", "owner": "team"}
    return StepMaterializationData(dg.AssetMaterialization(key, metadata={"rows": 3}, partition=day, tags=tags))


def evaluated(day: str | None, passed: bool, target: int | None, name: str = "contract") -> dg.AssetCheckEvaluation:
    pointer = target and AssetCheckEvaluationTargetMaterializationData(storage_id=target, run_id=RUN, timestamp=1.0)
    severity = dg.AssetCheckSeverity.ERROR if name == "contract" else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckEvaluation(
        FLIGHTS, name, passed, {"broken": 1}, pointer or None, severity, "why", name == "contract", day
    )


def a_run_of_every_kind() -> list[dg.EventLogEntry]:
    """Planned and unplanned, partitioned or not, passed and failed, twice evaluated, of an asset that is seen again."""
    kinds = dg.DagsterEventType
    subset = DAILY.subset_with_partition_keys(DAYS[:2]).to_serializable_subset()
    data: list[tuple[dg.DagsterEventType, Any]] = [
        (kinds.ASSET_MATERIALIZATION_PLANNED, AssetMaterializationPlannedData(FLIGHTS, partition=DAYS[0])),
        (
            kinds.ASSET_CHECK_EVALUATION_PLANNED,
            AssetCheckEvaluationPlanned(asset_key=FLIGHTS, check_name="contract", partitions_subset=subset),
        ),
        (kinds.ASSET_CHECK_EVALUATION_PLANNED, AssetCheckEvaluationPlanned(asset_key=FLIGHTS, check_name="drift")),
        (kinds.ASSET_MATERIALIZATION, materialized(FLIGHTS, DAYS[0], "v1")),
        (kinds.ASSET_MATERIALIZATION, materialized(FEATURES, DAYS[0], "v2")),
        (kinds.ASSET_MATERIALIZATION, materialized(FLIGHTS, DAYS[1], "v3")),
        (kinds.ASSET_MATERIALIZATION, materialized(FEATURES, None, "v4")),
        (
            kinds.ASSET_OBSERVATION,
            AssetObservationData(
                dg.AssetObservation(FLIGHTS, partition=DAYS[2], tags={"dagster/data_version": "seen"})
            ),
        ),
        (kinds.ASSET_CHECK_EVALUATION, evaluated(DAYS[0], True, 4)),
        (kinds.ASSET_CHECK_EVALUATION, evaluated(DAYS[2], False, None)),
        (kinds.ASSET_CHECK_EVALUATION, evaluated(None, False, 6, "drift")),
        (kinds.ASSET_CHECK_EVALUATION, evaluated(DAYS[2], True, 8)),
        (kinds.ASSET_MATERIALIZATION_PLANNED, AssetMaterializationPlannedData(FEATURES, partition=DAYS[1])),
    ]
    return [entry(kind, one, at) for at, (kind, one) in enumerate(data)]


def test_a_batch_leaves_the_tables_that_dagster_leaves_one_by_one(pair: Pair) -> None:
    events = a_run_of_every_kind()
    with pair.open("tuned") as instance:
        instance.event_log_storage.store_event_batch(events)
    with pair.open("stock") as instance:
        for event in events:
            instance.event_log_storage.store_event(event)
    assert pair.tables("tuned") == pair.tables("stock")


def test_single_events_leave_the_tables_that_dagster_leaves(pair: Pair) -> None:
    for kind in ("tuned", "stock"):
        with pair.open(kind) as instance:
            for event in a_run_of_every_kind():
                instance.event_log_storage.store_event(event)
    assert pair.tables("tuned") == pair.tables("stock")


def test_a_batch_after_other_batches_leaves_the_tables_that_dagster_leaves(pair: Pair) -> None:
    events = a_run_of_every_kind()
    with pair.open("tuned") as instance:
        for start in range(0, len(events), 4):
            instance.event_log_storage.store_event_batch(events[start : start + 4])
    with pair.open("stock") as instance:
        for event in events:
            instance.event_log_storage.store_event(event)
    assert pair.tables("tuned") == pair.tables("stock")


def test_a_batch_of_several_runs_reaches_the_log_of_each(pair: Pair) -> None:
    other = "00000000-0000-0000-0000-000000000002"
    events = [
        entry(dg.DagsterEventType.ASSET_MATERIALIZATION, materialized(FLIGHTS, day, "v"), 0.0, run)
        for run in (RUN, other)
        for day in DAYS
    ]
    with pair.open("tuned") as instance:
        instance.event_log_storage.store_event_batch(events)
        assert [len(instance.all_logs(run)) for run in (RUN, other)] == [3, 3]


def test_a_check_that_was_planned_twice_is_refused_as_dagster_refuses_it(pair: Pair) -> None:
    kinds = dg.DagsterEventType
    plan = AssetCheckEvaluationPlanned(asset_key=FLIGHTS, check_name="contract")
    events = [
        entry(kinds.ASSET_CHECK_EVALUATION_PLANNED, plan, 0.0),
        entry(kinds.ASSET_CHECK_EVALUATION_PLANNED, plan, 1.0),
    ]
    result = entry(kinds.ASSET_CHECK_EVALUATION, evaluated(None, True, None), 2.0)
    for kind in ("tuned", "stock"):
        with pair.open(kind) as instance:
            instance.event_log_storage.store_event_batch(events)
            with pytest.raises(dg.DagsterInvariantViolationError):
                instance.event_log_storage.store_event(result)
            if kind == "tuned":
                with pytest.raises(dg.DagsterInvariantViolationError, match="planned twice"):
                    instance.event_log_storage.store_event_batch([result, result])


def a_history() -> tuple[list[Materialized], list[Checked]]:
    """Three days of two assets; the second day of the first is refused, and with it the second day of the other."""
    good = [DAYS[0], DAYS[2]]
    flights = [Materialized(FLIGHTS, day, f"flights {day}", "c1", metadata={"rows": 3}) for day in good]
    features = [
        Materialized(FEATURES, day, f"features {day}", "c2", inputs={FLIGHTS: f"flights {day}"}, tags={"model": "m1"})
        for day in good
    ]
    checks = [Checked(FLIGHTS, "contract", day, day in good, blocking=True, metadata={"broken": 2}) for day in DAYS]
    drift = [Checked(FLIGHTS, "drift", day, False, dg.AssetCheckSeverity.WARN, description="moved") for day in good]
    return [*flights, *features], [*checks, *drift]


def record_history(instance: dg.DagsterInstance) -> None:
    materializations, checks = a_history()
    record(instance, run_id=RUN, job_name="load", step_key="load", materializations=materializations, checks=checks)


def test_what_is_recorded_is_the_same_on_a_storage_that_takes_no_batches(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("tuned", "stock"):
        ticks = itertools.count(1_700_000_000)
        monkeypatch.setattr(
            "agentic_assets.orchestration.instance.recording.get_current_timestamp",
            lambda ticks=ticks: float(next(ticks)),
        )
        with pair.open(kind) as instance:
            assert isinstance(instance.event_log_storage, BatchWriting) == (kind == "tuned")
            record_history(instance)
    assert pair.tables("tuned") == pair.tables("stock")


def test_a_recorded_history_reads_as_partitions_checks_and_versions(pair: Pair) -> None:
    with pair.open("tuned") as instance:
        record_history(instance)
        log = instance.event_log_storage
        assert instance.get_materialized_partitions(FLIGHTS) == {DAYS[0], DAYS[2]}
        infos = {
            info.partition_key: info
            for info in log.get_asset_check_partition_info([dg.AssetCheckKey(FLIGHTS, "contract")])
        }
        assert {day: infos[day].latest_execution_status.value for day in DAYS} == dict(
            zip(DAYS, ("SUCCEEDED", "FAILED", "SUCCEEDED"), strict=True)
        )
        targets = {
            day: infos[day].latest_target_materialization_storage_id == infos[day].latest_materialization_storage_id
            for day in DAYS
        }
        assert targets == dict.fromkeys(DAYS, True)
        tags = log.get_latest_tags_by_partition(
            FLIGHTS, dg.DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"]
        )
        assert tags[DAYS[2]] == {"dagster/data_version": f"flights {DAYS[2]}"}


def test_a_recorded_event_shows_on_the_page_of_its_run(pair: Pair) -> None:
    with pair.open("tuned") as instance:
        record_history(instance)
        kinds = [log.dagster_event_type for log in instance.all_logs(RUN)]
        assert kinds.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 4
        assert kinds.count(dg.DagsterEventType.ASSET_CHECK_EVALUATION) == 5
        assert kinds.count(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED) == 1  # the refused day
        assert {log.step_key for log in instance.all_logs(RUN)} == {"load"}


def assets(refuse: bool) -> list[dg.AssetsDefinition]:
    contract = dg.AssetCheckSpec("contract", asset=FLIGHTS, blocking=True, partitions_def=DAILY)

    @dg.asset(key=FLIGHTS, partitions_def=DAILY, code_version="c1", check_specs=[contract], output_required=False)
    def flights(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        result = dg.AssetCheckResult(passed=not refuse, check_name="contract", asset_key=FLIGHTS)
        if refuse:
            yield result
        else:
            yield dg.MaterializeResult(data_version=dg.DataVersion("v1"), check_results=[result])

    @dg.asset(key=FEATURES, partitions_def=DAILY, deps=[FLIGHTS], code_version="c2")
    def features() -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(data_version=dg.DataVersion("w1"))

    return [flights, features]


@pytest.mark.filterwarnings("ignore:Specifying a partitions_def on an AssetCheckSpec")
def test_a_blocking_check_stops_what_is_downstream_on_either_storage(pair: Pair) -> None:
    seen = {}
    for kind in ("tuned", "stock"):
        with pair.open(kind) as instance:
            good = dg.materialize(assets(refuse=False), partition_key=DAYS[0], instance=instance)
            bad = dg.materialize(assets(refuse=True), partition_key=DAYS[1], instance=instance, raise_on_error=False)
            assert (good.success, bad.success) == (True, False)
            assert instance.get_materialized_partitions(FEATURES) == {DAYS[0]}
        seen[kind] = shape(pair.tables(kind))
    assert seen["tuned"] == seen["stock"]


def shape(tables: Tables) -> dict[str, list[tuple[Any, ...]]]:
    """What two runs of the same job have in common: not their ids, times and durations."""
    columns = (
        "id",
        "dagster_event_type",
        "step_key",
        "asset_key",
        "partition",
        "check_name",
        "execution_status",
        "status",
    )
    ids = ("evaluation_event_storage_id", "materialization_event_storage_id", "event_id", "key")
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, rows in tables.items():
        file, _, table = name.rpartition(":")
        if "snapshot" not in table:
            part = "run" if file and not file.endswith(("index.db", "runs.db", "schedules.db")) else file
            found.setdefault(f"{part}:{table}", []).extend(
                tuple(row.get(column) for column in (*columns, *ids)) for row in rows
            )
    return {name: sorted(rows, key=str) for name, rows in found.items()}
