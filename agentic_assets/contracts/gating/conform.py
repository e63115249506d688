"""Bring a delivered frame into the contract's types, and mark every cell that will not go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE

__all__ = ["Conformed", "Texts", "conform", "read_value", "source_rows"]

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
    given = frame.to_dict(as_series=True).get("source_row")
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
        moment = _read(given, pl.Datetime("us", "UTC"))
        if dtype.time_zone is None or moment.null_count():
            return None
        return moment.dt.convert_time_zone(dtype.time_zone).cast(dtype)
    if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Date)):
        return None
    value = _read(given, dtype)
    return None if value.null_count() else value


def conform(frame: pl.DataFrame, contract: Contract, *, texts: Texts = "anything") -> Conformed:
    """Read every contracted column as its type, without losing anything silently.

    Text is read strictly (ISO dates, timestamps with an offset); numbers go into other number types only unchanged.
    A text in a column of another type is unreadable when the kind of delivery has a type for it: see `texts`.
    """
    columns: list[pl.Series] = []
    marks: dict[str, pl.Series] = {}
    missing: list[str] = []
    reasons: dict[str, str] = {}
    schema, delivered = contract.schema, frame.schema
    for name, dtype in schema.items():
        if name not in delivered:
            missing.append(name)
            columns.append(pl.Series(name, [], dtype).extend_constant(None, frame.height))
            continue
        source = frame.get_column(name)
        series = source
        if source.dtype != dtype:
            readable = source.dtype != pl.String or texts == "anything" or (texts == "temporal" and dtype.is_temporal())
            series = _read(source, dtype) if readable else _nulls(source, dtype)
            if series.null_count() > source.null_count():
                marks[UNREADABLE + name] = series.is_null() & source.is_not_null()
                reasons[name] = _delivered_as(source.dtype)
        if dtype.is_float() and not series.is_finite().all():
            marks[NOT_A_NUMBER + name] = ~series.is_finite().fill_null(value=True)
            series = series.set(marks[NOT_A_NUMBER + name], None)
        columns.append(series)
    unexpected = tuple(name for name in delivered if name not in schema and name != "source_row")
    return Conformed(frame, pl.DataFrame(columns), marks, tuple(missing), unexpected, reasons)


def _delivered_as(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return "timestamps without a time zone"
    return "text" if dtype == pl.String else str(dtype)


def _read(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Give the series as `dtype`, null where a cell holds something that is no such value."""
    source = series.dtype
    if source == pl.String:
        return _from_text(series, dtype)
    if source == pl.Null or (dtype == pl.String and source in (pl.Categorical, pl.Enum)):
        return series.cast(dtype)
    if _is_number(source) and dtype.is_numeric():
        result = series.cast(dtype, strict=False)
        return result.set(result.cast(source, strict=False).ne_missing(series), None)
    if isinstance(source, pl.Datetime) and source.time_zone is not None and isinstance(dtype, pl.Datetime):
        moments = series.dt.convert_time_zone("UTC")
        result = moments.cast(dtype)
        return result.set(result.cast(moments.dtype).ne_missing(moments), None)  # finer than the lake holds
    return _nulls(series, dtype)


def _nulls(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series(series.name, [], dtype).extend_constant(None, series.len())


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or dtype.is_float() or isinstance(dtype, pl.Decimal)


def _from_text(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.Boolean:
        lowered = series.str.to_lowercase()
        return (lowered == "true").set(~lowered.is_in(["true", "false"]).fill_null(value=True), None)
    if dtype == pl.Date:
        dates = series.str.to_date("%Y-%m-%d", strict=False)
        return dates.set(series.str.len_bytes() != 10, None)  # 2013-1-5 is not ISO 8601
    if isinstance(dtype, pl.Datetime):
        whole = series.str.replace(" ", "T", literal=True, n=1)
        moments = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us")
        if moments.dtype != dtype:
            moments = moments.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        return moments.set(series.str.contains(r"\.[0-9]{6}[0-9]*[1-9]"), None)  # finer than the lake holds
    return series.cast(dtype, strict=False)
