"""Bring a delivered frame into the contract's types, and mark every cell that will not go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from agentic_assets.contracts.contract import Column, Contract
from agentic_assets.contracts.gating import cells
from agentic_assets.contracts.rule import NOT_A_NUMBER, PLACE, UNREADABLE

__all__ = ["Conformed", "Texts", "by_name", "conform", "read_value", "source_rows"]

# What may be delivered as text: anything (CSV), what JSON has no type for (dates, timestamps), nothing (Parquet).
Texts = Literal["anything", "temporal", "nothing"]


@dataclass(frozen=True)
class Conformed:
    """A delivered frame and the same rows in the contract's types, with the columns lacking and those nobody asked for.

    `values` has exactly the contracted columns, null where a cell could not be read; `missing` ones are null
    throughout. `marks` holds, by the column's name behind a prefix, the cells that were unreadable or no number,
    where there are any; `reasons` what was delivered instead of the promised type.
    """

    delivered: pl.DataFrame
    values: pl.DataFrame
    marks: dict[str, pl.Series]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    reasons: dict[str, str]

    @cached_property
    def marked(self) -> pl.DataFrame:
        """Give the values with every mark beside them, so that any rule can be run."""
        marks: list[pl.Series | pl.Expr] = []
        for name, dtype in self.values.schema.items():
            for prefix in (UNREADABLE, NOT_A_NUMBER) if dtype.is_float() else (UNREADABLE,):
                mark = self.marks.get(prefix + name)
                marks.append(pl.lit(value=False).alias(prefix + name) if mark is None else mark.alias(prefix + name))
        return self.values.with_columns(marks)

    @cached_property
    def numbers(self) -> pl.Series:
        """Give each row's number in its source, or its position (from 0) where the source has none."""
        return source_rows(self.delivered)


def source_rows(frame: pl.DataFrame) -> pl.Series:
    """Give each row's number in its source, or its position (from 0) where the source has none."""
    position = pl.int_range(frame.height, dtype=pl.Int64, eager=True)
    delivered = frame.to_dict(as_series=True)
    given = delivered.get(PLACE, delivered.get("source_row"))
    if given is None or not (given.dtype.is_numeric() or given.dtype == pl.String):
        return position
    given = given.cast(pl.Int64, strict=False)
    return given.zip_with(given.is_not_null(), position)


def read_value(text: str | None, dtype: pl.DataType) -> pl.Series | None:
    """Read one text as a value of a type, as strictly as delivered text is read; None when it is no such value."""
    given = pl.Series([text], dtype=pl.String)
    if dtype == pl.String:
        return given
    if text is None:
        return pl.Series([None], dtype=dtype)
    if isinstance(dtype, pl.Datetime):
        moment = cells.as_type(given, pl.Datetime("us", "UTC" if dtype.time_zone else None))
        if moment.null_count():
            return None
        return (moment.dt.convert_time_zone(dtype.time_zone) if dtype.time_zone else moment).cast(dtype)
    if not (dtype.is_numeric() or dtype.is_nested() or dtype in (pl.Boolean, pl.Date, pl.Binary)):
        return None
    value = cells.as_type(given, dtype)
    return None if value.null_count() else value


def conform(frame: pl.DataFrame, contract: Contract, *, texts: Texts = "anything") -> Conformed:
    """Read every contracted column as its type, without losing anything silently.

    A column may come under its name or its physical name. Text is read strictly (see `cells.read`); numbers go into
    other number types only unchanged. A text in a column of another type is unreadable when the kind of delivery has a
    type for it: see `texts`. A contract without columns promises nothing about them, and all are taken as they are.
    """
    if not contract.columns:
        return Conformed(frame, frame, {}, (), (), {})
    frame = by_name(frame, contract)
    columns: list[pl.Series] = []
    marks: dict[str, pl.Series] = {}
    missing: list[str] = []
    reasons: dict[str, str] = {}
    schema, delivered = contract.schema, frame.schema
    unexpected = [name for name in delivered if name not in schema and name not in (PLACE, "source_row")]
    for column in contract.columns:
        name, dtype = column.name, column.dtype
        if name not in delivered:
            missing.append(name)
            columns.append(pl.Series(name, [], dtype).extend_constant(None, frame.height))
            continue
        source = frame.get_column(name)
        series = source
        if source.dtype != dtype or column.logical_type == "time":
            readable = source.dtype != pl.String or _may_be_text(column, texts)
            series = cells.read(source, column) if readable else cells.nulls(source, dtype)
            unexpected += cells.left_out(source, dtype, name)
            if series.null_count() > source.null_count():
                marks[UNREADABLE + name] = series.is_null() & source.is_not_null()
                reasons[name] = _delivered_as(source.dtype, texts)
        if dtype.is_float() and not series.is_finite().all():
            marks[NOT_A_NUMBER + name] = ~series.is_finite().fill_null(value=True)
            series = series.set(marks[NOT_A_NUMBER + name], None)
        columns.append(series)
    return Conformed(frame, pl.DataFrame(columns), marks, tuple(missing), tuple(unexpected), reasons)


def by_name(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Call columns that came under their physical names by their own."""
    physical = {
        column.physical_name: column.name
        for column in contract.columns
        if column.physical_name in frame.columns and column.name not in frame.columns
    }
    taken = {column.name for column in contract.columns}
    return frame.rename({name: own for name, own in physical.items() if name is not None and name not in taken})


def _may_be_text(column: Column, texts: Texts) -> bool:
    if column.loose or column.logical_type == "time":
        return True  # they are held as text
    return texts == "anything" or (texts == "temporal" and column.dtype.is_temporal())


def _delivered_as(dtype: pl.DataType, texts: Texts) -> str:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return "timestamps without a time zone"
    if dtype == pl.String:
        return "text" if texts == "anything" else "text, in a file that has types"
    return str(dtype)[:120]
