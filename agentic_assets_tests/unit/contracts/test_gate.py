import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import Contract, Finding, GateResult, gate
from agentic_assets_tests.unit.contracts.written import contract, share

FLIGHTS: list[dict[str, Any]] = [
    {"name": "origin", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
    {"name": "flight", "logicalType": "integer", "physicalType": "int32", "primaryKey": True, "primaryKeyPosition": 2},
    {"name": "tailnum", "logicalType": "string", "logicalTypeOptions": {"pattern": "^N[0-9A-Z]+$"}},
    {
        "name": "dep_time",
        "physicalType": "int32",
        "logicalType": "integer",
        "logicalTypeOptions": {"minimum": 0, "maximum": 2359},
    },
    {"name": "speed", "logicalType": "number"},
    {"name": "left_at", "logicalType": "timestamp"},
]
NOON = dt.datetime(2013, 3, 10, 12, tzinfo=dt.UTC)


def rows(count: int = 40) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "origin": ["EWR"] * count,
            "flight": pl.Series(range(1, count + 1), dtype=pl.Int32),
            "tailnum": ["N1"] * count,
            "dep_time": pl.Series([515] * count, dtype=pl.Int32),
            "speed": [400.0] * count,
            "left_at": pl.Series([NOON] * count, dtype=pl.Datetime("us", "UTC")),
        }
    )


@pytest.fixture
def flights(tmp_path: Path) -> Contract:
    return contract(tmp_path, FLIGHTS, customProperties=share(0.1))


def gated(frame: pl.DataFrame, flights: Contract) -> GateResult:
    result = gate(frame, flights, partition="2013-03-10")
    assert result.read == frame.height == result.valid.height + result.quarantined.height
    assert dict(result.valid.schema) == flights.schema
    return result


def only(result: GateResult) -> Finding:
    [finding] = result.findings
    return finding


def test_a_clean_frame_passes_as_it_is(flights: Contract) -> None:
    frame = rows()
    result = gated(frame, flights)
    assert result.valid.equals(frame)
    assert (result.findings, result.refused) == ((), False)
    assert result.message() == "tests/things@1.2.3 let the partition 2013-03-10 pass, all 40 rows"


def test_columns_come_out_in_the_order_of_the_contract(flights: Contract) -> None:
    frame = rows()
    assert gated(frame.select(reversed(frame.columns)), flights).valid.equals(frame)


def test_a_missing_column_refuses_the_table_and_names_the_column(flights: Contract) -> None:
    result = gated(rows().drop("flight", "speed"), flights)
    assert result.refused
    assert [(f.rule, f.scope, f.severity) for f in result.findings] == [
        ("column(flight)", "table", "error"),
        ("column(speed)", "table", "error"),
    ]
    assert result.quarantined["rule"].unique().to_list() == ["column(flight)"]
    assert (
        "refused the partition 2013-03-10, nothing was published:\n  - the column `flight` is missing"
        in result.message()
    )


def test_rules_over_a_missing_column_are_not_reported_besides(flights: Contract) -> None:
    frame = rows().drop("flight").with_columns(dep_time=pl.lit(9999, pl.Int32))
    assert [finding.rule for finding in gated(frame, flights).findings] == ["column(flight)", "range(dep_time)"]


def test_an_unexpected_column_is_left_out_with_a_warning(flights: Contract) -> None:
    result = gated(rows().with_columns(extra=1, more=2), flights)
    assert (only(result).rule, only(result).severity, only(result).count) == ("unexpectedColumns", "warning", 2)
    assert result.valid.equals(rows())
    assert result.message().splitlines() == [
        "tests/things@1.2.3 let the partition 2013-03-10 pass, all 40 rows, with warnings:",
        "  - 2 columns are not in the contract and left out: `extra`, `more`",
    ]


def test_an_empty_table_is_refused(flights: Contract) -> None:
    result = gated(rows(0), flights)
    assert result.refused
    assert "the table is empty: 0 rows" in result.message()


def test_an_empty_table_passes_where_the_contract_says_how_few_rows_are_enough(tmp_path: Path) -> None:
    enough = {"metric": "rowCount", "mustBeGreaterOrEqualTo": 0}
    assert not gated(rows(0), contract(tmp_path, FLIGHTS, [enough])).refused


def test_text_is_cast_and_what_does_not_cast_is_quarantined_with_its_value(flights: Contract) -> None:
    frame = rows().with_columns(pl.col("flight").cast(pl.String))
    frame = frame.with_columns(flight=pl.when(pl.int_range(pl.len()) == 17).then(pl.lit("12x")).otherwise("flight"))
    result = gated(frame, flights)
    finding = only(result)
    assert (finding.rule, finding.count, finding.example_row, finding.example_value) == ("type(flight)", 1, 17, "12x")
    assert finding.message == "`flight` breaks type int32 on 1 row, e.g. row 17: '12x'"
    assert result.valid.equals(rows().filter(pl.col("flight") != 18))
    assert not result.refused


def test_a_wrong_type_quarantines_what_cannot_be_cast_without_loss(flights: Contract) -> None:
    frame = rows().with_columns(dep_time=pl.when(pl.int_range(pl.len()) < 2).then(1.5).otherwise(515.0))
    result = gated(frame, flights)
    assert only(result).message == "`dep_time` breaks type int32 on 2 rows, e.g. row 0: 1.5 (delivered as Float64)"
    assert result.valid["dep_time"].dtype == pl.Int32


def test_a_column_of_the_wrong_type_refuses_the_table(flights: Contract) -> None:
    result = gated(rows().with_columns(dep_time=pl.lit(value=True)), flights)
    assert result.refused
    assert "`dep_time` breaks type int32 on 40 rows, e.g. row 0: true (delivered as Boolean)" in result.message()
    assert "40 of 40 rows were refused (100 %), more than the 10 % that the contract allows" in result.message()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_nan_where_a_number_belongs_is_quarantined(flights: Contract, bad: float) -> None:
    frame = rows().with_columns(speed=pl.when(pl.int_range(pl.len()) == 3).then(bad).otherwise("speed"))
    result = gated(frame, flights)
    assert only(result).rule == "nan(speed)"
    assert only(result).message.startswith("`speed` breaks finite (not NaN) on 1 row, e.g. row 3: ")
    assert result.quarantined["source_row"].to_list() == [3]


def test_nan_in_text_is_no_number_either(flights: Contract) -> None:
    frame = rows().with_columns(speed=pl.lit("NaN"))
    assert gated(frame, flights).findings[0].rule == "nan(speed)"


def test_every_copy_of_a_duplicate_key_is_quarantined(flights: Contract) -> None:
    frame = pl.concat([rows(), rows(1), rows(1)])
    result = gated(frame, flights)
    finding = only(result)
    assert (finding.rule, finding.column, finding.count) == ("primaryKey(origin,flight)", None, 3)
    assert finding.message == "3 rows break primary key origin, flight, e.g. row 0: origin=EWR, flight=1"
    assert result.valid.equals(rows()[1:])
    assert result.quarantined["value"].to_list() == ["origin=EWR, flight=1"] * 3


def test_a_unique_column_may_repeat_nulls_but_no_value(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "string", "unique": True}])
    result = gate(pl.DataFrame({"c": ["a", None, "b", None, "a"]}), loaded, partition="p")
    assert result.quarantined["source_row"].to_list() == [0, 4]
    assert result.findings[0].rule == "unique(c)"


def test_a_null_where_a_value_is_required_is_quarantined(flights: Contract) -> None:
    frame = rows().with_columns(origin=pl.when(pl.int_range(pl.len()) != 5).then("origin"))
    result = gated(frame, flights)
    assert only(result).message == "`origin` breaks required on 1 row, e.g. row 5: null"
    assert result.quarantined.row(0, named=True) | {"row": ""} == {
        "source_row": 5,
        "rule": "required(origin)",
        "column": "origin",
        "value": None,
        "rules": "required(origin)",
        "row": "",
    }


def test_timestamps_without_a_time_zone_are_refused_and_say_so(flights: Contract) -> None:
    result = gated(rows().with_columns(pl.col("left_at").dt.replace_time_zone(None)), flights)
    assert result.refused
    assert "`left_at` breaks type timestamp with a time zone on 40 rows" in result.message()
    assert "(delivered as timestamps without a time zone)" in result.message()


def test_an_unknown_time_zone_is_quarantined(tmp_path: Path) -> None:
    zone = {
        "name": "zone",
        "logicalType": "string",
        "customProperties": [{"property": "format", "value": "timezone"}],
    }
    loaded = contract(tmp_path, [zone], customProperties=share(1))
    frame = pl.DataFrame({"zone": ["America/New_York", "Mars/Olympus", None, "EST5EDT", "america/new_york"]})
    result = gate(frame, loaded, partition="p")
    assert result.quarantined["value"].to_list() == ["Mars/Olympus", "america/new_york"]
    assert result.findings[0].message == "`zone` breaks a known IANA time zone on 2 rows, e.g. row 1: 'Mars/Olympus'"


def test_a_table_with_too_large_a_share_of_refused_rows_is_refused_whole(flights: Contract) -> None:
    frame = rows().with_columns(dep_time=pl.when(pl.int_range(pl.len()) < 5).then(2460).otherwise("dep_time"))
    result = gated(frame, flights)
    assert result.refused
    assert result.valid.height == 35
    assert result.message().splitlines() == [
        "tests/things@1.2.3 refused the partition 2013-03-10, nothing was published:",
        "  - `dep_time` breaks in_range(0, 2359) on 5 rows, e.g. row 0: 2460",
        "  - 5 of 40 rows were refused (12.5 %), more than the 10 % that the contract allows",
        "hint: the 5 rows are in quarantine/things; fix the source, or release a new version of the contract",
    ]


def test_a_share_just_within_the_limit_passes(flights: Contract) -> None:
    frame = rows().with_columns(dep_time=pl.when(pl.int_range(pl.len()) < 4).then(2460).otherwise("dep_time"))
    result = gated(frame, flights)
    assert not result.refused
    assert "let the partition 2013-03-10 pass without 4 of 40 rows:" in result.message()


def test_a_mild_rule_warns_and_lets_the_row_pass(tmp_path: Path) -> None:
    check = {
        "metric": "invalidValues",
        "arguments": {"validValues": ["a", "b"]},
        "mustBe": 0,
        "severity": "warning",
    }
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "string", "quality": [check]}])
    result = gate(pl.DataFrame({"c": ["a", "x"]}), loaded, partition="p")
    assert (result.valid.height, result.refused, result.findings[0].severity) == (2, False, "warning")
    assert "`c` breaks in_set(a, b) on 1 row, e.g. row 1: 'x'" in result.message()


@pytest.mark.parametrize(
    ("check", "refused", "said"),
    [
        (
            {"metric": "rowCount", "mustBeBetween": [1, 9]},
            True,
            "the number of rows must be between 1 and 9, there are 10",
        ),
        ({"metric": "rowCount", "mustBeGreaterThan": 9}, False, ""),
        ({"metric": "rowCount", "mustNotBe": 10}, True, "the number of rows must not be 10, there are 10"),
    ],
)
def test_the_number_of_rows_is_held_against_its_operator(
    tmp_path: Path, check: dict[str, Any], refused: bool, said: str
) -> None:
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "integer"}], [check])
    result = gate(pl.DataFrame({"c": range(10)}), loaded, partition="p")
    assert result.refused is refused
    assert said in result.message()


@pytest.mark.parametrize(
    ("check", "refused", "said"),
    [
        (
            {"metric": "nullValues", "mustBeLessThan": 20, "unit": "percent"},
            True,
            "must be less than 20 %, there are 2 of 10",
        ),
        ({"metric": "nullValues", "mustBeLessOrEqualTo": 20, "unit": "percent"}, False, ""),
        (
            {"metric": "missingValues", "arguments": {"missingValues": ["NA", None]}, "mustBeLessThan": 3},
            True,
            "are 3 of 10",
        ),
        ({"metric": "invalidValues", "arguments": {"pattern": "[a-z]"}, "mustBeLessThan": 2}, False, ""),
        ({"metric": "invalidValues", "arguments": {"pattern": "[b-z]"}, "mustBeLessThan": 2}, True, "are 7 of 10"),
        (
            {"metric": "duplicateValues", "mustBeLessThan": 5, "unit": "rows"},
            True,
            "rows with the same c must be less than 5",
        ),
        ({"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE c = 'a'", "mustBeLessThan": 7}, False, ""),
        (
            {"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE c = 'a'", "mustBeLessThan": 6},
            True,
            "are 6 of 10",
        ),
    ],
)
def test_a_check_with_a_tolerance_is_about_the_table_and_refuses_no_row(
    tmp_path: Path, check: dict[str, Any], refused: bool, said: str
) -> None:
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "string", "quality": [check]}])
    result = gate(pl.DataFrame({"c": [*"aaaaaab", "NA", None, None]}), loaded, partition="p")
    assert (result.refused, result.quarantined.height) == (refused, 0)
    assert said in result.message()


def test_a_row_predicate_refuses_the_rows_that_the_query_counts(tmp_path: Path) -> None:
    properties = [{"name": name, "logicalType": "timestamp"} for name in ("known_at", "decided_at")]
    check = {
        "id": "nothing-from-the-future",
        "type": "sql",
        "query": "SELECT COUNT(*) FROM ${object} WHERE NOT (known_at <= decided_at)",
        "mustBe": 0,
    }
    loaded = contract(tmp_path, properties, [check], customProperties=share(1))
    late = NOON + dt.timedelta(hours=1)
    result = gate(pl.DataFrame({"known_at": [NOON, late, None], "decided_at": [NOON] * 3}), loaded, partition="p")
    assert result.quarantined["source_row"].to_list() == [1]
    assert result.findings[0].message.startswith(
        "1 row breaks nothing-from-the-future, known_at <= decided_at, e.g. row 1: known_at=2013-03-10 13:00:00"
    )


@pytest.mark.parametrize(
    ("kind", "options", "good", "bad"),
    [
        ("integer", {"minimum": 1}, [1, 2], [0]),
        ("integer", {"exclusiveMaximum": 3}, [2], [3, 4]),
        ("integer", {"exclusiveMinimum": 1, "maximum": 3}, [2, 3], [1, 4]),
        ("integer", {"minimum": 1, "exclusiveMaximum": 3}, [1, 2], [0, 3]),
        ("integer", {"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2], [1, 3]),
        ("integer", {"minimum": 0.5, "maximum": 2.5}, [1, 2], [0, 3]),
        ("integer", {"multipleOf": 5}, [-5, 0, 10], [3]),
        ("number", {"minimum": 0, "maximum": 1}, [0.0, 1.0], [1.0001, -0.1]),
        ("string", {"minLength": 2, "maxLength": 3}, ["ab", "äöü"], ["a", "abcd"]),
        ("string", {"minLength": 1}, ["a"], [""]),
        ("string", {"maxLength": 1}, ["", "a"], ["ab"]),
        ("string", {"pattern": r"\d{2}"}, ["12"], ["123", "١٢", "a"]),
        ("string", {"format": "ipv4"}, ["1.2.3.4"], ["1.2.3"]),
        (
            "date",
            {"minimum": "2013-01-01", "exclusiveMaximum": "2013-12-31"},
            ["2013-12-30"],
            ["2012-12-31", "2013-12-31"],
        ),
        ("timestamp", {"minimum": "2013-01-01T00:00:00Z"}, ["2013-01-01T00:00:00Z"], ["2012-12-31T23:59:59Z"]),
    ],
)
def test_ranges_lengths_patterns_and_formats_hold_at_their_ends(
    tmp_path: Path, kind: str, options: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    item = {"name": "c", "logicalType": kind, "logicalTypeOptions": options}
    loaded = contract(tmp_path, [item], customProperties=share(1))
    result = gate(pl.DataFrame({"c": [*good, None, *bad]}), loaded, partition="p")
    first_bad = len(good) + 1
    assert result.quarantined["source_row"].to_list() == list(range(first_bad, first_bad + len(bad)))


def test_an_enumeration_takes_only_its_values(tmp_path: Path) -> None:
    item = {"name": "c", "logicalType": "integer", "enum": [{"value": 1}, {"value": 2}]}
    result = gate(pl.DataFrame({"c": [1, 2, 3]}), contract(tmp_path, [item]), partition="p")
    assert result.findings[0].message == "`c` breaks in_set(1, 2) on 1 row, e.g. row 2: 3"


def test_a_long_message_is_cut_and_says_so(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [{"name": f"c{n}", "logicalType": "integer", "required": True} for n in range(40)])
    frame = pl.DataFrame(
        {f"c{n}": [None, "x" * 10_000] for n in range(40)}, schema={f"c{n}": pl.String for n in range(40)}
    )
    message = gate(frame, loaded, partition="p").message()
    assert "  - and 69 more" in message
    assert len(message) < 3_000


def test_control_characters_of_the_data_stay_out_of_messages(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "integer"}])
    result = gate(pl.DataFrame({"c": ["\x1b[2Jbad\n"]}), loaded, partition="p")
    assert "'\\x1b[2Jbad\\x0a'" in result.message()


def test_row_numbers_are_those_of_the_source_where_it_has_them(flights: Contract) -> None:
    frame = rows().with_columns(source_row=pl.int_range(1001, 1041), speed=pl.lit(None, pl.Float64))
    frame = frame.with_columns(dep_time=pl.when(pl.col("source_row") == 1007).then(9999).otherwise("dep_time"))
    result = gated(frame, flights)
    assert (only(result).example_row, result.quarantined["source_row"].to_list()) == (1007, [1007])
