import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import GateResult, gate
from agentic_assets.contracts.odcs.moments import strptime
from agentic_assets.contracts.odcs.physical import of_text
from agentic_assets.lake import Lake
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.contracts.written import contract, share

Property = dict[str, Any]
UTC = pl.Datetime("us", "UTC")
NAIVE = dt.datetime(2013, 1, 5, 10)  # noqa: DTZ001
POINT: Property = {
    "logicalType": "object",
    "properties": [{"name": "x", "logicalType": "integer"}, {"name": "tag", "logicalType": "string"}],
}


def gated(folder: Path, said: Mapping[str, Any], values: pl.Series | list[Any]) -> GateResult:
    loaded = contract(folder, [{"name": "c"} | dict(said)], customProperties=share(1))
    return gate(pl.DataFrame({"c": values}), loaded, partition="p")


@pytest.mark.parametrize(
    ("said", "dtype"),
    [
        ({"logicalType": "number", "physicalType": "decimal(12,2)"}, pl.Decimal(12, 2)),
        ({"physicalType": "NUMBER(38, 9)"}, pl.Decimal(38, 9)),
        ({"logicalType": "integer", "physicalType": "NUMBER(18,0)"}, pl.Int64),
        ({"logicalType": "number", "physicalType": "numeric"}, pl.Float64),
        ({"logicalType": "number", "physicalType": "bignumeric(76,38)"}, pl.Float64),
        ({"logicalType": "number", "logicalTypeOptions": {"format": "f32"}}, pl.Float32),
        ({"logicalType": "number", "physicalType": "FLOAT", "logicalTypeOptions": {"format": "f32"}}, pl.Float32),
        ({"logicalType": "number", "physicalType": "double", "logicalTypeOptions": {"format": "f32"}}, pl.Float64),
        ({"physicalType": "float4"}, pl.Float32),
        ({"logicalType": "number", "physicalType": "serial"}, pl.Int32),
        ({"physicalType": "Nullable(UInt32)"}, pl.Int64),
        ({"logicalType": "time"}, pl.String),
        ({"logicalType": "date", "physicalType": "time"}, pl.String),
        ({"logicalType": "date", "physicalType": "TIMESTAMP"}, UTC),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, pl.Datetime("us")),
        ({"logicalType": "timestamp", "physicalType": "TIMESTAMP_NTZ"}, pl.Datetime("us")),
        ({"logicalType": "timestamp", "physicalType": "datetime", "logicalTypeOptions": {"timezone": True}}, UTC),
        ({"physicalType": "BYTES"}, pl.Binary),
        ({"logicalType": "string", "physicalType": "varbinary(16)"}, pl.Binary),
        ({"logicalType": "string", "physicalType": "timestamp"}, pl.String),
        ({"logicalType": "integer", "physicalType": "GEOGRAPHY_POINT"}, pl.Int64),
        (POINT, pl.Struct({"x": pl.Int64, "tag": pl.String})),
        ({"logicalType": "array", "items": POINT}, pl.List(pl.Struct({"x": pl.Int64, "tag": pl.String}))),
        ({"logicalType": "array", "physicalType": "ARRAY<DECIMAL(4,1)>"}, pl.List(pl.Decimal(4, 1))),
        ({"physicalType": "int[]"}, pl.List(pl.Int32)),
        ({"logicalType": "array"}, pl.String),
        ({"logicalType": "object"}, pl.String),
        ({"logicalType": "object", "physicalType": "json"} | {"properties": POINT["properties"]}, pl.String),
        (
            {"logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": {"logicalType": "number"}}},
            pl.List(pl.Struct({"key": pl.String, "value": pl.Float64})),
        ),
        ({"logicalType": "vector", "logicalTypeOptions": {"dimensions": 2}}, pl.List(pl.Float32)),
        ({}, pl.String),
        ({"physicalType": "HyperLogLog"}, pl.String),
    ],
)
def test_every_type_of_the_standard_is_held(tmp_path: Path, said: Property, dtype: pl.DataType) -> None:
    assert contract(tmp_path, [{"name": "c"} | said]).schema == {"c": dtype}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "`c`: no type: it is held as text"),
        ({"physicalType": "HyperLogLog"}, "'HyperLogLog', which is not known"),
        ({"logicalType": "date", "physicalType": "int32"}, "contradict each other; it is held as date"),
        ({"logicalType": "number", "physicalType": "numeric"}, "without precision and scale is held as double"),
        ({"logicalType": "object"}, "does not say what the object holds"),
        ({"logicalType": "array", "items": {"logicalType": "array"}}, "inside, `[]` does not say what the array holds"),
        ({"logicalType": "date", "logicalTypeOptions": {"format": "YYYY-'w'ww"}}, "format YYYY-'w'ww"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"defaultTimezone": "Asia/Tokyo"}}, "Asia/Tokyo"),
        ({"logicalType": "string", "logicalTypeOptions": {"format": "iban"}}, "format iban"),
        ({"logicalType": "string", "semanticType": "measure"}, "`c` is a measure"),
        (POINT | {"unique": True}, "`c`: unique (nested values are not compared)"),
        (POINT | {"logicalTypeOptions": {"maxProperties": 2}}, "`c`: maxProperties"),
        (
            {"logicalType": "array", "items": {"logicalType": "string", "logicalTypeOptions": {"pattern": "x"}}},
            "`c[]`: pattern (not checked inside nested values)",
        ),
        (
            {"logicalType": "object", "properties": [{"name": "a", "logicalType": "string", "required": True}]},
            "`c.a`: required (not checked inside nested values)",
        ),
        ({"physicalType": "varchar(9)", "logicalTypeOptions": {"pattern": "^(?=a)"}}, "look-around"),
    ],
)
def test_what_a_type_promises_and_nothing_checks_is_named(tmp_path: Path, said: Property, told: str) -> None:
    loaded = contract(tmp_path, [{"name": "c"} | said, {"name": "other", "logicalType": "string"}])
    assert [note for note in loaded.unenforced if told in note]


@pytest.mark.parametrize(
    ("said", "given", "read"),
    [
        ({"physicalType": "decimal(6,2)"}, ["1.50", "-7", "1.500", "1.505", "12345.1", "x", None],
         [Decimal("1.50"), Decimal("-7.00"), Decimal("1.50"), None, None, None, None]),
        ({"physicalType": "decimal(6,2)"}, [1.1, 1.005, None], [Decimal("1.10"), None, None]),
        ({"physicalType": "decimal(6,2)"}, [3, 123456], [Decimal("3.00"), None]),
        ({"physicalType": "float32"}, [0.5, 1e300, None], [0.5, None, None]),
        ({"logicalType": "time"}, ["08:05:00", "08:05:00.250", "8:05", "24:00:00", None],
         ["08:05:00", "08:05:00.25", None, None, None]),
        ({"logicalType": "time"}, [dt.time(0, 0), dt.time(10, 0, 0, 100), None], ["00:00:00", "10:00:00.0001", None]),
        ({"logicalType": "time", "logicalTypeOptions": {"format": "HH.mm"}}, ["08.05", "08:05:30", "8.05"],
         ["08:05:00", "08:05:30", None]),
        ({"logicalType": "date", "logicalTypeOptions": {"format": "dd/MM/yyyy"}},
         ["05/01/2013", "5/1/2013", "2013-01-05"], [dt.date(2013, 1, 5), None, dt.date(2013, 1, 5)]),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}},
         ["2013-01-05 10:00:00", "2013-01-05T10:00:00Z"], [NAIVE, None]),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm"}},
         ["2013-01-05 10:00", "2013-01-05T10:00:00Z"], [dt.datetime(2013, 1, 5, 10, tzinfo=dt.UTC)] * 2),
        ({"logicalType": "timestamp",
          "logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm", "defaultTimezone": "America/New_York"}},
         ["2013-01-05 10:00", "2013-03-10 02:30"], [dt.datetime(2013, 1, 5, 15, tzinfo=dt.UTC), None]),
        ({"physicalType": "bytes"}, ["0aFF", "\\x01", "0x", "abc", None], [b"\x0a\xff", b"\x01", b"", None, None]),
        (POINT, ['{"x": 1, "tag": "a"}', '{"x": "one"}', "nope", None], [{"x": 1, "tag": "a"}, None, None, None]),
        (POINT, [{"x": 1.0, "tag": None}, {"x": 1.5, "tag": "b"}, None], [{"x": 1, "tag": None}, None, None]),
        ({"logicalType": "array", "items": {"logicalType": "integer"}}, [[1.0, None], [], None, [2.5, 1.0]],
         [[1, None], [], None, None]),
        ({}, [1, None, 3], ["1", None, "3"]),
        ({"logicalType": "array"}, [[1, 2], None], ["[1,2]", None]),
    ],
)  # fmt: skip
def test_cells_are_read_as_the_type_or_not_at_all(
    tmp_path: Path, said: Property, given: list[Any], read: list[Any]
) -> None:
    result = gated(tmp_path, said, given)
    refused = [
        row for row, (cell, value) in enumerate(zip(given, read, strict=True)) if cell is not None and value is None
    ]
    assert result.quarantined["source_row"].to_list() == refused
    assert result.valid["c"].to_list() == [value for row, value in enumerate(read) if row not in refused]


@pytest.mark.parametrize(
    ("said", "kept", "broken"),
    [
        ({"physicalType": "decimal(9,2)", "logicalTypeOptions": {"minimum": 0.1, "exclusiveMaximum": 10}}, "0.1", "10"),
        ({"physicalType": "decimal(9,2)", "enum": [{"value": 1.5}]}, "1.50", "1.51"),
        ({"logicalType": "time", "logicalTypeOptions": {"minimum": "08:00", "maximum": "17:30:00"}}, "08:00:00",
         "17:30:00.1"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"minimum": "2013-01-01 00:00:00"}}, "2013-01-01T00:00:00Z",
         "2012-12-31T23:59:59Z"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False, "maximum": "2013-01-01T00:00:00"}},
         "2013-01-01T00:00:00", "2013-01-01T00:00:01"),
        ({"logicalType": "date", "logicalTypeOptions": {"format": "dd.MM.yyyy", "minimum": "01.02.2013"}}, "01.02.2013",
         "31.01.2013"),
        ({"logicalType": "array", "items": {"logicalType": "string"}, "logicalTypeOptions": {"minItems": 2}},
         '["a","b"]', '["a"]'),
        ({"logicalType": "array", "items": {"logicalType": "integer"}, "logicalTypeOptions": {"uniqueItems": True}},
         "[1,2]", "[1,1]"),
        ({"logicalType": "vector", "logicalTypeOptions": {"dimensions": 2}}, "[1,2]", "[1,2,3]"),
        (POINT | {"logicalTypeOptions": {"required": ["tag"]}}, '{"x":1,"tag":"a"}', '{"x":1}'),
        (POINT | {"required": True}, '{"x":1}', None),
        ({"logicalType": "string", "logicalTypeOptions": {"format": "byte"}}, "YWI=", "YWI"),
        ({"logicalType": "string", "logicalTypeOptions": {"format": "ipv6"}}, "2001:db8::1", "2001:db8::1::2"),
    ],
)  # fmt: skip
def test_what_is_said_of_such_values_is_enforced(
    tmp_path: Path, said: Property, kept: str | None, broken: str | None
) -> None:
    result = gated(tmp_path, said, pl.Series([kept, broken], dtype=pl.String))
    assert result.quarantined["source_row"].to_list() == [1]


def test_every_type_is_published_and_read_back_with_the_same_digest(tmp_path: Path) -> None:
    properties: list[Property] = [
        {"name": "dec", "physicalType": "decimal(12,2)"},
        {"name": "real", "physicalType": "float32"},
        {"name": "at", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}},
        {"name": "clock", "logicalType": "time"},
        {"name": "bytes", "physicalType": "bytes"},
        {"name": "point"} | POINT,
        {"name": "points", "logicalType": "array", "items": POINT},
        {"name": "a b.c-é", "logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": POINT}},
        {"name": "anything"},
    ]
    loaded = contract(tmp_path, properties)
    point = {"x": 1, "tag": None}
    frame = pl.DataFrame(
        {
            "dec": ["1.10", None],
            "real": [0.5, None],
            "at": [NAIVE.replace(microsecond=7), None],
            "clock": [dt.time(10, 0), None],
            "bytes": [b"\x00\xff", None],
            "point": [point, None],
            "points": [[point], []],
            "a b.c-é": [[{"key": "k", "value": point}], None],
            "anything": [1.5, None],
        }
    )
    result = gate(frame, loaded, partition="p")
    assert result.valid.height == 2, result.message()
    table = Lake(tmp_path / "lake").table("tests/things", loaded.schema, partitioned=True)
    table.publish([table.stage("p", result.valid)], run_id="one")
    read = Lake(tmp_path / "lake").open("tests/things").scan().collect()
    assert read.schema == loaded.schema
    assert of_frame(read) == of_frame(result.valid)


def test_a_quarantined_row_with_any_type_passes_when_it_is_gated_again(tmp_path: Path) -> None:
    loaded = contract(
        tmp_path,
        [{"name": "n", "logicalType": "integer"}, {"name": "p"} | POINT, {"name": "d", "physicalType": "decimal(5,2)"}],
        customProperties=share(1),
    )
    frame = pl.DataFrame({"n": ["x"], "p": [{"x": 1, "tag": "a"}], "d": [Decimal("1.10")]})
    row = gate(frame, loaded, partition="p").quarantined["row"][0]
    again = pl.DataFrame([row]).select(pl.col("column_0").str.json_decode(pl.Struct(dict.fromkeys("npd", pl.String))))
    corrected = again.unnest("column_0").with_columns(n=pl.lit("1"))
    assert gate(corrected, loaded, partition="p").valid.to_dicts() == [
        {"n": 1, "p": {"x": 1, "tag": "a"}, "d": Decimal("1.10")}
    ]


def test_a_column_is_read_by_its_physical_name_or_its_own(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [{"name": "day", "physicalName": "dt_ref", "logicalType": "date", "required": True}])
    for name in ("day", "dt_ref"):
        result = gate(pl.DataFrame({name: ["2013-01-01"]}), loaded, partition="p")
        assert result.valid.to_dicts() == [{"day": dt.date(2013, 1, 1)}]
        assert result.findings == ()
    both = gate(pl.DataFrame({"day": ["2013-01-01"], "dt_ref": ["x"]}), loaded, partition="p")
    assert [finding.rule for finding in both.findings] == ["unexpectedColumns"]


def test_the_physical_name_of_one_column_may_be_the_name_of_another(tmp_path: Path) -> None:
    swapped = [
        {"name": "a", "physicalName": "b", "logicalType": "string"},
        {"name": "b", "physicalName": "a", "logicalType": "string"},
    ]
    loaded = contract(tmp_path, swapped)
    assert gate(pl.DataFrame({"a": ["1"], "b": ["2"]}), loaded, partition="p").valid.to_dicts() == [
        {"a": "1", "b": "2"}
    ]


def test_a_field_that_nobody_asked_for_is_left_out_with_a_word(tmp_path: Path) -> None:
    result = gated(tmp_path, POINT, [{"x": 1, "tag": "a", "more": True}])
    assert result.valid.to_dicts() == [{"c": {"x": 1, "tag": "a"}}]
    assert "`c.more`" in result.message()


def test_a_contract_without_columns_takes_them_as_they_come(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [], [{"metric": "rowCount", "mustBeGreaterThan": 1}])
    assert "its columns are taken as they come" in loaded.unenforced[0]
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert gate(frame, loaded, partition="p").valid.equals(frame)
    assert gate(frame.head(1), loaded, partition="p").refused


def test_the_class_of_a_part_closes_the_whole_column(tmp_path: Path) -> None:
    inside = {"name": "mail", "logicalType": "string", "classification": "restricted"}
    column = contract(tmp_path, [{"name": "c", "logicalType": "object", "properties": [inside]}]).column("c")
    assert column.masked


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S%.3f%#z"),
        ("d.M.yy", "%-d.%-m.%y"),
        ("yyyyMMddHHmmssSSS", "%Y%m%d%H%M%S%3f"),
        ("MMM d, yyyy hh:mm a", "%b %-d, %Y %I:%M %p"),
        ("%Y-%m-%d", None),
        ("yyyy[-MM]", None),
        ("''", None),
    ],
)
def test_formats_of_the_jdk_are_translated_or_given_up(pattern: str, made: str | None) -> None:
    assert strptime(pattern) == made


@pytest.mark.parametrize("text", ["", "((((", "array<", "<>", "a" * 5_000, "array<" * 80, "nullable(" * 100, "\x00"])
def test_a_physical_type_that_is_none_is_not_known(text: str) -> None:
    assert of_text(text) is None
