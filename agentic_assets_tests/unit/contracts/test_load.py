import copy
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import load, load_folder
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract, document, written

STRING = {"name": "c", "logicalType": "string"}


def refusal(
    folder: Path, properties: list[dict[str, Any]], quality: list[dict[str, Any]] | None = None, **more: Any
) -> str:
    with pytest.raises(ContractInvalid) as caught:
        contract(folder, properties, quality or [], **more)
    return str(caught.value)


def test_a_contract_is_known_by_domain_and_table(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [STRING], team={"name": "crew"}, tags=["a"], status="active")
    assert (loaded.name, loaded.dataset, loaded.version, loaded.owner) == ("tests/things", "things", "1.2.3", "crew")
    assert (loaded.tags, loaded.status, loaded.path) == (("a",), "active", "things.odcs.yaml")


def test_the_pin_names_kind_name_version_and_content(tmp_path: Path) -> None:
    loaded = contract(tmp_path, [STRING])
    assert (loaded.pin.kind, loaded.pin.name, loaded.pin.version) == ("contract", "tests/things", "1.2.3")
    assert loaded.pin.digest == loaded.digest
    assert len(loaded.digest) == 64


def test_layout_and_comments_do_not_change_the_digest_but_content_does(tmp_path: Path) -> None:
    path = written(tmp_path, document([STRING]))
    first = load(path)
    path.write_text("# a comment\n\n" + path.read_text())
    assert load(path).digest == first.digest
    assert contract(tmp_path, [STRING | {"required": True}]).digest != first.digest


def test_the_path_is_shown_from_the_contracts_folder_on(tmp_path: Path) -> None:
    folder = tmp_path / "contracts" / "tests"
    folder.mkdir(parents=True)
    assert contract(folder, [STRING]).path == "contracts/tests/things.odcs.yaml"


@pytest.mark.parametrize(
    ("said", "dtype"),
    [
        ({"physicalType": "string"}, pl.String),
        ({"physicalType": "int16"}, pl.Int16),
        ({"logicalType": "integer", "physicalType": "int32"}, pl.Int32),
        ({"logicalType": "integer"}, pl.Int64),
        ({"logicalType": "integer", "logicalTypeOptions": {"format": "i32"}}, pl.Int32),
        ({"logicalType": "number"}, pl.Float64),
        ({"logicalType": "number", "physicalType": "NUMERIC(10,2)"}, pl.Decimal(10, 2)),
        ({"physicalType": "VARCHAR(20)"}, pl.String),
        ({"logicalType": "boolean"}, pl.Boolean),
        ({"logicalType": "date"}, pl.Date),
        ({"logicalType": "timestamp"}, pl.Datetime("us", "UTC")),
        ({"physicalType": "timestamp"}, pl.Datetime("us", "UTC")),
    ],
)
def test_types_become_those_that_the_lake_holds(tmp_path: Path, said: dict[str, Any], dtype: pl.DataType) -> None:
    assert contract(tmp_path, [{"name": "c"} | said]).schema == {"c": dtype}


def test_columns_carry_what_people_want_to_know(tmp_path: Path) -> None:
    item = {
        "name": "speed",
        "logicalType": "number",
        "description": "  How fast. ",
        "required": True,
        "classification": "internal",
        "tags": ["x"],
        "examples": [1.5],
        "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 10},
        "customProperties": [{"property": "unit", "value": "mph"}, {"property": "afterTheFact", "value": True}],
    }
    column = contract(tmp_path, [item]).column("speed")
    assert (column.description, column.unit, column.physical_type) == ("How fast.", "mph", "double")
    assert (column.tags, column.examples, column.masked, column.after_the_fact) == (("x",), (1.5,), False, True)
    assert column.constraints == ("required", "in_range(0, 10, below the last)")


def test_rules_stand_in_the_order_of_the_columns_then_the_table(tmp_path: Path) -> None:
    loaded = contract(
        tmp_path,
        [
            {
                "name": "a",
                "logicalType": "integer",
                "primaryKey": True,
                "quality": [{"metric": "nullValues", "mustBe": 0}],
            },
            {"name": "b", "logicalType": "number", "primaryKey": True, "unique": True},
        ],
        [{"metric": "rowCount", "mustBeGreaterThan": 3}],
    )
    assert [rule.id for rule in loaded.rules] == [
        "type(a)",
        "required(a)",
        "nullValues(a)",
        "type(b)",
        "nan(b)",
        "required(b)",
        "unique(b)",
        "primaryKey(a,b)",
        "rowCount",
    ]


def test_the_primary_key_follows_its_positions(tmp_path: Path) -> None:
    a = {"name": "a", "logicalType": "integer", "primaryKey": True, "primaryKeyPosition": 2}
    b = {"name": "b", "logicalType": "integer", "primaryKey": True, "primaryKeyPosition": 1}
    assert contract(tmp_path, [a, b]).primary_key == ("b", "a")


def test_what_is_not_enforced_is_named(tmp_path: Path) -> None:
    item = STRING | {
        "logicalTypeOptions": {"format": "iban"},
        "relationships": [{"to": "other.id", "customProperties": [{"property": "enforced", "value": False}]}],
        "quality": [
            {"type": "custom", "engine": "soda", "implementation": "checks"},
            {"type": "sql", "query": "SELECT MY_AVG(c) FROM ${object}", "mustBe": 0},
            {"type": "text", "description": "only for people"},
        ],
    }
    notes = contract(tmp_path, [item]).unenforced
    assert [note.split(":")[0] for note in notes] == ["`c`"] * 3 + ["the relationship c -> other(id)"]
    assert [word in " ".join(notes) for word in ("relationship", "iban", "soda", "MY_AVG")] == [True] * 4


def test_service_levels_name_their_column(tmp_path: Path) -> None:
    sla = [
        {"property": "latency", "value": 2, "unit": "h", "element": "things.c"},
        {"property": "frequency", "value": 1},
    ]
    first, second = contract(tmp_path, [STRING], slaProperties=sla).service_levels
    assert (first.property, first.value, first.unit, first.column, second.column) == ("latency", 2, "h", "c", None)


@pytest.mark.parametrize("version", ["v3.0.0", "v3.1.0", "v3.2.0", "v3.7.1"])
def test_every_odcs_3_is_read(tmp_path: Path, version: str) -> None:
    assert contract(tmp_path, [STRING], apiVersion=version).version == "1.2.3"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"apiVersion": "v2.2.2"}, "apiVersion 'v2.2.2'"),
        ({"kind": "Other"}, "kind 'Other'"),
        ({"apiVersion": 3.1}, "apiVersion 3.1"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    message = refusal(tmp_path, [STRING], **more)
    assert "is no data contract of ODCS 3.x" in message
    assert said in message
    assert "apiVersion: v3.1.0" in message


def test_an_unknown_key_is_refused_with_line_and_the_key_that_was_meant(tmp_path: Path) -> None:
    message = refusal(tmp_path, [STRING | {"requierd": True}])
    assert "things.odcs.yaml:" in message
    assert "schema[0].properties[0] has the unknown key `requierd`" in message
    assert "did you mean `required`?" in message


@pytest.mark.parametrize(
    ("properties", "said", "todo"),
    [
        ([STRING | {"logicalType": "int"}], "schema[0].properties[0].logicalType is 'int'", "use one of: string, date"),
        ([STRING, STRING], "the column `c` stands twice", "keep one"),
        ([{"name": "*", "logicalType": "string"}], "the column name '*' cannot be used", "rename it"),
        ([{"name": "^a.*$", "logicalType": "string"}], "would stand for several columns", "rename it"),
        ([{"name": "a\u200eb", "logicalType": "string"}], "cannot be printed", "rename it"),
        ([{"name": " a", "logicalType": "string"}], "begins or ends with a space", "rename it"),
    ],
)
def test_columns_that_cannot_be_are_refused(
    tmp_path: Path, properties: list[dict[str, Any]], said: str, todo: str
) -> None:
    message = refusal(tmp_path, properties)
    assert said in message
    assert todo in message


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("integer", {"minimum": 5, "maximum": 4}, "the minimum 5 above the maximum 4"),
        ("integer", {"exclusiveMinimum": 5, "maximum": 5}, "the minimum 5 above the maximum 5"),
        ("date", {"minimum": "2013-02-30"}, "minimum: "),
        ("date", {"minimum": "2013-03-01", "maximum": "2013-02-01"}, "no value fits"),
        ("timestamp", {"timezone": False, "minimum": "2013-01-01T00:00:00Z"}, "has a time zone"),
        ("timestamp", {"defaultTimezone": "America/Nowhere"}, "no IANA time zone"),
        ("array", {"minItems": 3, "maxItems": 2}, "minItems 3 above maxItems 2"),
        ("time", {"minimum": "25:00"}, "minimum: "),
        ("time", {"minimum": "12:00:00", "maximum": "11:59"}, "no value fits"),
        ("string", {"minLength": 5, "maxLength": 4}, "minLength 5 above maxLength 4"),
        ("string", {"pattern": "(unclosed"}, "a pattern that cannot be run"),
    ],
)
def test_options_that_no_value_can_meet_are_refused(
    tmp_path: Path, kind: str, options: dict[str, Any], said: str
) -> None:
    inside = {"items": STRING} if kind == "array" else {}
    message = refusal(tmp_path, [{"name": "c", "logicalType": kind, "logicalTypeOptions": options} | inside])
    assert said in message
    assert "hint: " in message


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"metric": "nullValues"}, "operator"),
        ({"metric": "nullValues", "mustBe": 0, "mustBeLessThan": 3}, "operator"),
        ({"metric": "nullValues", "mustBe": "none"}, "not a number"),
        ({"metric": "nullValues", "mustBeBetween": [5, 1]}, "5 is above 1"),
        ({"metric": "invalidValues", "mustBe": 0}, "needs validValues"),
        ({"metric": "invalidValues", "arguments": {"validValues": [1]}, "mustBe": 0}, "1 is no string"),
        ({"metric": "invalidValues", "arguments": {"pattern": "("}, "mustBe": 0}, "unclosed group"),
        ({"metric": "unknown", "mustBe": 0}, "use one of: nullValues"),
        ({"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE d > 1", "mustBe": 0}, "`d` is no column"),
        (
            {"type": "sql", "query": "SELECT COUNT(*) FROM things WHERE c > 1", "mustBe": 0},
            "a number where a text is needed",
        ),
    ],
)
def test_checks_that_cannot_be_meant_are_refused(tmp_path: Path, check: dict[str, Any], said: str) -> None:
    assert said in refusal(tmp_path, [STRING | {"quality": [check]}])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"version": "banana"}, "version 'banana' is not semantic"),
        ({"version": "1.0 final"}, "version '1.0 final' is not semantic"),
        ({"version": 1.0}, "version is 1.0, not text"),
        ({"schema": []}, "describes no table"),
        ({"customProperties": [{"property": "maxRefusedShare", "value": 5}]}, "maxRefusedShare is 5"),
        ({"customProperties": [{"property": "maxRefusedShare", "value": True}]}, "maxRefusedShare is True"),
    ],
)
def test_contracts_that_contradict_themselves_are_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    assert said in refusal(tmp_path, [STRING], **more)


def test_two_checks_of_one_name_are_refused(tmp_path: Path) -> None:
    check = {"id": "same", "metric": "nullValues", "mustBe": 0}
    assert "two checks are named 'same'" in refusal(tmp_path, [STRING | {"quality": [check, check]}])


def test_two_checks_of_one_kind_are_numbered(tmp_path: Path) -> None:
    checks = [{"metric": "invalidValues", "arguments": {"pattern": letter}, "mustBe": 0} for letter in ("a.*", ".*z")]
    ids = [rule.id for rule in contract(tmp_path, [STRING | {"quality": checks}]).rules]
    assert ids[1:] == ["invalidValues(c)", "invalidValues(c)#2"]


def test_all_problems_of_a_file_are_told_at_once_in_the_order_of_its_lines(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        [
            {"name": "a", "logicalType": "integer", "logicalTypeOptions": {"minimum": 2, "maximum": 1}},
            STRING | {"logicalTypeOptions": {"pattern": "("}},
        ],
        version="x",
    )
    assert "3 problems:" in message
    assert message.index("version 'x'") < message.index("minimum 2") < message.index("`c` has a pattern")


def test_many_problems_are_told_in_few_lines(tmp_path: Path) -> None:
    bad = [STRING | {"name": f"c{n}", "logicalTypeOptions": {"pattern": "("}} for n in range(40)]
    message = refusal(tmp_path, bad)
    assert "40 problems" in message
    assert "and 32 more" in message
    assert len(message) < 2_500


def test_a_folder_gives_its_contracts_by_dataset(tmp_path: Path) -> None:
    for name in ("b", "a"):
        value = document([STRING])
        value["schema"][0]["name"] = name
        written(tmp_path, value).rename(tmp_path / f"{name}.odcs.yaml")
    assert list(load_folder(tmp_path)) == ["a", "b"]


def test_a_folder_with_a_dataset_twice_is_refused(tmp_path: Path) -> None:
    written(tmp_path, document([STRING])).rename(tmp_path / "a.odcs.yaml")
    written(tmp_path, document([STRING]))
    with pytest.raises(ContractInvalid, match=r"already described by a\.odcs\.yaml"):
        load_folder(tmp_path)


def test_a_folder_without_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractInvalid, match=r"holds no \*\.odcs\.yaml file"):
        load_folder(tmp_path)


REAL = yaml.safe_load((Path(__file__).parents[3] / "contracts" / "departures" / "airports.odcs.yaml").read_text())
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", "${object}", "../..", "(", [], {}, ["x"], {"a": 1}, [[]], [None], "v3.1.0"]
)


def places(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(deeper for key, child in children for deeper in places(child, (*place, key)))]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(places(REAL)[1:]), JUNK), min_size=1, max_size=3))
def test_a_damaged_contract_is_loaded_or_refused_never_a_crash(damage: list[tuple[tuple[Any, ...], Any]]) -> None:
    value = copy.deepcopy(REAL)
    for place, junk in damage:
        around = value
        for key in place[:-1]:
            around = around[key] if isinstance(around, dict | list) and key in places_of(around) else {}
        if isinstance(around, dict | list) and place[-1] in places_of(around):
            around[place[-1]] = junk
    with tempfile.TemporaryDirectory() as folder:
        refused, loaded = None, None
        try:
            loaded = load(written(Path(folder), value))
        except ContractInvalid as error:
            refused = error
    if loaded is None:
        assert refused is not None
        assert refused.hint
        assert len(str(refused)) < 4_000
    else:
        assert loaded.rules


def places_of(value: dict[Any, Any] | list[Any]) -> Any:
    return value if isinstance(value, dict) else range(len(value))
