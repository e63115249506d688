"""What changed in the files of a domain, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

__all__ = ["FileChange", "file_changes"]


@dataclass(frozen=True)
class FileChange:
    """One file that differs; `lines` are its changed lines with three around them, none for what is no text."""

    path: str
    state: Literal["added", "removed", "changed"]
    added: int
    removed: int
    lines: tuple[str, ...]


def file_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """List the files that differ, by path."""
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(_change(path, old.get(path), new.get(path)) for path in paths)


def _change(path: str, old: bytes | None, new: bytes | None) -> FileChange:
    state: Literal["added", "removed", "changed"] = "added" if old is None else "removed" if new is None else "changed"
    try:
        before, after = ((side or b"").decode("utf-8").splitlines() for side in (old, new))
    except UnicodeDecodeError:
        return FileChange(path, state, 0, 0, ())
    lines = tuple(unified_diff(before, after, n=3, lineterm=""))[2:]
    return FileChange(
        path,
        state,
        sum(line.startswith("+") for line in lines),
        sum(line.startswith("-") for line in lines),
        lines,
    )
