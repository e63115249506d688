"""Read one file of any known kind into a frame, with the number by which each row is found in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from agentic_assets.contracts.files.content import content_of, refusal
from agentic_assets.contracts.files.delimited import Dialect, read_delimited
from agentic_assets.contracts.gating.conform import Texts
from agentic_assets.contracts.rule import PLACE

__all__ = ["Kind", "Rows", "read_file"]

Kind = Literal["parquet", "csv", "jsonl"]

_PARQUET: Final = b"PAR1"
_JSON_LINES: Final = (".jsonl", ".ndjson", ".json")
_PACKED: Final = (".gz", ".zip")
# Kinds that people try and that are read elsewhere; guessing that they are CSV would give a riddle for an error.
_OTHERS: Final = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"PK\x03\x04": "a zip archive (or an Excel workbook)",
    b"\x1f\x8b": "packed with gzip",
    b"ARROW1": "an Arrow file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3": "a SQLite database",
}


@dataclass(frozen=True)
class Rows:
    """A file's rows: the frame, what it may hold as text, and each row's place in the file, counted from 1.

    `counted` says what `numbers` counts: lines of a text file (the header is line 1), or rows.
    """

    path: Path
    kind: Kind
    frame: pl.DataFrame
    texts: Texts
    counted: Literal["line", "row"]
    numbers: pl.Series
    dialect: Dialect | None = None

    @property
    def placed(self) -> pl.DataFrame:
        """Give the frame for the gate, with a column that says where each row stands: findings name it by that."""
        return self.frame.with_columns(self.numbers.alias(PLACE))


def read_file(path: Path, dialect: Dialect | None = None) -> Rows:
    """Read a Parquet, CSV or JSON lines file whole; the latter two may be packed as .gz or .zip.

    Parquet by its first bytes, JSON lines by the name, anything else is text with delimiters (see `Dialect`).
    Raises SourceUnreadable with the place of what is wrong: nothing of such a file is used.
    """
    if path.suffix.lower() not in _PACKED and _starts_with(path, _PARQUET):
        return _parquet(path)
    name, content = content_of(path)
    for start, what in _OTHERS.items():
        if content.startswith(start):
            raise refusal(path, f"is {what}, which is not read here", hint="write it as Parquet or CSV")
    if content.startswith(_PARQUET):
        raise refusal(path, "is packed Parquet, which is packed inside already", hint="unpack it first")
    if path.suffix.lower() == ".parquet":
        raise refusal(path, "is no Parquet file", hint="deliver the file again, whole")
    if name.lower().endswith(_JSON_LINES):
        return _json_lines(content, path)
    frame, lines, found = read_delimited(content, path, dialect or Dialect())
    return Rows(path, "csv", frame, "anything", "line", lines, found)


def _starts_with(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(start)) == start
    except OSError:
        return False  # said in words where the content is read


def _parquet(path: Path) -> Rows:
    try:
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
        reason = str(error).partition("\n")[0][:160]
        raise refusal(
            path, f"is truncated or damaged Parquet: {reason}", hint="deliver the file again, whole"
        ) from error
    return Rows(path, "parquet", frame, "nothing", "row", _counted(frame))


def _json_lines(content: bytes, path: Path) -> Rows:
    if content.lstrip()[:1] == b"[":
        raise refusal(path, "is one JSON array", hint="write one object a line (JSON lines)")
    try:
        frame = pl.read_ndjson(content, infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).partition("\n")[0][:160]
        raise refusal(path, f"cannot be read as JSON lines: {reason}", hint="write one object a line") from error
    return Rows(path, "jsonl", frame, "temporal", "row", _counted(frame))


def _counted(frame: pl.DataFrame) -> pl.Series:
    return pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias("row")
