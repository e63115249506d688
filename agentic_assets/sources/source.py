"""What lies outside of the lake: where it is, which version it holds now, and its rows as delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from agentic_assets.errors import SourceUnreadable

__all__ = ["SOURCE_ROW", "Format", "Snapshot", "Source", "listed", "numbered", "require_columns"]

SOURCE_ROW = "source_row"
"""The column (Int64) that every landed row gets: its place in what was delivered, from 1."""

_SHOWN = 8


@dataclass(frozen=True)
class Snapshot:
    """Rows as delivered, with `source_row`, and the version of exactly these rows."""

    frame: pl.DataFrame
    version: str


class Format(Protocol):
    """How the bytes of one delivered file become rows."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the asset's page shows, e.g. csv."""

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The declared columns and their types, in the order of the landed table."""

    @property
    def code_version(self) -> str:
        """Digest the code and the options that shape the rows."""

    def parse(self, content: bytes, where: str) -> pl.DataFrame:
        """Give the rows in their order; raise SourceUnreadable, beginning with `where`, for what is not whole."""


class Source(Protocol):
    """A system of record: a file, a table of a database, a download."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the asset's page shows, e.g. csv or postgresql."""

    @property
    def location(self) -> str:
        """Say where it is, without anything secret."""

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The declared columns and their types, in the order of the landed table, without `source_row`."""

    @property
    def code_version(self) -> str:
        """Digest the code and the options that shape the rows; where they come from does not count."""

    @property
    def has_places(self) -> bool:
        """Say whether a row has a place of its own in what is delivered, as a line of a file has."""

    def version(self) -> str:
        """Digest what it holds now; equal to the version of a snapshot read now.

        Raises SourceUnreadable when it cannot be reached.
        """

    def read(self) -> Snapshot:
        """Read all rows at one moment; raise SourceUnreadable for what is missing, damaged or not as declared."""


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `source_row`, the place of each row from 1."""
    return frame.with_columns(pl.int_range(1, frame.height + 1, dtype=pl.Int64).alias(SOURCE_ROW))


def require_columns(found: list[str], declared: list[str], where: str, what: str, hint: str) -> None:
    """Raise SourceUnreadable unless the same columns were found as declared, each once, in any order."""
    missing = [name for name in declared if name not in found]
    unknown = [name for name in found if name not in declared]
    twice = sorted({name for name in found if found.count(name) > 1})
    problems = [
        f"{problem} {listed([repr(name[:40]) for name in names])}"
        for problem, names in (("lacks", missing), ("has the unknown", unknown), ("repeats", twice))
        if names
    ]
    if problems:
        raise SourceUnreadable(f"{where}: {what} {'; '.join(problems)}", hint=hint)


def listed(names: list[str]) -> str:
    """Join the first names, saying when there are more."""
    return f"{', '.join(names[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}"
