"""The rows from which a domain is made: which columns there are, of which types, and a figure to begin with."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from agentic_assets.agents import PROPOSALS
from agentic_assets.agents.declaration import NAME
from agentic_assets.cli.new.naming import TAKEN
from agentic_assets.errors import AgenticError, SourceUnreadable

__all__ = ["Column", "Table", "measure_of", "read_table"]

_WORDS: dict[pl.DataType, tuple[str, str, str]] = {
    pl.Int64(): ("integer", "int64", "pl.Int64()"),
    pl.Float64(): ("number", "double", "pl.Float64()"),
    pl.Boolean(): ("boolean", "boolean", "pl.Boolean()"),
    pl.String(): ("string", "string", "pl.String()"),
}
_LEAST = 1  # a threshold of 0 would say nothing of most figures


@dataclass(frozen=True)
class Column:
    """One column: its type in contracts, in files and in polars, and whether each row has a value."""

    name: str
    logical: str
    physical: str
    polars: str
    required: bool
    middle: int = _LEAST


@dataclass(frozen=True)
class Table:
    """A delivered CSV file: its name without the ending, its key and moment, the other columns, its days."""

    name: str
    content: bytes
    header: tuple[str, ...]
    key: str
    moment: str
    columns: tuple[Column, ...]
    first: date
    last: date


def read_table(file: Path, key: str, moment: str) -> Table:
    """Read a CSV file whose rows are what is to be decided about; raises SourceUnreadable saying what is in the way."""
    try:
        content = file.read_bytes()
        header = next(csv.reader(content.decode("utf-8-sig").splitlines()), [])
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SourceUnreadable(f"{file}: {said}", hint="name a CSV file that can be read") from error
    _refuse_names(file, header, key, moment)
    try:
        frame = pl.read_csv(content, infer_schema_length=None, schema_overrides={key: pl.String(), moment: pl.String()})
    except pl.exceptions.PolarsError as error:
        raise SourceUnreadable(
            f"{file}: {str(error).partition(chr(10))[0][:200]}", hint="deliver the file again, whole"
        ) from error
    keys = frame.get_column(key)
    if not frame.height or keys.null_count() or keys.n_unique() != frame.height:
        raise SourceUnreadable(
            f"{file}: `{key}` names {keys.drop_nulls().n_unique():,} of {frame.height:,} rows",
            hint="choose with --key the column that has another value in every row",
        )
    moments = frame.get_column(moment).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    if unread := moments.null_count():
        raise SourceUnreadable(
            f"{file}: `{moment}` is no moment in {unread:,} of {frame.height:,} rows",
            hint="write moments in UTC as 2024-01-31T09:00:00Z, and name their column with --moment",
        )
    days = moments.dt.date().sort()
    columns = tuple(_column(frame.get_column(name)) for name in header if name not in (key, moment))
    return Table(file.stem.lower(), content, tuple(header), key, moment, columns, days[0], days[-1])


def measure_of(columns: Sequence[Column]) -> Column | None:
    """Give the first number that a condition can name: a column called as a word of SQL is passed over."""
    from agentic_assets.language import Type, parse_condition

    for column in columns:
        if column.logical not in ("integer", "number"):
            continue
        try:
            parse_condition(f"{column.name} <= 1", {column.name: Type(column.logical)}, where="")
        except AgenticError:
            continue
        return column
    return None


def _refuse_names(file: Path, header: list[str], key: str, moment: str) -> None:
    if missing := [name for name in (key, moment) if name not in header]:
        raise SourceUnreadable(
            f"{file} has no column `{missing[0]}`",
            hint=f"its columns are {', '.join(header)[:200]}; see --key, --moment",
        )
    taken = TAKEN | {*PROPOSALS}
    wrong = [name for name in header if not NAME.fullmatch(name) or name in taken or header.count(name) > 1]
    if wrong:
        raise SourceUnreadable(
            f"{file}: {len(wrong)} columns need another name: {', '.join(repr(name[:40]) for name in wrong[:8])}",
            hint="small letters, digits and _, a letter first, each once; the library has "
            f"{', '.join(sorted(taken))} for its own",
        )
    if len(header) < 3:
        raise SourceUnreadable(f"{file} has nothing beside `{key}` and `{moment}`", hint="add what is known of a row")
    if not NAME.fullmatch(file.stem.lower()):
        raise SourceUnreadable(
            f"the file {file.name!r:.60} cannot name a dataset", hint="rename it, as applications.csv"
        )


def _column(values: pl.Series) -> Column:
    dtype = values.dtype if values.dtype in _WORDS else pl.String()
    middle = int(values.cast(pl.Float64).median() or 0) if dtype.is_numeric() else _LEAST  # type: ignore[arg-type]
    return Column(values.name, *_WORDS[dtype], required=not values.null_count(), middle=max(middle, _LEAST))
