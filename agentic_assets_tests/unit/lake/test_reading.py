from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import SCHEMA, flights


def test_partitions_come_in_the_order_asked_for(table: Table) -> None:
    table.publish(
        [table.stage("b", flights(2)), table.stage("a", flights(1)), table.stage("c", flights(3))], run_id="one"
    )
    assert table.scan().collect()["flight"].to_list() == [1, 2, 3]
    assert table.scan(["c", "a"]).collect()["flight"].to_list() == [3, 1]
    assert table.scan([]).collect().schema == SCHEMA


def test_known_files_are_read_in_the_order_given_without_the_log(table: Table) -> None:
    files = table.publish([table.stage("a", flights(1)), table.stage("b", flights(2))], run_id="one").files
    for commit in table.path.glob("_delta_log/*"):
        commit.unlink()
    assert table.scan_files([files["b"], files["a"]]).collect()["flight"].to_list() == [2, 1]
    assert table.scan_files([]).collect().schema == SCHEMA


def test_an_absent_partition_is_named(table: Table) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    with pytest.raises(NotFound, match="no partition 'z'"):
        table.scan(["a", "z"])


def test_a_missing_file_is_named(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1)), table.stage("b", flights(2))], run_id="one")
    (table.path / published.files["b"]).unlink()
    with pytest.raises(LakeBroken, match=f"{published.files['b']} is missing"):
        table.scan()
    with pytest.raises(LakeBroken, match="is missing"):
        table.scan_files([published.files["b"]])
    assert table.scan(["a"]).collect().height == 1


def test_an_earlier_version_reads_as_it_was(table: Table) -> None:
    versions = [table.publish([table.stage("a", flights(n))], run_id=f"run-{n}").delta_version for n in range(25)]
    assert [table.scan(version=version).collect()["flight"].to_list() for version in versions] == [
        [n] for n in range(25)
    ]
    fresh = Lake(table.path.parents[1]).open("sources/schedule")
    assert fresh.files(3) == table.files(3)
    assert table.files(0) == {}


@pytest.mark.parametrize("version", [-1, 2, 99])
def test_a_version_that_never_was_is_refused(table: Table, version: int) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    with pytest.raises(NotFound, match=f"no version {version}: its versions are 0 to 1"):
        table.files(version)


def test_every_commit_says_who_made_it_and_what_it_touched(table: Table) -> None:
    table.publish([table.stage("b", flights(1)), table.stage("a", flights(1))], run_id="one")
    table.publish([table.stage("a", flights(2))], run_id="two")
    assert [(one.version, one.run_id, one.partitions) for one in table.versions()] == [
        (0, "", ()),
        (1, "one", ("a", "b")),
        (2, "two", ("a",)),
    ]
    times = [one.committed_at for one in table.versions()]
    assert times == sorted(times)
    assert all(time.tzinfo is not None for time in times)


def test_what_another_handle_published_is_seen_without_reopening(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    other.publish([other.stage("a", flights(7))], run_id="one")
    assert table.scan().collect()["flight"].to_list() == [7]


def test_reading_does_not_read_the_log_again_when_nothing_moved(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    monkeypatch.delattr(DeltaTable, "get_add_actions")
    assert table.scan(["a"]).collect().height == 1
    assert table.stage("b", flights(2)).replaces == ""


def test_duckdb_and_polars_read_what_was_published(table: Table, tmp_path: Path) -> None:
    for number in range(12):
        table.publish([table.stage(f"2013-01-{1 + number % 4:02}", flights(number, number + 100))], run_id="one")
    by_polars = pl.scan_delta(str(table.path)).sort("partition", "flight").collect()
    uris = DeltaTable(table.path).file_uris()
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select flight, origin, partition::varchar from read_parquet($1, hive_partitioning = true) order by 3, 1",
            [uris],
        ).fetchall()
    assert rows == by_polars.select("flight", "origin", "partition").rows()
    assert by_polars["flight"].to_list() == [8, 108, 9, 109, 10, 110, 11, 111]
    assert by_polars.schema == {**SCHEMA, "partition": pl.String()}
    assert table.scan().collect().rows() == by_polars.drop("partition").rows()


def test_the_number_of_rows_is_in_the_log(table: Table) -> None:
    table.publish([table.stage("a", flights(1, 2, 3)), table.stage("b", flights())], run_id="one")
    assert DeltaTable(table.path).count() == 3


def test_a_partition_with_two_files_is_refused(table: Table) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    flights(2).with_columns(partition=pl.lit("a")).write_delta(str(table.path), mode="append")
    with pytest.raises(LakeBroken, match="2 files in the partition 'a'"):
        table.scan()
