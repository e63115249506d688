"""Reading delivered Parquet files: the declared types, exactly, or a refusal."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import SourceUnreadable
from agentic_assets.sources import Parquet

FORM = Parquet({"id": pl.Int64(), "name": pl.String(), "at": pl.Datetime("us", "UTC")})
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
FRAME = pl.DataFrame({"id": [1, 2], "name": ["x", None], "at": [NOON, None]}, schema=FORM.columns)


def written(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def test_rows_come_in_their_order_and_columns_in_the_declared_one() -> None:
    assert FORM.parse(written(FRAME.select("at", "name", "id")), "x.parquet").equals(FRAME)


def test_a_file_without_rows_is_whole() -> None:
    assert FORM.parse(written(FRAME.clear()), "x.parquet").schema == FRAME.schema


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pl.col("id").cast(pl.Int8), 1),
        (pl.col("id").cast(pl.UInt32), 1),
        (pl.col("name").cast(pl.Categorical), "x"),
        (pl.col("name").cast(pl.Enum(["x"])), "x"),
        (pl.lit(Decimal("1.50")).alias("name"), "1.50"),
        (pl.col("at").cast(pl.Datetime("ms", "UTC")), NOON),
        (pl.col("at").cast(pl.Datetime("ns", "UTC")), NOON),
        (pl.col("at").dt.convert_time_zone("Asia/Tokyo"), NOON),
    ],
)
def test_a_narrower_type_is_widened_exactly(column: pl.Expr, value: object) -> None:
    read = FORM.parse(written(FRAME.with_columns(column)), "x.parquet")
    assert read.schema == FRAME.schema
    assert value in read.row(0)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.col("id").cast(pl.String), "'id' is String where Int64 is declared"),
        (pl.col("id").cast(pl.Float64), "'id' is Float64 where Int64 is declared"),
        (pl.col("id").cast(pl.UInt64), "'id' is UInt64 where Int64 is declared"),
        (pl.col("id").alias("name"), "'name' is Int64 where String is declared"),
        (pl.col("at").dt.replace_time_zone(None), "'at' is Datetime.* where Datetime.*UTC.* is declared"),
        (pl.col("id").alias("more"), "the file has the unknown 'more'"),
    ],
)
def test_a_changed_column_is_refused_and_never_guessed(column: pl.Expr, message: str) -> None:
    with pytest.raises(SourceUnreadable, match=rf"^x\.parquet: .*{message}"):
        FORM.parse(written(FRAME.with_columns(column)), "x.parquet")


def test_a_column_that_lacks_is_named() -> None:
    with pytest.raises(SourceUnreadable, match="the file lacks 'name', 'at'"):
        FORM.parse(written(FRAME.select("id")), "x.parquet")


def test_digits_below_a_microsecond_are_not_cut_off_in_silence() -> None:
    fine = FRAME.with_columns(pl.col("at").cast(pl.Datetime("ns", "UTC")) + pl.duration(nanoseconds=1))
    with pytest.raises(SourceUnreadable, match="'at' holds digits below a microsecond in 1 of 2 rows"):
        FORM.parse(written(fine), "x.parquet")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match=r"x\.parquet: the file is empty"):
        FORM.parse(b"", "x.parquet")


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match="is not Parquet"):
        FORM.parse(b"id,name,at\n", "x.parquet")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(kept: float) -> None:
    content = written(FRAME)
    with pytest.raises(SourceUnreadable, match="it is truncated"):
        FORM.parse(content[: int(len(content) * kept)], "x.parquet")


@given(st.integers(4, len(written(FRAME)) - 5), st.integers(1, 255))
@settings(max_examples=120, derandomize=True, deadline=None)
def test_a_flipped_byte_gives_rows_or_a_refusal_and_never_a_panic(place: int, by: int) -> None:
    content = bytearray(written(FRAME))
    content[place] ^= by
    try:
        read = FORM.parse(bytes(content), "x.parquet")
    except SourceUnreadable:
        read = FRAME
    assert read.schema == FRAME.schema
