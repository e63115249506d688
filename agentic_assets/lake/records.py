"""What staging and publishing give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["Published", "Staged", "Stored", "Swept", "Version"]


@dataclass(frozen=True)
class Staged:
    """A durable file that no reader of the table can see yet."""

    partition: str
    path: Path
    sha256: str
    rows: int
    bytes: int
    replaces: str
    """The file that was current as this one was staged, '' if none: publishing over any other is a conflict."""


@dataclass(frozen=True)
class Published:
    """The table after a publication: its Delta version, and the file of each partition that was asked for."""

    delta_version: int
    files: Mapping[str, str]
    """Partition -> file, relative to the table."""


@dataclass(frozen=True)
class Version:
    """One commit of a table's Delta log."""

    version: int
    run_id: str
    """The run that published; '' for a commit that no run made (creation, growth, another writer)."""
    partitions: tuple[str, ...]
    committed_at: datetime
    """UTC, for people; nothing is computed from it."""


@dataclass(frozen=True)
class Stored:
    """One Parquet file that lies in a table's folder, whether anything names it or not."""

    file: str
    """Relative to the table."""
    bytes: int
    modified_at: float
    """Seconds since 1970: when it was staged, for a published file too."""
    staged: bool


@dataclass(frozen=True)
class Swept:
    """What a vacuum removed: staged files that nobody published."""

    files: tuple[str, ...]
    bytes: int
