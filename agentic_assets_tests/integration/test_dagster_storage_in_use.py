"""What an instance on the tuned storages does besides writing tables."""

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata
from dagster._core.storage.runs.schema import RunStorageSqlMetadata
from dagster._core.storage.schedules.schema import ScheduleStorageSqlMetadata
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster_postgres import DagsterPostgresStorage

from agentic_assets.errors import ConfigInvalid
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import InstanceStorage, Materialized, open_instance, record
from agentic_assets.orchestration.instance.batch import BatchWriting
from agentic_assets.orchestration.instance.private_api import differences
from agentic_assets.store import schema
from agentic_assets_tests.integration.dagster_instances import open_on, tuned

KEY = dg.AssetKey(["sources", "flights"])
RUN = "00000000-0000-0000-0000-000000000001"
WRITER = """
import sys
from pathlib import Path
import dagster as dg
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import Materialized, open_instance, record
name, root, crash = sys.argv[1:]
with open_instance(Home.at(Path(root))) as instance:
    for number in range(20):
        some = [Materialized(dg.AssetKey([name]), f"{number}-{row}", "v", "c") for row in range(25)]
        record(instance, run_id=name, job_name="load", step_key="load", materializations=some)
    if crash == "crash":
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
"""


def write(instance: dg.DagsterInstance, *partitions: str) -> None:
    some = [Materialized(KEY, partition, "v", "c") for partition in partitions]
    record(instance, run_id=RUN, job_name="load", step_key="load", materializations=some)


def test_the_pinned_dagster_has_the_private_interfaces_that_are_used() -> None:
    assert differences("sqlite") == []
    assert differences("postgres") == []


def test_another_private_interface_falls_back_to_dagsters_own_storage_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def changed(self: object, run_id: str) -> None: ...

    monkeypatch.setattr(SqliteEventLogStorage, "watch", changed)
    with caplog.at_level(logging.WARNING):
        storage = InstanceStorage.from_config_value(None, {"base_dir": str(tmp_path)})
    assert type(storage) is DagsterSqliteStorage
    assert "SqliteEventLogStorage.watch takes (self run_id), not (self run_id cursor callback)" in caplog.text


def test_no_table_of_the_store_bears_the_name_of_one_of_dagsters() -> None:
    """Both may lie in one database."""
    dagsters = {*SqlEventLogStorageMetadata.tables, *RunStorageSqlMetadata.tables, *ScheduleStorageSqlMetadata.tables}
    assert {"event_logs", "runs", "snapshots", "jobs"} <= dagsters
    assert dagsters.isdisjoint(schema.metadata.tables)


@pytest.mark.postgres
def test_another_private_interface_falls_back_to_dagsters_own_postgres(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr("dagster._core.storage.event_log.SqlEventLogStorage._store_asset_event_tags")
    with caplog.at_level(logging.WARNING):
        storage = InstanceStorage.from_config_value(None, {"postgres_url": fresh_postgres_url})
    assert type(storage) is DagsterPostgresStorage
    assert "SqlEventLogStorage._store_asset_event_tags is gone" in caplog.text


def test_without_a_postgres_in_the_environment_state_lies_in_the_dagster_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "here"))
    InstanceStorage.from_config_value(None, {}).event_log_storage.dispose()
    assert (tmp_path / "here" / "history" / "runs" / "index.db").exists()


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "nobody:***@127.0.0.1:1/none"),
        ("postgres://nobody@127.0.0.1:1/none?password=secret", "nobody@127.0.0.1:1/none"),
        ("postgresql://nobody:secret@127.0.0.1:port/none", "which is not a URL"),
        ("host=127.0.0.1 password=secret", "which is not a URL"),
    ],
)
def test_a_postgres_that_cannot_be_reached_is_named_without_its_password(
    url: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_PG_URL", url)
    with pytest.raises(ConfigInvalid, match="cannot be reached") as caught:
        InstanceStorage.from_config_value(None, {})
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_a_dagster_home_state_lies_in_the_home_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    InstanceStorage.from_config_value(None, {}).event_log_storage.dispose()
    assert (tmp_path / "home" / "dagster" / "history" / "runs" / "index.db").exists()


@pytest.mark.postgres
def test_an_instance_on_the_environments_postgres_materializes_and_checks(
    fresh_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_PG_URL", fresh_postgres_url)
    daily = dg.DailyPartitionsDefinition("2013-01-01", end_date="2013-01-06")
    with pytest.warns(match="Specifying a partitions_def on an AssetCheckSpec"):
        contract = dg.AssetCheckSpec("contract", asset=KEY, blocking=True, partitions_def=daily)

    @dg.asset(key=KEY, partitions_def=daily, check_specs=[contract])
    def flights() -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster refuses it with an argument
        results = [dg.AssetCheckResult(passed=True, check_name="contract")]
        return dg.MaterializeResult(data_version=dg.DataVersion("v1"), check_results=results)

    with open_instance(Home.at(tmp_path)) as instance:
        assert isinstance(instance.event_log_storage, BatchWriting)
        assert dg.materialize([flights], partition_key="2013-01-02", instance=instance).success
    assert not list(tmp_path.rglob("*.db"))
    with open_instance(Home.at(tmp_path)) as instance:
        assert instance.get_materialized_partitions(KEY) == {"2013-01-02"}
        (info,) = instance.event_log_storage.get_asset_check_partition_info([contract.key])
        assert (info.partition_key, info.latest_execution_status.value) == ("2013-01-02", "SUCCEEDED")


def test_two_processes_that_record_at_once_lose_nothing(tmp_path: Path) -> None:
    with open_instance(Home.at(tmp_path)):
        pass
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, name, str(tmp_path), "end"], env=environ) for name in ("one", "two")]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    with open_instance(Home.at(tmp_path)) as instance:
        for name in ("one", "two"):
            assert len(instance.get_materialized_partitions(dg.AssetKey([name]))) == 500
            assert len(instance.all_logs(name)) == 500


def test_a_killed_process_loses_nothing_that_it_recorded(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writer = subprocess.run([sys.executable, "-c", WRITER, "one", str(tmp_path), "crash"], env=environ, timeout=120)
    assert writer.returncode == -9
    with open_instance(Home.at(tmp_path)) as instance:
        assert len(instance.get_materialized_partitions(dg.AssetKey(["one"]))) == 500


def test_a_watcher_sees_events_while_the_writer_keeps_its_connection(tmp_path: Path) -> None:
    seen: list[str] = []
    arrived = threading.Event()

    def callback(event: dg.EventLogEntry, _cursor: str) -> None:
        seen.append(str(event.dagster_event and event.dagster_event.partition))
        arrived.set()

    with open_on(tmp_path, tuned(tmp_path)) as writer, open_on(tmp_path, tuned(tmp_path)) as reader:
        write(writer, "a")
        reader.watch_event_logs(RUN, None, callback)
        assert arrived.wait(30)
        arrived.clear()
        write(writer, "b")
        assert arrived.wait(30)
        reader.end_watch_event_logs(RUN, callback)
    assert seen == ["a", "b"]


def test_an_instance_that_was_wiped_can_be_written_again(tmp_path: Path) -> None:
    with open_on(tmp_path, tuned(tmp_path)) as instance:
        write(instance, "a")
        instance.wipe()
        assert instance.get_materialized_partitions(KEY) == set()
        write(instance, "b")
        assert instance.get_materialized_partitions(KEY) == {"b"}
        assert len(instance.all_logs(RUN)) == 1


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted under /proc")
def test_many_runs_keep_few_files_open(tmp_path: Path) -> None:
    some = [Materialized(KEY, "a", "v", "c")]
    with open_on(tmp_path, tuned(tmp_path)) as instance:
        for number in range(20):
            record(instance, run_id=f"run-{number}", job_name="load", step_key="load", materializations=some)
        opened = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.exists()]
        assert len([name for name in opened if str(tmp_path) in name and "run-" in name]) <= 3 * 8
    opened = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert not [name for name in opened if str(tmp_path) in name and "run-" in name]


def test_recording_a_year_of_days_takes_a_small_part_of_the_time_that_one_by_one_takes(tmp_path: Path) -> None:
    some = [Materialized(KEY, f"day {day}", "v", "c", metadata={"rows": day}) for day in range(200)]
    with open_on(tmp_path, tuned(tmp_path)) as instance:
        write(instance, "warm")
        start = time.perf_counter()
        record(instance, run_id=RUN, job_name="load", step_key="load", materializations=some)
        together = time.perf_counter() - start
        logs = instance.all_logs(RUN)[:40]
        start = time.perf_counter()
        for event in logs:
            instance.event_log_storage.store_event(event)
        one_by_one = (time.perf_counter() - start) / len(logs)
    assert together / len(some) < one_by_one / 2
