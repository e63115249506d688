"""Read a delivered Parquet file: the declared columns in their declared types, or a refusal that says what changed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agentic_assets.errors import SourceUnreadable
from agentic_assets.sources.source import listed, require_columns
from agentic_assets.versions import of_code, of_json

__all__ = ["Parquet"]

_MAGIC = b"PAR1"
_HINT = "deliver the file again, whole; nothing of it was landed"
_INTEGERS: dict[pl.DataType, tuple[pl.DataType, ...]] = {
    pl.Int16(): (pl.Int8(), pl.UInt8()),
    pl.Int32(): (pl.Int8(), pl.Int16(), pl.UInt8(), pl.UInt16()),
    pl.Int64(): (pl.Int8(), pl.Int16(), pl.Int32(), pl.UInt8(), pl.UInt16(), pl.UInt32()),
}
_UTC = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Parquet:
    """The Parquet files of one delivery: their columns, in any order, with the types to land.

    A delivered type may be narrower than the declared one (Int16 for Int32, Float32 for Float64, categories or
    decimals for String, another unit or zone for a moment in UTC); nothing is ever rounded, cut off or guessed: a
    moment without a time zone is refused, and so is one with digits below a microsecond.
    """

    columns: Mapping[str, pl.DataType]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Parquet."""
        return ("parquet",)

    @property
    def code_version(self) -> str:
        """Digest this code and the declared types."""
        return of_json([of_code(Parquet), [[name, str(dtype)] for name, dtype in self.columns.items()]])

    def parse(self, content: bytes, where: str) -> pl.DataFrame:
        """Give the rows in the declared types; a file without rows is whole, since its footer says so.

        Raises SourceUnreadable for a file that is empty, truncated or damaged, or whose columns are not the declared.
        """
        if not content:
            raise SourceUnreadable(f"{where}: the file is empty", hint=_HINT)
        if not content.startswith(_MAGIC):
            raise SourceUnreadable(f"{where}: the file is not Parquet: it does not begin with PAR1", hint=_HINT)
        if len(content) < 12 or not content.endswith(_MAGIC):
            raise SourceUnreadable(f"{where}: the file does not end with PAR1: it is truncated", hint=_HINT)
        try:
            frame = pl.read_parquet(io.BytesIO(content), hive_partitioning=False)
        # polars panics over some damaged footers, and a panic is no Exception.
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, OverflowError) as error:
            told = str(error).partition("\n")[0][:160]
            raise SourceUnreadable(f"{where}: the file is damaged ({told})", hint=_HINT) from error
        require_columns(frame.columns, list(self.columns), where, "the file", _HINT)
        changed = [
            f"{name!r} is {frame.schema[name]} where {dtype} is declared"
            for name, dtype in self.columns.items()
            if not _fits(frame.schema[name], dtype)
        ]
        if changed:
            raise SourceUnreadable(
                f"{where}: {listed(changed)}", hint="declare the new types, with a new version of the contract"
            )
        return pl.DataFrame([_exact(frame.get_column(name), dtype, where) for name, dtype in self.columns.items()])


def _fits(found: pl.DataType, declared: pl.DataType) -> bool:
    if found == declared or found in _INTEGERS.get(declared, ()):
        return True
    if declared == pl.Float64():
        return found == pl.Float32()
    if declared == pl.String():
        return isinstance(found, pl.Categorical | pl.Enum | pl.Decimal)
    return declared == _UTC and isinstance(found, pl.Datetime) and found.time_zone is not None


def _exact(column: pl.Series, declared: pl.DataType, where: str) -> pl.Series:
    if column.dtype == declared:
        return column
    cast = column.cast(declared)
    if isinstance(column.dtype, pl.Datetime):
        lost = int((cast.cast(column.dtype) != column).sum())
        if lost:
            raise SourceUnreadable(
                f"{where}: {column.name!r} holds digits below a microsecond in {lost:,} of {len(column):,} rows",
                hint="deliver microseconds",
            )
    return cast
