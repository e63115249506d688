import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import gate
from agentic_assets.contracts.gating.conform import read_value
from agentic_assets.contracts.gating.quarantine import SCHEMA, as_json, row_digest
from agentic_assets_tests.unit.contracts.written import contract, share

PEOPLE: list[dict[str, Any]] = [
    {"name": "id", "logicalType": "integer", "required": True, "unique": True},
    {
        "name": "mail",
        "logicalType": "string",
        "classification": "confidential",
        "logicalTypeOptions": {"format": "email"},
    },
    {"name": "age", "logicalType": "integer", "classification": "public", "logicalTypeOptions": {"maximum": 150}},
]


def test_the_first_broken_rule_is_named_and_all_are_listed(tmp_path: Path) -> None:
    loaded = contract(tmp_path, PEOPLE, customProperties=share(1))
    frame = pl.DataFrame({"id": ["1", None, "x"], "mail": ["a@b.org", "nope", None], "age": ["5", "200", "7"]})
    result = gate(frame, loaded, partition="p")
    assert dict(result.quarantined.schema) == SCHEMA
    assert result.quarantined.select("source_row", "rule", "column", "value", "rules").rows() == [
        (1, "required(id)", "id", None, "required(id), format(mail), range(age)"),
        (2, "type(id)", "id", "x", "type(id)"),
    ]


def test_a_value_that_cannot_be_read_breaks_its_type_and_nothing_else(tmp_path: Path) -> None:
    loaded = contract(tmp_path, PEOPLE, customProperties=share(1))
    frame = pl.DataFrame({"id": ["x"], "mail": [None], "age": ["y"]}, schema_overrides={"mail": pl.String})
    assert gate(frame, loaded, partition="p").quarantined["rules"].to_list() == ["type(id), type(age)"]


def test_classified_values_are_masked_in_value_findings_and_message(tmp_path: Path) -> None:
    loaded = contract(tmp_path, PEOPLE, customProperties=share(1))
    frame = pl.DataFrame({"id": [1], "mail": ["secret"], "age": [5]})
    result = gate(frame, loaded, partition="p")
    assert result.quarantined["value"].to_list() == ["(masked)"]
    assert result.findings[0].example_value == "(masked)"
    assert "secret" not in result.message()


def test_a_masked_column_is_masked_beside_open_ones(tmp_path: Path) -> None:
    check = {"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE mail = 'secret' AND age > 1", "mustBe": 0}
    loaded = contract(tmp_path, PEOPLE, [check], customProperties=share(1))
    result = gate(pl.DataFrame({"id": [1], "mail": ["secret"], "age": [5]}), loaded, partition="p")
    by_rule = {finding.rule: finding.example_value for finding in result.findings}
    assert by_rule["sql(mail,age)"] == "mail=(masked), age=5"


def test_the_row_is_kept_whole_as_it_was_delivered(tmp_path: Path) -> None:
    loaded = contract(tmp_path, PEOPLE, customProperties=share(1))
    frame = pl.DataFrame({"id": [1], "mail": ['q"ö\n'], "age": [5], "extra": [None], "weight": [1.5]})
    [row] = gate(frame, loaded, partition="p").quarantined["row"]
    assert json.loads(row) == {"id": 1, "mail": 'q"ö\n', "age": 5, "extra": None, "weight": 1.5}


def test_what_json_cannot_hold_is_kept_as_text(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [{"name": "x", "logicalType": "number"}], customProperties=share(1))
    frame = pl.DataFrame({"x": [float("nan"), float("inf")], "b": [b"\x00\xff", None]})
    kept = [json.loads(row) for row in gate(frame, loaded, partition="p").quarantined["row"]]
    assert kept == [{"x": "NaN", "b": "00ff"}, {"x": "inf", "b": None}]


def test_a_quarantined_row_can_be_gated_again(tmp_path: Path) -> None:
    properties = [{"name": "at", "logicalType": "timestamp"}, {"name": "n", "logicalType": "integer"}]
    check = {"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE n > 5", "mustBe": 0}
    strict = contract(tmp_path, properties, [check], customProperties=share(1))
    frame = pl.DataFrame({"at": ["2013-01-01T00:00:00Z"], "n": [7]})
    [row] = gate(frame, strict, partition="p").quarantined["row"]
    lenient = contract(tmp_path, properties)
    assert gate(pl.DataFrame([json.loads(row)]), lenient, partition="p").valid["n"].to_list() == [7]


def test_values_are_cut_to_200_characters(tmp_path: Path) -> None:
    loaded = contract(tmp_path, PEOPLE, customProperties=share(1))
    result = gate(pl.DataFrame({"id": ["x" * 10_000], "mail": ["a@b.org"], "age": [1]}), loaded, partition="p")
    [value] = result.quarantined["value"]
    assert (len(value), value[-1]) == (200, "…")
    assert len(result.findings[0].message) < 200


@pytest.mark.parametrize(
    "series",
    [
        pl.Series([[1, 2]]),
        pl.Series([{"a": [1.5]}]),
        pl.Series([b"x"]),
        pl.Series([dt.timedelta(1)]),
        pl.Series([object()], dtype=pl.Object),
        pl.Series(["a"], dtype=pl.Categorical),
        pl.Series([2**100], dtype=pl.Int128),
    ],
    ids=lambda series: str(series.dtype),
)
def test_whatever_was_delivered_is_written_down(tmp_path: Path, series: pl.Series) -> None:
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "date"}], customProperties=share(1))
    [row] = gate(series.alias("c").to_frame(), loaded, partition="p").quarantined["row"]
    assert json.loads(row)["c"] is not None


def test_how_a_row_is_written_depends_on_no_other_row() -> None:
    frame = pl.DataFrame({"x": [1.5, float("nan"), None, float("inf")], "y": [1e300, 2.0, float("nan"), None]})
    alone = [as_json(frame.slice(row, 1))[0] for row in range(frame.height)]
    assert as_json(frame).to_list() == alone
    assert [json.loads(text) for text in alone] == [
        {"x": 1.5, "y": 1e300},
        {"x": "NaN", "y": 2.0},
        {"x": None, "y": "NaN"},
        {"x": "inf", "y": None},
    ]


def test_the_digest_of_a_row_is_of_what_it_says_not_of_where_it_lies() -> None:
    row, moved, changed = '{"source_row":4,"a":1,"b":"x"}', '{"b":"x","a":1,"source_row":5}', '{"a":2,"b":"x"}'
    assert row_digest(row) == row_digest(moved)
    assert row_digest(row) != row_digest(changed)


@pytest.mark.parametrize(
    ("text", "dtype", "read"),
    [
        ("far", pl.String(), "far"),
        (None, pl.Int32(), None),
        ("7", pl.Int32(), 7),
        ("2013-01-05", pl.Date(), dt.date(2013, 1, 5)),
        ("2013-01-05T10:00:00-05:00", pl.Datetime("us", "UTC"), dt.datetime(2013, 1, 5, 15, tzinfo=dt.UTC)),
    ],
)
def test_a_correction_is_read_as_delivered_text_is(text: str | None, dtype: pl.DataType, read: Any) -> None:
    value = read_value(text, dtype)
    assert value is not None
    assert (value.dtype, value[0]) == (dtype, read)


@pytest.mark.parametrize(
    ("text", "dtype"),
    [("far", pl.Int32()), ("7.5", pl.Int32()), ("5.1.2013", pl.Date()), ("[1", pl.List(pl.Int8)), ("x", pl.Boolean())],
)
def test_a_correction_that_is_no_such_value_is_not_guessed(text: str, dtype: pl.DataType) -> None:
    assert read_value(text, dtype) is None
