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


def test_columns_added_at_the_end_grow_the_table_and_read_as_null_in_older_partitions(lake: Lake, table: Table) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    more = {**SCHEMA, "gate": pl.String()}
    grown = lake.table("sources/schedule", more, partitioned=True)
    with_gate = pl.DataFrame({"flight": [2], "origin": ["JFK"], "gate": ["B2"]}, schema=more)
    grown.publish([grown.stage("b", with_gate)], run_id="two")
    assert grown.scan().collect().rows() == [(1, "EWR", None), (2, "JFK", "B2")]
    assert Lake(lake.root).open("sources/schedule").schema == more


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"flight": pl.Int64(), "origin": pl.String()}, "`flight` is Int64, not Int32"),
        ({"flight": pl.Int32()}, "`origin` String is missing"),
        ({"flight": pl.Int32(), "dest": pl.String()}, "`dest` String is unknown"),
        ({"origin": pl.String(), "flight": pl.Int32()}, "order"),
        ({"flight": pl.Int32(), "gate": pl.String(), "origin": pl.String()}, "`gate` String is unknown"),
    ],
)
@pytest.mark.usefixtures("table")
def test_any_other_change_of_the_schema_is_refused_and_named(
    lake: Lake, schema: dict[str, pl.DataType], says: str
) -> None:
    for handle in (lake, Lake(lake.root)):
        with pytest.raises(LakeBroken) as refused:
            handle.table("sources/schedule", schema, partitioned=True)
        assert says in str(refused.value)
    assert Lake(lake.root).open("sources/schedule").schema == SCHEMA


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
