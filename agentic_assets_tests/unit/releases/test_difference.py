"""Versions that came, went and changed are told apart, and files are compared line by line."""

from agentic_assets.releases.difference import FileChange, Move
from agentic_assets.releases.difference.files import file_changes
from agentic_assets.releases.difference.moves import moves
from agentic_assets.versions import Pin


def pin(version: str, digest: str = "", kind: str = "agent", name: str = "a") -> Pin:
    return Pin(kind, name, version, digest or version)


def told(old: list[Pin], new: list[Pin]) -> list[tuple[str, str, str]]:
    found: tuple[Move, ...] = moves(dict.fromkeys(old), dict.fromkeys(new))
    return [(one.state, one.old, one.new) for one in found]


def test_equal_pins_have_not_moved() -> None:
    assert told([pin("1.0.0")], [pin("1.0.0")]) == []


def test_a_raised_version_changed_and_an_unraised_one_is_called_so() -> None:
    assert told([pin("1.0.0")], [pin("1.1.0")]) == [("changed", "1.0.0", "1.1.0")]
    assert told([pin("1.0.0")], [pin("1.0.0", "x")]) == [("same version, other content", "1.0.0", "1.0.0")]


def test_what_has_no_number_just_changed() -> None:
    assert told([pin("-", "x", "code")], [pin("-", "y", "code")]) == [("changed", "-", "-")]


def test_names_that_came_and_went_are_told_apart() -> None:
    assert told([pin("1.0.0", name="a")], [pin("1.0.0", name="b")]) == [
        ("removed", "1.0.0", ""),
        ("added", "", "1.0.0"),
    ]


def test_of_several_versions_of_one_name_each_is_told_for_itself() -> None:
    assert told([pin("1.0.0")], [pin("1.0.0"), pin("2.0.0")]) == [("added", "", "2.0.0")]
    assert told([pin("1.0.0"), pin("2.0.0")], [pin("2.0.0", "x"), pin("3.0.0")]) == [
        ("same version, other content", "2.0.0", "2.0.0"),
        ("changed", "1.0.0", "3.0.0"),
    ]


def test_files_are_compared_line_by_line_and_what_is_no_text_only_named() -> None:
    old = {"same": b"x", "gone": b"a\nb\n", "text": b"a\nb\nc\n", "raw": b"\xff\x00"}
    new = {"same": b"x", "come": b"a\n", "text": b"a\nB\nc\n", "raw": b"\xff\x01"}
    assert file_changes(old, new) == (
        FileChange("come", "added", 1, 0, ("@@ -0,0 +1 @@", "+a")),
        FileChange("gone", "removed", 0, 2, ("@@ -1,2 +0,0 @@", "-a", "-b")),
        FileChange("raw", "changed", 0, 0, ()),
        FileChange("text", "changed", 1, 1, ("@@ -1,3 +1,3 @@", " a", "-b", "+B", " c")),
    )
