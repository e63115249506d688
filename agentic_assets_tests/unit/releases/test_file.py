"""A lock that cannot be trusted is refused, with the line and what to do."""

from pathlib import Path

import pytest

from agentic_assets.errors import ConfigInvalid
from agentic_assets.releases.lock import LockBroken, Locked, load_lock, lock_text, write_lock
from agentic_assets.versions import of_json


def _locked(kind: str, name: str, version: str, **says: object) -> Locked:
    return Locked(kind, name, version, of_json(says), says)


LOCK = {"b": (_locked("recipe", "r", "1.10.0", a=1), _locked("recipe", "r", "1.9.0", a=None)), "a": ()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_lock(tmp_path / "versions.lock", LOCK)
    return tmp_path / "versions.lock"


def test_versions_stand_in_the_order_of_their_numbers(path: Path) -> None:
    assert [one.version for one in load_lock(path)["b"]] == ["1.9.0", "1.10.0"]


def test_each_entry_knows_its_line(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    for one in load_lock(path)["b"]:
        assert lines[one.line - 1] == f'[b."{one.id}"]'


@pytest.mark.parametrize(
    ("before", "after", "said", "line"),
    [
        ("a = 1", "a = 2", "`recipe r@1.10.0` was edited", 9),
        ("a = 1", "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> theirs", "holds a merge conflict", 11),
        ("lock = 1", "lock = 2", "does not begin with `lock = 1`", 1),
        ("a = 1", "a = ", "is no TOML", 11),
        ("digest = ", "digestive = ", "has no digest", 5),
        ("recipe r@1.10.0", "recipe", "names no version", 9),
        ("[b.", "[[b.", "is no TOML", 5),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(path: Path, before: str, after: str, said: str, line: int) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(LockBroken, match=r"versions\.lock") as refused:
        load_lock(path)
    assert said in refused.value.what
    assert refused.value.line == line
    assert "agentic versions lock" in (refused.value.hint or "")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"lock = 1\nb = 3\n", b"lock = 1\n[b]\nx = 1\n"])
def test_a_file_of_something_else_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LockBroken):
        load_lock(path)


def test_a_domain_under_whose_name_the_file_says_something_else_is_refused(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ConfigInvalid, match="a domain cannot be called 'lock'"):
        write_lock(path, {**LOCK, "lock": LOCK["b"]})
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_stays_whole(path: Path) -> None:
    before = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigInvalid, match="cannot be written"):
        write_lock(path, {})
    assert [*path.parent.iterdir()] == [path]
    path.rmdir()
    path.write_bytes(before)
    assert lock_text(load_lock(path)).encode() == before
