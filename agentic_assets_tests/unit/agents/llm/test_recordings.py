"""Recordings: content-addressed, sorted, replaced whole, and refused when anybody touched them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentic_assets.agents.llm import Recording, Recordings
from agentic_assets.agents.llm.recordings import append
from agentic_assets.errors import ModelRefused
from agentic_assets.versions import of_text


def _recording(name: str) -> Recording:
    return Recording(of_text(name), "function:rules", "sentinel@1.0.0", name, ({"text": f"answer to {name}"},))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file with three recordings."""
    path = tmp_path / "folder" / "sentinel.jsonl"
    append(path, [_recording(name) for name in ("a", "b", "c")])
    return path


def test_a_file_reads_as_it_was_written_sorted_by_key(path: Path) -> None:
    keys = [recording.key for recording in Recordings(path)]
    assert keys == sorted(of_text(name) for name in ("a", "b", "c"))
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == keys


def test_the_order_in_which_answers_came_does_not_change_the_file(path: Path, tmp_path: Path) -> None:
    for name in ("c", "a", "b"):
        append(tmp_path / "other.jsonl", [_recording(name)])
    assert (tmp_path / "other.jsonl").read_bytes() == path.read_bytes()


def test_a_recording_that_is_there_is_never_replaced(path: Path) -> None:
    before = path.read_bytes()
    changed = Recording(of_text("a"), "function:rules", "sentinel@1.0.0", "a", ({"text": "another answer"},))
    append(path, [changed])
    assert path.read_bytes() == before


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append(path, [_recording(str(number))]), range(24)))
    assert len(Recordings(path)) == 24


def test_a_missing_file_holds_no_recordings(tmp_path: Path) -> None:
    assert len(Recordings(tmp_path / "none.jsonl")) == 0


@pytest.mark.parametrize(("old", "new"), [("answer to b", "another b"), ('"asked":"b"', '"asked":"x"')])
def test_an_edited_recording_is_refused_with_its_line(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    line = 1 + next(index for index, each in enumerate(text.splitlines()) if old in each)
    path.write_text(text.replace(old, new))
    with pytest.raises(ModelRefused, match=rf"sentinel.jsonl:{line}: the recording \w+ was edited"):
        len(Recordings(path))


@pytest.mark.parametrize("line", ["{}", "not json", "[]", '{"key": 1}', "null"])
def test_a_line_that_is_no_recording_is_refused(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(ModelRefused, match=r"sentinel.jsonl:4: this is no recording"):
        len(Recordings(path))


def test_a_cut_off_file_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelRefused, match="no recording"):
        len(Recordings(path))


def test_a_request_recorded_twice_is_refused(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    path.write_text(f"{path.read_text()}{first}\n")
    with pytest.raises(ModelRefused, match="is recorded twice"):
        len(Recordings(path))


def test_nothing_is_added_to_a_damaged_file(path: Path) -> None:
    path.write_text(path.read_text().replace("answer to b", "another b"))
    before = path.read_bytes()
    with pytest.raises(ModelRefused, match="was edited"):
        append(path, [_recording("d")])
    assert path.read_bytes() == before
