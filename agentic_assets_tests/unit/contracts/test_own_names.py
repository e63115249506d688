from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import gate
from agentic_assets.contracts.odcs.own_names import OwnNames
from agentic_assets.contracts.odcs.row_sql import NotSimple
from agentic_assets_tests.unit.contracts.written import contract, document, share

FILE = document(
    [
        {"name": "order id", "physicalName": "oid", "logicalType": "string"},
        {"name": "amount", "physicalName": "amt", "logicalType": "integer"},
        {"name": "plain", "logicalType": "integer"},
    ],
    servers=[{"server": "db", "type": "postgres", "host": "h", "port": 1, "database": "prod", "schema": "sales"}],
)
FILE["schema"][0]["physicalName"] = "t_things"
NAMES = OwnNames.of(FILE, FILE["schema"][0])


@pytest.mark.parametrize(
    ("query", "own"),
    [
        ("SELECT COUNT(*) FROM ${object} WHERE plain > 1", "SELECT COUNT(*) FROM ${table} WHERE plain > 1"),
        ("SELECT COUNT(*) FROM {model} WHERE {field} > 1", "SELECT COUNT(*) FROM ${table} WHERE plain > 1"),
        ("SELECT COUNT(*) FROM ${table} WHERE ${column} > 1", "SELECT COUNT(*) FROM ${table} WHERE plain > 1"),
        ("SELECT COUNT(*) FROM t_things", "SELECT COUNT(*) FROM ${table}"),
        ("SELECT COUNT(*) FROM sales.things", "SELECT COUNT(*) FROM ${table}"),
        ('SELECT COUNT(*) FROM "prod"."sales"."T_THINGS"', "SELECT COUNT(*) FROM ${table}"),
        ("SELECT COUNT(*) FROM other.things", "SELECT COUNT(*) FROM other.things"),
        ("SELECT AMT + 1 FROM things WHERE oid = 'amt'", "SELECT amount + 1 FROM things WHERE \"order id\" = 'amt'"),
        ('SELECT "oid" FROM things', 'SELECT "order id" FROM things'),
        ("SELECT amt(oid_2) FROM amts", "SELECT amt(oid_2) FROM amts"),
    ],
)
def test_a_query_is_put_into_the_names_of_the_contract(query: str, own: str) -> None:
    assert NAMES.rewritten(query, "plain") == own


@pytest.mark.parametrize(
    "query", ["SELECT 1 FROM ${OTHER}", "SELECT 1 FROM things WHERE a > ${LIMIT:-5}", "x {when} y"]
)
def test_a_variable_is_never_filled_in(query: str) -> None:
    with pytest.raises(NotSimple, match="which nothing fills in"):
        NAMES.rewritten(query, None)


def test_a_check_written_for_the_producers_database_is_enforced(tmp_path: Path) -> None:
    checked: dict[str, Any] = {
        "name": "amount",
        "physicalName": "amt",
        "logicalType": "integer",
        "quality": [{"type": "sql", "query": "SELECT COUNT(*) FROM sales.things WHERE amt < 0", "mustBe": 0}],
    }
    loaded = contract(tmp_path, [checked], servers=FILE["servers"], customProperties=share(1))
    assert loaded.unenforced == ()
    assert gate(pl.DataFrame({"amt": [1, -1]}), loaded, partition="p").quarantined["source_row"].to_list() == [1]


def test_a_check_with_a_variable_is_named_and_the_contract_loads(tmp_path: Path) -> None:
    check = {"type": "sql", "query": "SELECT COUNT(*) FROM ${TARGET} WHERE made > ${CUTOFF}", "mustBe": 0}
    loaded = contract(tmp_path, [{"name": "c", "logicalType": "string"}], [check])
    assert "${TARGET}" in loaded.unenforced[0]
