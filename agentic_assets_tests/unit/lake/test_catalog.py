from __future__ import annotations

import threading

import polars as pl
import pytest

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import SCHEMA, flights


def test_a_new_table_is_empty_and_listed(lake: Lake) -> None:
    table = lake.table("sources/schedule", SCHEMA, partitioned=True)
    assert lake.names() == ("sources/schedule",)
    assert table.files() == {}
    assert table.scan().collect().schema == SCHEMA


def test_opening_a_table_that_does_not_exist_names_it(lake: Lake) -> None:
    with pytest.raises(NotFound, match="no table sources/nothing"):
        lake.open("sources/nothing")


def test_an_empty_lake_lists_no_tables(lake: Lake) -> None:
    assert lake.names() == ()


def test_an_opened_table_knows_its_schema_and_partitioning(lake: Lake) -> None:
    everything = {
        "s": pl.String(),
        "i16": pl.Int16(),
        "i32": pl.Int32(),
        "i64": pl.Int64(),
        "f": pl.Float64(),
        "b": pl.Boolean(),
        "d": pl.Date(),
        "t": pl.Datetime("us", "UTC"),
        "n": pl.Datetime("us"),
        "f32": pl.Float32(),
        "dec": pl.Decimal(12, 2),
        "bytes": pl.Binary(),
        "list": pl.List(pl.Struct({"key": pl.String(), "value": pl.List(pl.Decimal(38, 9))})),
        "struct": pl.Struct({"a": pl.Int16(), "b": pl.Struct({"c": pl.Date()})}),
        "a b.c-é": pl.String(),
    }
    lake.table("every/kind", everything, partitioned=False)
    opened = Lake(lake.root).open("every/kind")
    assert opened.schema == everything
    assert list(opened.schema) == list(everything)
    assert not opened.partitioned


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Categorical(),
        pl.Duration("us"),
        pl.Time(),
        pl.UInt32(),
        pl.Datetime("ns", "UTC"),
        pl.List(pl.Time()),
        pl.Struct({"a": pl.UInt8()}),
        pl.Array(pl.Int32(), 2),
    ],
)
def test_a_type_that_another_engine_would_change_is_refused(lake: Lake, dtype: pl.DataType) -> None:
    with pytest.raises(LakeBroken, match="`bad`"):
        lake.table("sources/schedule", {"flight": pl.Int32(), "bad": dtype}, partitioned=True)
    assert lake.names() == ()


def test_the_name_of_the_partition_column_cannot_be_a_column(lake: Lake) -> None:
    with pytest.raises(LakeBroken, match="`partition`"):
        lake.table("sources/schedule", {"partition": pl.String()}, partitioned=True)


WITH_GATE = pl.DataFrame(
    {"flight": [2], "gate": ["B2"], "origin": ["JFK"]},
    schema={"flight": pl.Int32(), "gate": pl.String(), "origin": pl.String()},
)


def test_columns_added_anywhere_grow_the_table_and_read_as_null_in_older_partitions(lake: Lake, table: Table) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    grown = lake.table("sources/schedule", WITH_GATE.schema, partitioned=True)
    grown.publish([grown.stage("b", WITH_GATE)], run_id="two")
    assert [*grown.schema] == ["flight", "gate", "origin"]
    assert grown.scan().collect().rows() == [(1, None, "EWR"), (2, "B2", "JFK")]
    assert [*Lake(lake.root).open("sources/schedule").schema] == ["flight", "origin", "gate"]


def test_who_does_not_know_a_column_sees_no_such_column_and_leaves_it_null(lake: Lake, table: Table) -> None:
    grown = lake.table("sources/schedule", WITH_GATE.schema, partitioned=True)
    grown.publish([grown.stage("b", WITH_GATE)], run_id="two")
    table.publish([table.stage("c", flights(3))], run_id="three")
    for older in (table, lake.table("sources/schedule", SCHEMA, partitioned=True)):
        assert older.scan().collect().rows() == [(2, "JFK"), (3, "EWR")]
    assert grown.scan().collect().rows() == [(2, "B2", "JFK"), (3, None, "EWR")]


def test_the_bytes_of_a_file_follow_from_the_columns_asked_for_whatever_the_table_was_before(
    lake: Lake, table: Table
) -> None:
    anew = lake.table("sources/anew", WITH_GATE.schema, partitioned=True).stage("b", WITH_GATE)
    grown = lake.table(table.name, WITH_GATE.schema, partitioned=True).stage("b", WITH_GATE)
    assert grown.sha256 == anew.sha256


@pytest.mark.usefixtures("table")
def test_a_column_of_another_type_is_refused_and_nothing_grows(lake: Lake) -> None:
    retyped = {"gate": pl.String(), "flight": pl.Int64(), "origin": pl.String()}
    for ask in (lake.table, Lake(lake.root).table, Lake(lake.root).require):
        with pytest.raises(LakeBroken, match="`flight` is stored as Int32 and was asked for as Int64"):
            ask("sources/schedule", retyped, partitioned=True)
    assert Lake(lake.root).open("sources/schedule").schema == SCHEMA


def test_asking_what_could_be_stored_creates_nothing(lake: Lake) -> None:
    lake.require("sources/schedule", SCHEMA, partitioned=True)
    assert lake.names() == ()


@pytest.mark.usefixtures("table")
def test_another_partitioning_is_refused(lake: Lake) -> None:
    with pytest.raises(LakeBroken, match="stored with partitions"):
        lake.table("sources/schedule", SCHEMA, partitioned=False)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["sources", "sources/schedule/more"])
def test_tables_never_lie_inside_each_other(lake: Lake, name: str) -> None:
    with pytest.raises(LakeBroken):
        lake.table(name, SCHEMA, partitioned=True)
    assert lake.names() == ("sources/schedule",)


@pytest.mark.parametrize("name", ["", "/abs", "../out", "a//b", "Upper", "a/b/", "_hidden"])
def test_a_name_that_leaves_the_lake_or_hides_from_delta_is_refused(lake: Lake, name: str) -> None:
    with pytest.raises(LakeBroken, match="cannot be the name"):
        lake.table(name, SCHEMA, partitioned=True)


def test_threads_that_create_one_table_at_once_all_get_it(lake: Lake) -> None:
    problems: list[BaseException] = []
    barrier = threading.Barrier(8)

    def create() -> None:
        barrier.wait()
        try:
            Lake(lake.root).table("sources/schedule", SCHEMA, partitioned=True)
        except LakeBroken as error:
            problems.append(error)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [version.version for version in lake.open("sources/schedule").versions()] == [0]
