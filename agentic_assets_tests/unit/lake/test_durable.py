from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from agentic_assets.errors import LakeBroken
from agentic_assets.lake import Lake, Table
from agentic_assets.lake.durable import locked, write_new
from agentic_assets_tests.unit.lake.frames import flights


def test_one_thread_at_a_time_holds_a_lock(tmp_path: Path) -> None:
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with locked(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_that_stays_held_names_its_holder(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        pytest.raises(LakeBroken, match=f"by process {os.getpid()}"),
        locked(tmp_path / "lock", patience_s=0.02),
    ):
        pass


def test_a_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    with locked(tmp_path / "lock", patience_s=0.02):
        pass


def test_a_new_file_never_overwrites(tmp_path: Path) -> None:
    write_new(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"


def test_everything_that_a_commit_rests_on_is_synced(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    original = os.fsync

    def recorded(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        original(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    for number in range(8):
        table.publish([table.stage("a", flights(number))], run_id="one")
    synced.clear()
    staged = table.stage("b", flights(1))
    table.publish([staged], run_id="two")
    log = table.path / "_delta_log"
    assert synced == [
        str(staged.path),
        str(table.path),  # the new partition's folder
        str(table.path / "partition=b"),
        str(log / f"{9:020}.json"),
        str(log / f"{9:020}.checkpoint.parquet"),
        str(log / "_last_checkpoint"),
        str(log),
    ]


def test_a_commit_whose_writer_died_before_syncing_is_synced_by_the_next(
    lake: Lake, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.publish([table.stage("a", flights(1))], run_id="one")
    other = Lake(lake.root).open("sources/schedule")
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    other.publish([other.stage("a", flights(1))], run_id="rerun")
    assert str(table.path / "_delta_log" / f"{1:020}.json") in synced


def test_leftovers_are_swept_by_age_and_published_files_never(table: Table) -> None:
    published = table.publish([table.stage("a", flights(1))], run_id="one")
    table.publish([table.stage("a", flights(2))], run_id="two")
    old, kept, young = (table.stage(name, flights(3)) for name in ("b", "c", "d"))
    for staged in (old, kept):
        os.utime(staged.path, (0, 0))
    swept = table.vacuum(keep_files=[f"_staging/{kept.path.name}"])
    assert swept.files == (f"_staging/{old.path.name}",)
    assert swept.bytes == old.bytes
    assert young.path.exists()
    assert kept.path.exists()
    assert (table.path / published.files["a"]).exists()
    assert len(table.vacuum(older_than=timedelta(0)).files) == 2
