from __future__ import annotations

import pytest

from agentic_assets.errors import LakeBroken, NotFound, PublishConflict
from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import SCHEMA, flights


def test_an_old_file_comes_back_with_the_same_bytes(table: Table) -> None:
    first = table.publish([table.stage("a", flights(1)), table.stage("b", flights(9))], run_id="one")
    before = (table.path / first.files["a"]).read_bytes()
    table.publish([table.stage("a", flights(2))], run_id="two")
    back = table.readd("a", table.files(first.delta_version)["a"], run_id="undo")
    assert back.files == {"a": first.files["a"]}
    assert back.delta_version == 3
    assert (table.path / table.files()["a"]).read_bytes() == before
    assert table.scan().collect()["flight"].to_list() == [1, 9]
    assert table.versions()[-1].run_id == "undo"


def test_the_file_that_is_current_is_not_committed_again(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    assert table.readd("a", published.files["a"], run_id="undo").delta_version == 1


def test_a_file_of_another_partition_is_refused(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    with pytest.raises(NotFound, match="not a file of the partition 'b'"):
        table.readd("b", published.files["a"], run_id="undo")


def test_a_file_that_is_gone_is_named(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    table.publish([table.stage("a", flights(2))], run_id="two")
    (table.path / published.files["a"]).unlink()
    with pytest.raises(LakeBroken, match="is missing"):
        table.readd("a", published.files["a"], run_id="undo")


def test_a_file_whose_bytes_changed_is_refused(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    table.publish([table.stage("a", flights(2))], run_id="two")
    path = table.path / published.files["a"]
    path.write_bytes(path.read_bytes().replace(b"EWR", b"JFK"))
    with pytest.raises(LakeBroken, match="not those that were published"):
        table.readd("a", published.files["a"], run_id="undo")


def test_a_table_without_partitions_rolls_back_too(lake: Lake) -> None:
    table = lake.table("sources/planes", SCHEMA, partitioned=False)
    first = table.publish([table.stage("", flights(1))], run_id="one")
    table.publish([table.stage("", flights(2))], run_id="two")
    table.readd("", first.files[""], run_id="undo")
    assert table.scan().collect()["flight"].to_list() == [1]


def test_a_rollback_overtakes_what_was_staged_before_it(table: Table) -> None:
    first = table.publish([table.stage("a", flights(1))], run_id="one")
    table.publish([table.stage("a", flights(2))], run_id="two")
    staged = table.stage("a", flights(3))
    table.readd("a", first.files["a"], run_id="undo")
    with pytest.raises(PublishConflict, match="run undo"):
        table.publish([staged], run_id="three")
