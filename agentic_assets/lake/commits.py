"""The commit files of a Delta log as plain JSON lines: who committed, and whether a file is whole.

delta-rs reads an empty commit file as a commit without actions, and one cut between two lines as one with fewer: a
power cut could so halve a publication in silence. What this package commits says how much it holds; it is counted here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentic_assets.errors import LakeBroken
from agentic_assets.lake.records import Version

__all__ = ["commit_file", "exists", "first_line", "log_unreadable", "origin", "read_version", "require_whole"]

_RUN = "runId"
_PARTITIONS = "partitions"
_COMMIT = re.compile(r"(\d{20})\.json")


def origin(run_id: str, partitions: list[str], reason: str) -> dict[str, Any]:
    """Give what a commit says about itself beside Delta's own fields."""
    return {_RUN: run_id, _PARTITIONS: partitions, "reason": reason}


def commit_file(table: Path, version: int) -> Path:
    """Give the file of one commit."""
    return table / "_delta_log" / f"{version:020}.json"


def exists(table: Path) -> bool:
    """Say whether a Delta table was created in this folder, without reading its log."""
    return commit_file(table, 0).exists()


def read_version(table: Path, name: str, version: int) -> Version:
    """Read who made a commit, when, and of which partitions."""
    info = _commit_info(commit_file(table, version), name)
    at = datetime.fromtimestamp(int(info.get("timestamp", 0)) / 1000, UTC)
    return Version(version, str(info.get(_RUN, "")), tuple(info.get(_PARTITIONS, ())), at)


def require_whole(table: Path, name: str, version: int) -> None:
    """Raise LakeBroken when the commit file of a version was cut."""
    file = commit_file(table, version)
    problem = _cut(file)
    if problem:
        raise LakeBroken(f"the log of {name} is cut: {file.name} {problem}", hint=_cut_hint(file))


def log_unreadable(table: Path, name: str, error: BaseException) -> LakeBroken:
    """Say which file makes a log unreadable; delta-rs names none."""
    folder = table / "_delta_log"
    found = sorted(int(match[1]) for path in folder.glob("*.json") if (match := _COMMIT.fullmatch(path.name)))
    if not found:
        return LakeBroken(
            f"the log of {name} is gone: {folder} has no commit", hint="restore the folder from a backup, or remove it"
        )
    gap = next((number for number in range(found[-1]) if number not in set(found)), None)
    if gap is not None:
        return LakeBroken(
            f"the log of {name} has no {gap:020}.json, but later commits", hint="restore the file from a backup"
        )
    for number in reversed(found):
        file = commit_file(table, number)
        problem = _cut(file)
        if problem:
            newest = number == found[-1]
            return LakeBroken(
                f"the log of {name} is cut: {file.name} {problem}",
                hint=_cut_hint(file) if newest else f"later commits rest on it: restore {file} from a backup",
            )
    checkpoints = sorted(folder.glob("*.checkpoint*"))
    if checkpoints or (folder / "_last_checkpoint").exists():
        return LakeBroken(
            f"the log of {name} cannot be read, though its {len(found)} commits are whole: {first_line(error)}",
            hint=f"a checkpoint is damaged: move _last_checkpoint and *.checkpoint* out of {folder}; "
            "they only save time, and come back",
        )
    return LakeBroken(f"the log of {name} cannot be read: {first_line(error)}")


def first_line(error: BaseException) -> str:
    """Give an error's first line, bounded; the kernel prints whole structures."""
    text = str(error).strip()
    return text.splitlines()[0][:240] if text else type(error).__name__


def _commit_info(file: Path, name: str) -> Mapping[str, Any]:
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith('{"commitInfo":'):
                    info = json.loads(line)["commitInfo"]
                    return info if isinstance(info, dict) else {}
    except (OSError, ValueError) as error:
        raise LakeBroken(
            f"the log of {name} cannot be read: {file.name}: {first_line(error)}", hint="restore it from a backup"
        ) from error
    return {}


def _cut(file: Path) -> str:
    """Say what is missing from a commit file, '' when nothing is."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return ""  # another program removed it behind a checkpoint
    if not lines:
        return "is empty"
    try:
        json.loads(lines[-1])
        info = json.loads(lines[0]).get("commitInfo", {})
    except (ValueError, AttributeError):
        return "ends in the middle of a line"
    if not isinstance(info, dict) or _RUN not in info:
        return ""
    expected = len(info[_PARTITIONS])
    held = min(sum(line.startswith(kind) for line in lines) for kind in (b'{"add":', b'{"txn":'))
    return "" if held == expected else f"holds {held} of {expected} partitions"


def _cut_hint(file: Path) -> str:
    return (
        "a power cut leaves this when it comes before the publication was confirmed, and then nothing is lost: "
        f"move {file} away and run again"
    )
