from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import LakeBroken, PublishConflict
from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import SCHEMA, flights

DAYS = [str(date(2013, 1, 1) + timedelta(number)) for number in range(365)]


def test_a_published_file_lies_in_its_partition_under_its_digest(table: Table) -> None:
    staged = table.stage("2013-01-01", flights(1, 2))
    published = table.publish([staged], run_id="one")
    file = f"partition=2013-01-01/{staged.sha256}.parquet"
    assert published.files == {"2013-01-01": file}
    assert published.delta_version == 1
    assert hashlib.sha256((table.path / file).read_bytes()).hexdigest() == staged.sha256
    assert not list(table.path.glob("_staging/*"))


def test_the_files_do_not_contain_the_partition_column(table: Table) -> None:
    published = table.publish([table.stage("2013-01-01", flights(1))], run_id="one")
    assert pl.read_parquet_schema(table.path / published.files["2013-01-01"]) == SCHEMA


def test_a_whole_year_is_one_commit(table: Table) -> None:
    published = table.publish(table.stage_all({day: flights(n) for n, day in enumerate(DAYS)}), run_id="year")
    assert published.delta_version == 1
    assert list(table.files()) == DAYS
    assert table.scan().collect()["flight"].to_list() == list(range(365))


def test_overwriting_some_partitions_replaces_exactly_these(table: Table) -> None:
    # delta-rs #4126: for some releases an overwrite with partition filters appended instead, and the rows doubled.
    names = ["2013-01-1", "2013-01-10", "2013-01-11", "2013-01-2"]
    table.publish([table.stage(name, flights(0)) for name in names], run_id="first")
    expected = dict.fromkeys(names, 0)
    for generation in range(1, 25):  # over two checkpoints
        chosen = names[generation % 4 : generation % 4 + 2]
        table.publish([table.stage(name, flights(generation)) for name in chosen], run_id=f"run-{generation}")
        expected |= dict.fromkeys(chosen, generation)
    for source in (pl.scan_delta(str(table.path)), pl.scan_delta(DeltaTable(table.path))):
        rows = source.sort("partition").collect()
        assert dict(zip(rows["partition"], rows["flight"], strict=True)) == expected
        assert rows.height == len(names)
    assert Lake(table.path.parents[1]).open("sources/schedule").files() == table.files()


def test_publishing_the_same_bytes_again_makes_no_commit(table: Table) -> None:
    first = table.publish([table.stage("a", flights(1)), table.stage("b", flights(2))], run_id="one")
    again = table.publish([table.stage("a", flights(1)), table.stage("b", flights(2))], run_id="two")
    assert again == first
    assert len(table.versions()) == 2
    assert not list(table.path.glob("_staging/*"))


def test_only_the_partitions_that_changed_are_in_the_commit(table: Table) -> None:
    table.publish([table.stage("a", flights(1)), table.stage("b", flights(2))], run_id="one")
    published = table.publish([table.stage("a", flights(1)), table.stage("b", flights(3))], run_id="two")
    assert set(published.files) == {"a", "b"}
    assert table.versions()[-1].partitions == ("b",)


def test_publishing_the_very_same_staged_file_twice_is_harmless(table: Table) -> None:
    staged = table.stage("a", flights(1))
    assert table.publish([staged], run_id="one") == table.publish([staged], run_id="one")


def test_publishing_again_heals_a_file_that_was_lost(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    (table.path / published.files["a"]).unlink()
    assert table.publish([table.stage("a", flights(1))], run_id="two") == published
    assert table.scan().collect()["flight"].to_list() == [1]


def test_publishing_nothing_gives_the_current_version(table: Table) -> None:
    assert table.publish([], run_id="one").delta_version == 0


def test_a_partition_without_rows_is_published(table: Table) -> None:
    table.publish([table.stage("a", flights()), table.stage("b", flights(1))], run_id="one")
    assert set(table.files()) == {"a", "b"}
    assert table.scan(["a"]).collect().schema == SCHEMA
    assert pl.scan_delta(str(table.path)).collect().height == 1


def test_a_table_without_partitions_is_replaced_whole(lake: Lake) -> None:
    table = lake.table("sources/planes", SCHEMA, partitioned=False)
    table.publish([table.stage("", flights(1, 2))], run_id="one")
    published = table.publish([table.stage("", flights(3))], run_id="two")
    assert published.files == table.files()
    assert "/" not in published.files[""]
    assert table.scan().collect()["flight"].to_list() == [3]
    assert pl.scan_delta(str(table.path)).collect()["flight"].to_list() == [3]


def test_a_partition_named_twice_is_refused(table: Table) -> None:
    with pytest.raises(LakeBroken, match="twice"):
        table.publish([table.stage("a", flights(1)), table.stage("a", flights(2))], run_id="one")
    assert table.files() == {}


def test_a_staged_file_of_another_table_is_refused(lake: Lake, table: Table) -> None:
    other = lake.table("sources/movements", SCHEMA, partitioned=True)
    with pytest.raises(LakeBroken, match="another table"):
        table.publish([other.stage("a", flights(1))], run_id="one")


def test_a_staged_file_that_vanished_publishes_nothing(table: Table) -> None:
    kept, lost = table.stage("a", flights(1)), table.stage("b", flights(2))
    lost.path.unlink()
    with pytest.raises(LakeBroken, match="of 'b' is gone"):
        table.publish([kept, lost], run_id="one")
    assert table.files() == {}


def test_two_handles_that_staged_the_same_new_partition_do_not_both_publish(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    mine, theirs = table.stage("a", flights(1)), other.stage("a", flights(2))
    table.publish([mine], run_id="early-run")
    with pytest.raises(PublishConflict, match="run early-run"):
        other.publish([theirs], run_id="late-run")
    assert other.scan().collect()["flight"].to_list() == [1]


def test_a_conflict_in_one_partition_publishes_none_of_the_others(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    staged = [other.stage(name, flights(2)) for name in ("a", "b", "c")]
    table.publish([table.stage("b", flights(1))], run_id="early-run")
    with pytest.raises(PublishConflict, match="'b'"):
        other.publish(staged, run_id="late-run")
    assert list(other.files()) == ["b"]


def test_after_a_conflict_staging_again_publishes(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    overtaken = other.stage("a", flights(2))
    table.publish([table.stage("a", flights(1))], run_id="early-run")
    with pytest.raises(PublishConflict):
        other.publish([overtaken], run_id="late-run")
    other.publish([other.stage("a", flights(2))], run_id="late-run")
    assert table.scan().collect()["flight"].to_list() == [2]


def test_two_handles_that_staged_the_same_bytes_agree(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    mine, theirs = table.stage("a", flights(1)), other.stage("a", flights(1))
    assert table.publish([mine], run_id="one") == other.publish([theirs], run_id="two")


def test_a_handle_that_is_behind_publishes_other_partitions_without_conflict(lake: Lake, table: Table) -> None:
    other = Lake(lake.root).open("sources/schedule")
    theirs = other.stage("b", flights(2))
    table.publish([table.stage("a", flights(1))], run_id="one")
    other.publish([theirs], run_id="two")
    assert list(table.files()) == ["a", "b"]


def test_a_commit_that_another_program_slips_in_between_is_not_lost(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A writer that does not know the lock commits right before ours: delta-rs refuses ours, and it is made again.
    stranger = Lake(table.path.parents[1]).open("sources/schedule")
    theirs = stranger.stage("b", flights(2))
    original = DeltaTable.create_write_transaction
    late: list[bool] = []

    def slipping(delta: DeltaTable, *args: object, **named: object) -> None:
        if not late:
            late.append(True)
            target = f"partition=b/{theirs.sha256}.parquet"
            (table.path / "partition=b").mkdir()
            theirs.path.rename(table.path / target)
            from agentic_assets.lake.log import Addition, Log

            assert Log(table.path, "sources/schedule").commit(
                [Addition("b", target, theirs.bytes, theirs.rows)], run_id="stranger", operation="publish"
            )
        original(delta, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(DeltaTable, "create_write_transaction", slipping)
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    assert published.delta_version == 2
    assert [version.run_id for version in table.versions()] == ["", "stranger", "one"]
    assert table.scan().collect()["flight"].to_list() == [1, 2]


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(0, 3), max_size=3), min_size=1),
        max_size=8,
    )
)
def test_any_sequence_of_publications_equals_a_dict(
    tmp_path_factory: pytest.TempPathFactory, publications: list[dict[str, list[int]]]
) -> None:
    root: Path = tmp_path_factory.mktemp("lake")
    table = Lake(root).table("t", SCHEMA, partitioned=True)
    model: dict[str, list[int]] = {}
    history: dict[int, dict[str, list[int]]] = {0: {}}
    for number, publication in enumerate(publications):
        staged = table.stage_all({name: flights(*rows) for name, rows in publication.items()})
        model = {**model, **publication}
        history[table.publish(staged, run_id=f"run-{number}").delta_version] = model
    for version, expected in history.items():
        found = {
            name: table.scan([name], version=version).collect()["flight"].to_list() for name in table.files(version)
        }
        assert found == expected
    assert [one.version for one in table.versions()] == sorted(history)
