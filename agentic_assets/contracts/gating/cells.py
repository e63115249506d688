"""Read the cells of a delivered column as a promised type: null is left wherever a cell holds no such value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from agentic_assets.contracts.contract import Column
from agentic_assets.contracts.gating.quarantine import as_text

__all__ = ["as_type", "left_out", "nulls", "read"]


def read(series: pl.Series, column: Column) -> pl.Series:
    """Give a delivered column as its contract's type.

    Text is read strictly: dates and times in the column's own format, else as ISO 8601; timestamps with an offset
    unless the column says in which zone they are; bytes as hexadecimal digits; nested values as JSON. Numbers go into
    other number types only unchanged, but for the rounding of a 32-bit float.
    """
    if column.loose:
        return as_text(series).alias(series.name)
    if column.logical_type == "time":
        return _time(series, column.text_format)
    if series.dtype == pl.String and column.text_format and column.dtype.is_temporal():
        formatted = _formatted(series, column)
        plain = series.set(formatted.is_not_null(), None)
        return formatted.zip_with(formatted.is_not_null(), as_type(plain, column.dtype))
    return as_type(series, column.dtype)


def as_type(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Give a series as a type, null where a cell holds something that is no such value."""
    source = series.dtype
    if source == dtype:
        return series
    if source == pl.String:
        return _from_text(series, dtype)
    if source == pl.Null or (dtype == pl.String and source in (pl.Categorical, pl.Enum)):
        return series.cast(dtype)
    if _is_number(source) and dtype.is_numeric():
        return _number(series, dtype)
    if isinstance(source, pl.Datetime) and isinstance(dtype, pl.Datetime):
        return _moment(series, source, dtype)
    if isinstance(dtype, pl.List):
        return _items(series, dtype)
    if isinstance(dtype, pl.Struct) and isinstance(source, pl.Struct):
        return _fields(series, dtype)
    return nulls(series, dtype)


def nulls(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Give as many nulls of a type as the series has cells."""
    return pl.Series(series.name, [], dtype).extend_constant(None, series.len())


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or dtype.is_float() or isinstance(dtype, pl.Decimal)


def _number(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    result = series.cast(dtype, strict=False)
    if dtype == pl.Float32 and series.dtype.is_float():
        return result.set(result.is_infinite() & series.is_finite(), None)
    return result.set(result.cast(series.dtype, strict=False).ne_missing(series), None)


def _moment(series: pl.Series, source: pl.Datetime, dtype: pl.Datetime) -> pl.Series:
    if (source.time_zone is None) != (dtype.time_zone is None):
        return nulls(series, dtype)
    moments = series.dt.convert_time_zone("UTC") if source.time_zone else series
    result = moments.cast(dtype)
    return result.set(result.cast(moments.dtype).ne_missing(moments), None)  # finer than the lake holds


def _from_text(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.Boolean:
        lowered = series.str.to_lowercase()
        return (lowered == "true").set(~lowered.is_in(["true", "false"]).fill_null(value=True), None)
    if dtype == pl.Date:
        dates = series.str.to_date("%Y-%m-%d", strict=False)
        return dates.set(series.str.len_bytes() != 10, None)  # 2013-1-5 is not ISO 8601
    if isinstance(dtype, pl.Datetime):
        whole = series.str.replace(" ", "T", literal=True, n=1)
        zone = "%#z" if dtype.time_zone else ""
        moments = whole.str.to_datetime(f"%Y-%m-%dT%H:%M:%S%.f{zone}", strict=False, time_unit="us")
        if moments.dtype != dtype:
            moments = moments.cast(pl.Datetime("us")).dt.replace_time_zone(dtype.time_zone)
        return moments.set(series.str.contains(r"\.[0-9]{6}[0-9]*[1-9]"), None)  # finer than the lake holds
    if dtype == pl.Binary:
        digits = series.str.replace(r"^(?:\\x|0x)", "")
        return digits.set(~digits.str.contains(r"^(?:[0-9A-Fa-f]{2})*$"), None).str.decode("hex", strict=False)
    if isinstance(dtype, pl.Decimal):
        pattern = rf"^[-+]?[0-9]{{1,{dtype.precision}}}(?:\.[0-9]{{0,{dtype.scale}}}0*)?$"
        return series.set(~series.str.contains(pattern), None).cast(dtype, strict=False)  # polars would round
    if dtype.is_nested():
        return _from_json(series, dtype)
    return series.cast(dtype, strict=False)


def _formatted(series: pl.Series, column: Column) -> pl.Series:
    """Read text in the column's own format; a text counts only when writing its value gives it again."""
    pattern, dtype = str(column.text_format), column.dtype
    if dtype == pl.Date:
        dates = series.str.to_date(pattern, strict=False)
        return dates.set(dates.dt.strftime(pattern).ne_missing(series), None)
    assert isinstance(dtype, pl.Datetime)
    moments = series.str.to_datetime(pattern, strict=False, time_unit="us")
    if "%#z" in pattern:
        return moments.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") if dtype.time_zone else nulls(series, dtype)
    plain = moments.set(moments.dt.strftime(pattern).ne_missing(series), None).cast(pl.Datetime("us"))
    if not dtype.time_zone:
        return plain
    local = plain.dt.replace_time_zone(column.text_zone or "UTC", ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _time(series: pl.Series, pattern: str | None) -> pl.Series:
    """Write times of day as hh:mm:ss, with a fraction where there is one: as text they sort as they follow."""
    times = series
    if series.dtype == pl.String:
        times = series.str.to_time("%H:%M:%S%.f", strict=False)
        times = times.set(~series.str.contains(r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?$"), None)
        if pattern:
            own = series.str.to_time(pattern, strict=False)
            own = own.set(own.dt.strftime(pattern).ne_missing(series), None)
            times = own.zip_with(own.is_not_null(), times)
    if times.dtype == pl.Null:
        return times.cast(pl.String)
    if times.dtype != pl.Time:
        return nulls(series, pl.String())
    texts = times.dt.strftime("%H:%M:%S%.9f")
    return (
        texts.str.replace(r"\.?0+$", "")
        .str.replace(r"^([0-9]{2}:[0-9]{2})$", "${1}:00")
        .str.replace(r"^([0-9]{2}:[0-9]{2}:[0-9])$", "${1}0")
    )


def _items(series: pl.Series, dtype: pl.List) -> pl.Series:
    """Read a list item by item; a list with one unreadable item is unreadable."""
    source = series.dtype
    if isinstance(source, pl.Array | pl.Map):
        inner = source.inner if isinstance(source, pl.Array) else pl.Struct({"key": source.key, "value": source.value})
        series = series.cast(pl.List(inner))
    if not isinstance(series.dtype, pl.List):
        return nulls(series, dtype)
    lengths = series.list.len().fill_null(0)
    flat = series.explode(empty_as_null=False, keep_nulls=False)
    inner_type = dtype.inner() if isinstance(dtype.inner, type) else dtype.inner
    items = as_type(flat, inner_type)
    row = pl.int_range(series.len(), eager=True).repeat_by(lengths).explode(empty_as_null=False, keep_nulls=False)
    bad = row.filter(items.is_null() & flat.is_not_null()).unique()
    grouped = pl.DataFrame({"row": row.cast(pl.Int64), "item": items}).group_by("row", maintain_order=True).agg("item")
    whole = pl.DataFrame({"row": pl.int_range(series.len(), dtype=pl.Int64, eager=True), "null": series.is_null()})
    read = whole.join(grouped, on="row", how="left", maintain_order="left").get_column("item")
    empty = pl.Series([[]], dtype=dtype)
    filled = read.zip_with(read.is_not_null() | whole.get_column("null"), empty.new_from_index(0, series.len()))
    result = filled.zip_with(~whole.get_column("row").is_in(bad.cast(pl.Int64).implode()), nulls(series, dtype))
    return result.rename(series.name)


def _fields(series: pl.Series, dtype: pl.Struct) -> pl.Series:
    """Read an object field by field: a field that lacks is null, one that nobody asked for is left out."""
    given = series.struct.unnest()
    bad = pl.repeat(value=False, n=series.len(), eager=True)
    fields: list[pl.Series] = []
    for field in dtype.fields:
        kind = field.dtype() if isinstance(field.dtype, type) else field.dtype
        if field.name not in given.columns:
            fields.append(nulls(series, kind).rename(field.name))
            continue
        source = given.get_column(field.name)
        value = as_type(source, kind)
        bad = bad | (value.is_null() & source.is_not_null())
        fields.append(value.rename(field.name))
    whole = pl.DataFrame(fields).to_struct(series.name)
    return whole.zip_with(~(bad | series.is_null()), nulls(series, dtype))


def _from_json(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    try:
        return series.str.json_decode(dtype) if not series.is_empty() else nulls(series, dtype)
    except pl.exceptions.PolarsError:
        return pl.Series(series.name, [_decoded(text, dtype) for text in series.to_list()], dtype)


def _decoded(text: str | None, dtype: pl.DataType) -> Any:
    try:
        value = None if text is None else json.loads(text)
        return None if value is None else pl.Series([text]).str.json_decode(dtype).to_list()[0]
    except (ValueError, RecursionError, pl.exceptions.PolarsError):
        return None


def left_out(series: pl.Series, dtype: pl.DataType, name: str) -> list[str]:
    """Name the fields of a delivered object that the promised one has not."""
    if not isinstance(series.dtype, pl.Struct) or not isinstance(dtype, pl.Struct):
        return []
    promised: Mapping[str, Any] = {field.name: field.dtype for field in dtype.fields}
    return [f"{name}.{field.name}" for field in series.dtype.fields if field.name not in promised]
