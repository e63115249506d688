import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts.gating.conform import Texts, conform
from agentic_assets_tests.unit.contracts.written import contract

UTC = pl.Datetime("us", "UTC")
NOON = dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC)


def read(folder: Path, physical: str, series: pl.Series) -> list[Any]:
    """Give the values as the type, with 'unreadable' and 'nan' where the marks say so."""
    loaded = contract(folder, [{"name": "c", "physicalType": physical}])
    marked = conform(series.alias("c").to_frame(), loaded).marked
    result = []
    for row in marked.iter_rows(named=True):
        marks = [name.split(":")[0].strip("\x01") for name, value in row.items() if name != "c" and value]
        assert not marks or row["c"] is None
        result.append(marks[0] if marks else row["c"])
    return result


@pytest.mark.parametrize(
    ("physical", "texts", "values"),
    [
        ("int32", ["7", "-7", "+7", None, "7.0", " 7", "", "9999999999", "x"], [7, -7, 7, None] + ["unreadable"] * 5),
        ("double", ["7", "1.5", "1e3", "NaN", "inf", "1,5", ""], [7.0, 1.5, 1000.0, "nan", "nan"] + ["unreadable"] * 2),
        ("boolean", ["true", "FALSE", "1", "yes", None], [True, False, "unreadable", "unreadable", None]),
        (
            "date",
            ["2013-07-01", "2013-7-1", "2013-02-30", "20130701", "2013-07-01T00:00:00Z", None],
            [NOON.date()] + ["unreadable"] * 4 + [None],
        ),
        (
            "timestamp",
            ["2013-07-01T12:00:00Z", "2013-07-01 08:00:00-04:00", "2013-07-01T12:00:00.000000Z", None],
            [NOON, NOON, NOON, None],
        ),
        ("timestamp", ["2013-07-01T12:00:00", "2013-07-01", "2013-07-01T12:00:00.0000001Z"], ["unreadable"] * 3),
        ("string", ["", "x", None], ["", "x", None]),
    ],
)
def test_text_is_read_strictly(tmp_path: Path, physical: str, texts: list[str | None], values: list[Any]) -> None:
    assert read(tmp_path, physical, pl.Series(texts, dtype=pl.String)) == values


@pytest.mark.parametrize(
    ("physical", "series", "values"),
    [
        ("int32", pl.Series([1.0, 1.5, float("nan"), None]), [1, "unreadable", "unreadable", None]),
        ("int32", pl.Series([2**40, 5]), ["unreadable", 5]),
        ("int16", pl.Series([70_000, 7], dtype=pl.UInt32), ["unreadable", 7]),
        ("int64", pl.Series([2**63, 7], dtype=pl.UInt64), ["unreadable", 7]),
        ("double", pl.Series([2**53 + 1, 2**53], dtype=pl.Int64), ["unreadable", 2.0**53]),
        ("double", pl.Series([1.5, float("nan"), float("-inf")], dtype=pl.Float32), [1.5, "nan", "nan"]),
        ("int32", pl.Series([Decimal("2.00"), Decimal("2.50")]), [2, "unreadable"]),
        ("double", pl.Series([Decimal("2.50"), None]), [2.5, None]),
        ("int32", pl.Series([True, None]), ["unreadable", None]),
        ("boolean", pl.Series([0, 1]), ["unreadable"] * 2),
        ("string", pl.Series([15]), ["unreadable"]),
        ("string", pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
        ("double", pl.Series([None, None]), [None, None]),
        ("date", pl.Series([NOON]), ["unreadable"]),
        ("timestamp", pl.Series([NOON.date()]), ["unreadable"]),
        ("int32", pl.Series([[1], None]), ["unreadable", None]),
    ],
)
def test_values_change_type_only_unchanged(tmp_path: Path, physical: str, series: pl.Series, values: list[Any]) -> None:
    assert read(tmp_path, physical, series) == values


def test_timestamps_of_any_zone_become_utc(tmp_path: Path) -> None:
    zoned = pl.Series([NOON]).dt.convert_time_zone("America/New_York").cast(pl.Datetime("ms", "America/New_York"))
    assert read(tmp_path, "timestamp", zoned) == [NOON]


def test_timestamps_finer_than_the_lake_holds_are_not_cut(tmp_path: Path) -> None:
    fine = pl.Series([1_000, 1_001]).cast(pl.Datetime("ns", "UTC"))
    assert read(tmp_path, "timestamp", fine)[1] == "unreadable"


def test_timestamps_without_a_zone_are_not_guessed(tmp_path: Path) -> None:
    assert read(tmp_path, "timestamp", pl.Series([NOON.replace(tzinfo=None)])) == ["unreadable"]


@pytest.mark.parametrize(
    ("texts", "lost"),
    [("anything", []), ("temporal", ["n"]), ("nothing", ["n", "day", "at"])],
)
def test_text_is_a_type_of_its_own_where_the_file_has_types(tmp_path: Path, texts: Texts, lost: list[str]) -> None:
    loaded = contract(
        tmp_path,
        [
            {"name": "n", "logicalType": "integer"},
            {"name": "day", "logicalType": "date"},
            {"name": "at", "logicalType": "timestamp"},
            {"name": "name", "logicalType": "string"},
        ],
    )
    frame = pl.DataFrame({"n": ["7"], "day": ["2013-07-01"], "at": ["2013-07-01T12:00:00Z"], "name": ["7"]})
    conformed = conform(frame, loaded, texts=texts)
    assert [name for name in frame.columns if conformed.values[name][0] is None] == lost
    assert sorted(conformed.reasons) == sorted(lost)
