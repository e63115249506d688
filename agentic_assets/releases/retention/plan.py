"""What a cleaning up would remove, and what it would keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.releases.retention.reach import Why

__all__ = ["ORPHAN", "SUPERSEDED", "Cleaning", "Doomed"]

SUPERSEDED = "superseded"
ORPHAN = "never recorded"


@dataclass(frozen=True)
class Doomed:
    """One file of the lake that nothing retained needs; `file` is relative to the table."""

    table: str
    file: str
    bytes: int
    kind: str


@dataclass(frozen=True)
class Mark:
    """How far the store had got as it was planned: if it is further when files go, it is planned again."""

    manifest: int
    restorations: int
    releases: int
    activations: int
    resolutions: int


@dataclass(frozen=True)
class Cleaning:
    """A plan: the files and snapshots to remove, what stays and why, and what is left alone and why."""

    keep_days: int
    since: str
    files: tuple[Doomed, ...]
    snapshots: tuple[str, ...]
    kept: Mapping[Why, int]
    kept_files: int
    kept_bytes: int
    alone: Mapping[str, str]
    forgotten: tuple[str, ...] = ()
    returned: tuple[tuple[str, str], ...] = ()
    """Files that were vacuumed once, are published again, and stay."""
    mark: Mark = field(default=Mark(0, 0, 0, 0, 0), repr=False)

    @property
    def bytes(self) -> int:
        """How many bytes the files hold."""
        return sum(one.bytes for one in self.files)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.files and not self.snapshots

    @property
    def by_table(self) -> dict[str, tuple[int, int]]:
        """Count files and bytes by table, the largest first."""
        found: dict[str, tuple[int, int]] = {}
        for one in self.files:
            files, size = found.get(one.table, (0, 0))
            found[one.table] = (files + 1, size + one.bytes)
        return dict(sorted(found.items(), key=lambda item: (-item[1][1], item[0])))

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {
            "keep_days": self.keep_days,
            "decisions_since": self.since,
            "files": len(self.files),
            "bytes": self.bytes,
            "by_asset": {name: {"files": files, "bytes": size} for name, (files, size) in self.by_table.items()},
            "never_recorded": sum(one.kind == ORPHAN for one in self.files),
            "snapshots": list(self.snapshots),
            "forgotten": list(self.forgotten),
            "kept": {why.name.lower(): count for why, count in self.kept.items()},
            "kept_files": self.kept_files,
            "kept_bytes": self.kept_bytes,
            "left_alone": dict(self.alone),
        }
