from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentic_assets.errors import LakeBroken
from agentic_assets.lake import Lake, Table
from agentic_assets_tests.unit.lake.frames import flights


def _published(table: Table, times: int) -> Path:
    for number in range(times):
        table.publish([table.stage("a", flights(number)), table.stage("b", flights(number))], run_id=f"run-{number}")
    return table.path / "_delta_log"


def _commit(log: Path, version: int) -> Path:
    return log / f"{version:020}.json"


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        (lambda content: b"", "is empty"),
        (lambda content: content[: len(content) // 2], "ends in the middle of a line"),
        (lambda content: bytes(len(content)), "ends in the middle of a line"),
        (lambda content: b"".join(content.splitlines(keepends=True)[:1]), "holds 0 of 2 partitions"),
        (lambda content: b"".join(content.splitlines(keepends=True)[:2]), "holds 0 of 2 partitions"),
    ],
)
@pytest.mark.parametrize("commits", [3, 14])
def test_a_commit_cut_by_a_power_failure_is_never_read_as_half_a_publication(
    table: Table, cut: Callable[[bytes], bytes], says: str, commits: int
) -> None:
    newest = _commit(_published(table, commits), commits)
    newest.write_bytes(cut(newest.read_bytes()))
    with pytest.raises(LakeBroken) as broken:
        Lake(table.path.parents[1]).open("sources/schedule")
    assert f"{newest.name} {says}" in str(broken.value)
    assert f"move {newest} away" in str(broken.value)


def test_after_the_cut_commit_is_moved_away_the_table_is_as_before_it(table: Table) -> None:
    newest = _commit(_published(table, 4), 4)
    before = table.files(3)
    newest.unlink()
    opened = Lake(table.path.parents[1]).open("sources/schedule")
    assert opened.files() == before
    opened.publish([opened.stage("a", flights(3))], run_id="again")
    assert opened.scan(["a"]).collect()["flight"].to_list() == [3]


def test_a_handle_that_is_open_notices_that_its_newest_commit_is_gone(table: Table) -> None:
    newest = _commit(_published(table, 4), 4)
    before = table.files(3)
    newest.unlink()
    assert table.files() == before


def test_a_hole_in_the_log_is_named(table: Table) -> None:
    _commit(_published(table, 5), 3).unlink()
    with pytest.raises(LakeBroken, match=f"no {3:020}.json, but later commits"):
        Lake(table.path.parents[1]).open("sources/schedule")


def test_an_older_commit_that_was_cut_is_named_but_not_called_harmless(table: Table) -> None:
    file = _commit(_published(table, 5), 3)
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(LakeBroken, match="later commits rest on it"):
        Lake(table.path.parents[1]).open("sources/schedule")


@pytest.mark.parametrize("content", [b"", b"PAR1"])
def test_a_damaged_checkpoint_can_be_moved_away(table: Table, content: bytes) -> None:
    log = _published(table, 14)
    expected = table.files()
    checkpoint = next(log.glob("*.checkpoint.parquet"))
    checkpoint.write_bytes(content)
    with pytest.raises(LakeBroken, match="a checkpoint is damaged"):
        Lake(table.path.parents[1]).open("sources/schedule")
    checkpoint.unlink()
    (log / "_last_checkpoint").unlink()
    assert Lake(table.path.parents[1]).open("sources/schedule").files() == expected


def test_an_error_stays_short_however_much_delta_prints(table: Table) -> None:
    _commit(_published(table, 5), 3).unlink()
    with pytest.raises(LakeBroken) as broken:
        Lake(table.path.parents[1]).open("sources/schedule")
    assert len(str(broken.value)) < 600
