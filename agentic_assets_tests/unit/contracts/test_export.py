"""Exports: the same verdict in other languages, what they cannot say is named, and nothing hostile gets out."""

import ast
import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import polars as pl
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, load_folder
from agentic_assets.contracts.export import to_asyncapi, to_json_schema, to_pandera, to_pandera_module, to_sql
from agentic_assets.contracts.promise import Matches, OneOf
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.integration import exported
from agentic_assets_tests.unit.contracts.test_laws import LAWFUL, cases
from agentic_assets_tests.unit.contracts.written import contract

DEPARTURES = Path(__file__).parents[3] / "contracts" / "departures"
PROPERTIES: list[dict[str, Any]] = [
    {"name": "id", "logicalType": "string", "primaryKey": True, "logicalTypeOptions": {"pattern": r"[A-Z]{2}\d+"}},
    {"name": "n", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 10}},
    {"name": "x", "logicalType": "number", "logicalTypeOptions": {"exclusiveMinimum": 0.1}},
    {"name": "day", "logicalType": "date", "required": True, "logicalTypeOptions": {"minimum": "2013-01-01"}},
    {"name": "at", "logicalType": "timestamp"},
    {"name": "mail", "logicalType": "string", "unique": True, "logicalTypeOptions": {"format": "email"}},
    {
        "name": "kind",
        "logicalType": "string",
        "quality": [
            {"metric": "invalidValues", "arguments": {"validValues": ["a", "it's"]}, "mustBe": 0},
            {"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent", "id": "few-nulls"},
            {"metric": "missingValues", "arguments": {"missingValues": ["?"]}, "mustBe": 0, "severity": "warning"},
        ],
    },
]
QUALITY: list[dict[str, Any]] = [
    {
        "id": "day-of-at",
        "type": "sql",
        "query": "SELECT COUNT(*) FROM ${object} WHERE n / 4 > x OR n % 3 = 2 "
        "OR at < TIMESTAMPTZ '2013-01-01 00:00:00Z' "
        "OR (kind IN ('a', 'b') AND NOT day > DATE '2013-02-01') OR at - at > INTERVAL 1 DAY",
        "mustBe": 0,
    }
]


@pytest.fixture
def made(tmp_path: Path) -> Contract:
    return contract(tmp_path, PROPERTIES, QUALITY)


@LAWFUL
@given(cases())
def test_duckdb_and_pandera_and_json_schema_judge_rows_as_the_gate_does(case: tuple[Contract, pl.DataFrame]) -> None:
    given_contract, frame = case
    made = exported.row_by_row(given_contract)
    typed = pl.DataFrame({name: frame.get_column(name) for name in made.schema if name in frame.columns})
    rows = pl.DataFrame(
        {
            name: typed[name] if typed.schema.get(name) == dtype else pl.Series([None] * frame.height, dtype=dtype)
            for name, dtype in made.schema.items()
        }
    )
    for text, judge in (
        (to_sql(made), exported.by_duckdb),
        (to_pandera_module(made), exported.by_module),
        ("", exported.by_pandera),
        (str(to_json_schema(made).get("$comment", "")), exported.by_json_schema),
    ):
        shown = rows
        if judge is exported.by_duckdb:  # it stores no NUL
            shown = rows.filter(
                ~pl.any_horizontal(pl.col(pl.String).str.contains("\0", literal=True), False).fill_null(False)
            )
        assert judge(shown, made) == exported.by_gate(shown, made, without=exported.unsaid(text)), judge


def test_what_a_language_cannot_say_is_named_in_the_export(made: Contract) -> None:
    comment = to_json_schema(made)["$comment"]
    for words in ("primary key id", "JSON Schema bounds numbers only", "(day-of-at)", "(few-nulls)", "it only warns"):
        assert words in comment
    for text, mark in ((to_sql(made), "--   "), (to_pandera_module(made), "#   ")):
        named = [line for line in text.splitlines() if line.startswith(mark)]
        assert len(named) == 2
        assert "(few-nulls)" in named[0]
        assert "it only warns" in named[1]


def test_the_json_schema_is_valid_and_closed(made: Contract) -> None:
    schema = to_json_schema(made)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    row = {"id": "AB1", "n": 3, "day": "2013-01-01", "mail": None}
    assert validator.is_valid(row)
    for wrong in (
        {"id": "ab1"},
        {"id": "xAB1"},
        {"id": "AB1x"},
        {"id": None},
        {"id": 7},
        {"n": "3"},
        {"n": 2.5},
        {"n": 10},
        {"n": 2**80},
        {"day": "1.1.2013"},
        {"at": "2013-01-01T00:00:00"},
        {"mail": "nobody"},
        {"kind": "b"},
        {"extra": 1},
    ):
        assert not validator.is_valid(row | wrong), wrong
    assert not validator.is_valid({"id": "AB1", "n": 3})


def test_asyncapi_carries_the_schema_of_the_row_and_the_version(made: Contract) -> None:
    document = to_asyncapi(made)
    assert document["asyncapi"] == "3.0.0"
    assert document["info"] == {"title": "tests/things", "version": "1.2.3"}
    [channel] = document["channels"].values()
    [reference] = [message["$ref"] for message in channel["messages"].values()]
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    headers = {"contract": "tests/things", "contractVersion": "1.2.3"}
    assert jsonschema.Draft7Validator(found["headers"]).is_valid(headers)
    assert not jsonschema.Draft7Validator(found["headers"]).is_valid(headers | {"contractVersion": "1.2.4"})
    payload = jsonschema.Draft7Validator(found["payload"]["schema"])
    assert payload.is_valid({"id": "AB1", "day": "2013-01-01"})
    assert not payload.is_valid({"id": "AB1", "day": "2013-01-01", "n": "7"})


def test_a_name_that_the_database_would_cut_is_refused(tmp_path: Path) -> None:
    made = contract(tmp_path, [{"name": "n" * 64, "logicalType": "string"}])
    assert '"nnn' in to_sql(made, dialect="duckdb")
    with pytest.raises(ContractInvalid, match="up to 63 bytes"):
        to_sql(made, dialect="postgres")


@pytest.mark.parametrize("pattern", [r"\bword\b", r"[[:alpha:]]", r"a+?b+", r"\p{L}+", "(?i)abc"])
def test_a_pattern_that_postgres_would_read_differently_is_named_not_translated(tmp_path: Path, pattern: str) -> None:
    made = contract(tmp_path, [{"name": "c", "logicalType": "string", "logicalTypeOptions": {"pattern": pattern}}])
    text = to_sql(made, dialect="postgres")
    assert "pattern(c)): " in text
    assert "CHECK" not in text


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "'; DROP TABLE victim; --",
            '"; DROP TABLE victim; --',
            "*/ DROP TABLE victim; /*",
            "\n); DROP TABLE victim;\n--",
            "\r); DROP TABLE victim;\r--",
            '"""\nimport os\nos.abort()\n"""',
            "'''\nraise SystemExit\n'''",
            "\\'); raise SystemExit #",
            "\u2028raise SystemExit\u2029",
            "$$; DROP TABLE victim; $$",
            "{raise_it}",
            "\x85\x0c\x1f",
            "\\",
            "%s {0}",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text(st.sampled_from("'\"\\\n\r*/-#;$%{}"), max_size=12),
)


@LAWFUL
@given(HOSTILE, HOSTILE, HOSTILE, st.lists(HOSTILE, min_size=1, max_size=3))
def test_nothing_hostile_leaves_its_quotes(name: str, text: str, rule: str, values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = contract(Path(folder), [{"name": "c", "logicalType": "string"}])
    column = replace(made.columns[0], name=name, description=text, unit=text, examples=(text,))
    [typed] = made.rules
    hostile = replace(typed, column=name, inputs=(name,), text=text)
    made = replace(
        made,
        name=name,
        dataset=name,
        description=text,
        version=text,
        columns=(column,),
        rules=(
            replace(hostile, id=rule, promise=OneOf(tuple(values))),
            replace(hostile, id=f"{rule}!", promise=Matches(re.escape(text))),
            replace(hostile, id=f"{rule}?", severity="warning"),
        ),
    )
    for dialect in ("duckdb", "postgres"):
        try:
            sql = to_sql(made, dialect=dialect)
        except ContractInvalid:
            continue
        kinds = [type(one).__name__ for one in sqlglot.parse(sql, read=dialect) if one is not None]
        assert kinds[0] == "Create"
        assert set(kinds[1:]) <= {"Comment"}
        if dialect == "duckdb" and name:
            _run(sql, name)
    tree = ast.parse(to_pandera_module(made))
    kinds = [type(node).__name__ for node in tree.body]
    assert kinds == ["Import", "Import", "Import", "ImportFrom", "FunctionDef", "FunctionDef", "Assign"]
    called = {ast.unparse(node.func) for node in ast.walk(tree.body[-1]) if isinstance(node, ast.Call)}
    assert {one.rpartition(".")[2] for one in called} <= {
        *("DataFrameSchema", "Column", "String", "keeps", "col", "is_in", "Series", "implode", "contains"),
    }
    json.loads(json.dumps(to_json_schema(made)))
    json.loads(json.dumps(to_asyncapi(made)))


def _run(sql: str, name: str) -> None:
    connection = duckdb.connect()
    try:
        connection.execute("CREATE TABLE victim (n INTEGER)")
        connection.execute(sql)
        tables = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
        assert sorted(table for (table,) in tables) == sorted(["victim", name])
    finally:
        connection.close()


def test_every_contract_of_the_departures_domain_can_be_exported() -> None:
    for made in load_folder(DEPARTURES).values():
        jsonschema.Draft202012Validator.check_schema(to_json_schema(made))
        assert to_pandera(made).columns.keys() == made.schema.keys()
        assert json.dumps(to_asyncapi(made))
        connection = duckdb.connect()
        connection.execute(to_sql(made, foreign_keys=False))
        connection.close()
