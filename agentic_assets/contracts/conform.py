"""Bring a delivered frame into the contract's types, and mark every cell that will not go."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE

__all__ = ["Conformed", "conform"]


@dataclass(frozen=True)
class Conformed:
    """A delivered frame and the same rows in the contract's types, with the columns lacking and those nobody asked for.

    `frame` has the contracted columns in order (null where a cell could not be read), then the marks; its rows are
    the delivered ones, in order. `missing` columns are null throughout. `marked` names the marks that are not all
    false, `reasons` what was delivered instead of the promised type.
    """

    delivered: pl.DataFrame
    frame: pl.DataFrame
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    marked: frozenset[str]
    reasons: dict[str, str]

    def numbers(self) -> pl.Series:
        """Give each row's number in its source, or its position (from 0) where the source has none."""
        position = pl.int_range(self.delivered.height, dtype=pl.Int64, eager=True)
        given = self.delivered.to_dict(as_series=True).get("source_row")
        if given is None or not (given.dtype.is_numeric() or given.dtype == pl.String):
            return position
        given = given.cast(pl.Int64, strict=False)
        return given.zip_with(given.is_not_null(), position)


def conform(frame: pl.DataFrame, contract: Contract) -> Conformed:
    """Read every contracted column as its type, without losing anything silently.

    Text is read strictly (ISO dates, timestamps with an offset); numbers go into other number types only unchanged.
    """
    columns: list[pl.Series] = []
    marks: list[pl.Series | pl.Expr] = []
    missing: list[str] = []
    marked: set[str] = set()
    reasons: dict[str, str] = {}
    delivered = frame.schema
    for name, dtype in contract.schema.items():
        unreadable: pl.Series | None = None
        not_a_number: pl.Series | None = None
        if name not in delivered:
            missing.append(name)
            series = pl.Series(name, [], dtype).extend_constant(None, frame.height)
        else:
            series = frame.get_column(name)
            if series.dtype != dtype:
                source = series
                series, unreadable = _read(source, dtype)
                if source.dtype != pl.String:  # text is shown as such, and says enough
                    reasons[name] = _delivered_as(source.dtype)
        if dtype.is_float():
            finite = series.is_finite()
            if not finite.all():
                not_a_number = ~finite.fill_null(value=True)
                series = series.set(not_a_number, None)
        columns.append(series)
        for prefix, mark in ((UNREADABLE, unreadable), (NOT_A_NUMBER, not_a_number)):
            if mark is not None and mark.any():
                marks.append(mark.alias(prefix + name))
                marked.add(prefix + name)
            elif prefix == UNREADABLE or dtype.is_float():
                marks.append(pl.lit(value=False).alias(prefix + name))
    known = set(contract.schema)
    unexpected = tuple(name for name in delivered if name not in known and name != "source_row")
    return Conformed(
        frame, pl.DataFrame(columns).with_columns(marks), tuple(missing), unexpected, frozenset(marked), reasons
    )


def _delivered_as(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return "timestamps without a time zone"
    return str(dtype)


def _read(series: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """Give the series as `dtype`, and the cells that hold something which is no such value."""
    source = series.dtype
    if source == pl.String:
        result = _from_text(series, dtype)
    elif source == pl.Null or (dtype == pl.String and source in (pl.Categorical, pl.Enum)):
        result = series.cast(dtype)
    elif _is_number(source) and dtype.is_numeric():
        result = series.cast(dtype, strict=False)
        back = result.cast(source, strict=False)
        result = result.set(back.ne_missing(series), None)
    elif isinstance(source, pl.Datetime) and source.time_zone is not None and isinstance(dtype, pl.Datetime):
        result = series.dt.convert_time_zone("UTC").cast(dtype)
        result = result.set(
            result.cast(pl.Datetime(source.time_unit, "UTC")).dt.timestamp("ns") != series.dt.timestamp("ns"), None
        )
    else:
        result = pl.Series(series.name, [], dtype).extend_constant(None, series.len())
    return result, series.is_not_null() & result.is_null()


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
        return moments.set(series.str.contains(r"\.[0-9]{7}"), None)  # finer than the lake holds
    return series.cast(dtype, strict=False)
