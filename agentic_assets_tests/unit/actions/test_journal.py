from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from agentic_assets.actions import JournalActuator
from agentic_assets.errors import ConfigInvalid, NotFound
from agentic_assets_tests.unit.actions.samples import Died, actions, written

A, B, C, *_ = actions(5)


def test_an_action_is_one_line_that_says_everything(journal: JournalActuator, path: Path) -> None:
    result = journal.execute(A)
    (line,) = path.read_bytes().splitlines(keepends=True)
    assert json.loads(line) == {
        "do": "execute",
        "key": A.key,
        "decision_id": A.decision_id,
        "partition": "2013-02-08",
        "agent": "delay_risk@1",
        "entity": "2013-02-08/EWR/UA/0",
        "action": "notify",
        "payload": {"cost_cents": 30000, "number": 0},
    }
    assert result == {"journal": "departures.jsonl", "line_digest": hashlib.sha256(line).hexdigest()}


def test_the_same_key_is_written_once_here_and_after_a_restart(journal: JournalActuator, path: Path) -> None:
    first = journal.execute(A)
    assert journal.execute(A) == first
    with journal.session():
        journal.execute(B)
        journal.execute(B)
        journal.confirm()
    assert JournalActuator(path).execute(A) == first
    assert JournalActuator(path).executed([A.key, B.key, C.key]).keys() == {A.key, B.key}
    assert written(path) == [A.key, B.key]


def test_what_was_not_confirmed_is_not_written(journal: JournalActuator, path: Path) -> None:
    def die_before_confirming() -> None:
        with journal.session():
            journal.execute(A)
            assert A.key in journal.executed([A.key])
            raise Died

    with pytest.raises(Died):
        die_before_confirming()
    assert journal.executed([A.key]) == {}
    assert written(path) == []


def test_a_group_waits_for_the_disk_once(journal: JournalActuator, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.execute(A)
    waits: list[int] = []
    sync = os.fsync

    def counted(file: int) -> None:
        waits.append(file)
        sync(file)

    monkeypatch.setattr(os, "fsync", counted)
    with journal.session():
        for action in actions(1000):
            journal.execute(action)
        journal.confirm()
        journal.confirm()
    assert len(waits) == 1
    assert written(path) == [action.key for action in actions(1000)]


@pytest.mark.parametrize(
    "torn", [b"{", b'{"do":"execute","key":"x"}', b"\0" * 4096, b'\0\0\0\0"payload":{}}\n', b"\xff\xfe"]
)
def test_a_torn_last_line_is_cut_off_and_written_anew(journal: JournalActuator, path: Path, torn: bytes) -> None:
    journal.execute(A)
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    restarted = JournalActuator(path)
    assert restarted.executed([A.key, "x"]).keys() == {A.key}
    assert path.read_bytes() == whole
    restarted.execute(B)
    assert written(path) == [A.key, B.key]


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_a_line_torn_anywhere_is_executed_again(journal: JournalActuator, path: Path, cut: int) -> None:
    journal.execute(A)
    journal.execute(B)
    path.write_bytes(path.read_bytes()[:-cut])
    restarted = JournalActuator(path)
    assert restarted.executed([A.key, B.key]).keys() == {A.key}
    restarted.execute(B)
    assert written(path) == [A.key, B.key]


@pytest.mark.parametrize("damage", [b"", b"garbage", b"[]", b'{"do":"other","key":"x"}', b'{"do":"execute"}', b"\0\0"])
def test_a_journal_that_is_damaged_before_sound_lines_is_refused_and_left_alone(path: Path, damage: bytes) -> None:
    journal = JournalActuator(path)
    journal.execute(A)
    journal.execute(B)
    first, second = path.read_bytes().splitlines(keepends=True)
    content = first + damage + b"\n" + second
    path.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=f"damaged in the line at byte {len(first)}"):
        JournalActuator(path).execute(C)
    assert path.read_bytes() == content


def test_a_whole_last_line_that_is_damaged_is_not_silently_forgotten(journal: JournalActuator, path: Path) -> None:
    journal.execute(A)
    path.write_bytes(path.read_bytes().replace(b'"do"', b'"no"'))
    with pytest.raises(ConfigInvalid, match="restore it from a backup"):
        JournalActuator(path).execute(A)


def test_lines_of_another_process_are_seen_by_the_next_session(journal: JournalActuator, path: Path) -> None:
    journal.execute(A)
    JournalActuator(path).execute(B)
    journal.execute(B)
    assert written(path) == [A.key, B.key]


def test_a_journal_that_was_replaced_is_read_anew(journal: JournalActuator, path: Path) -> None:
    journal.execute(A)
    path.rename(path.with_suffix(".old"))
    journal.execute(A)
    assert written(path) == [A.key]


def test_an_executed_action_is_compensated_once(journal: JournalActuator, path: Path) -> None:
    journal.execute(A)
    first = journal.compensate(A)
    assert JournalActuator(path).compensate(A) == first
    assert (written(path), written(path, "compensate")) == ([A.key], [A.key])
    journal.execute(A)
    assert written(path) == [A.key]


def test_what_was_never_executed_is_not_compensated(journal: JournalActuator, path: Path) -> None:
    with pytest.raises(NotFound, match=r"never executed in departures\.jsonl"):
        journal.compensate(A)
    assert path.read_bytes() == b""


def test_a_full_disk_leaves_no_part_of_a_group(
    journal: JournalActuator, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.execute(A)
    write = os.write

    def half_then_full(file: int, content: bytes) -> int:
        if len(content) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, content[: len(content) // 2])

    monkeypatch.setattr(os, "write", half_then_full)
    with journal.session():
        journal.execute(B)
        journal.execute(C)
        with pytest.raises(ConfigInvalid, match="No space left on device"):
            journal.confirm()
        assert journal.executed([A.key, B.key, C.key]).keys() == {A.key}
    monkeypatch.setattr(os, "write", write)
    assert written(path) == [A.key]
    journal.execute(B)
    assert written(path) == [A.key, B.key]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match="cannot be opened"):
        JournalActuator(tmp_path / "file" / "journal.jsonl").execute(A)


def test_two_sessions_of_one_journal_do_not_nest(journal: JournalActuator) -> None:
    with journal.session(), pytest.raises(RuntimeError, match="is open already"), journal.session():
        pass
