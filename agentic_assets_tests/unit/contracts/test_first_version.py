"""Files of ODCS 3.0, whose words were others."""

from pathlib import Path
from typing import Any

import pytest

from agentic_assets.contracts import Contract, load_all
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract, document, written

STRING = {"name": "c", "logicalType": "string"}


def first(
    folder: Path, properties: list[dict[str, Any]], quality: list[dict[str, Any]] | None = None, **more: Any
) -> Contract:
    return contract(folder, properties, quality or [], **{"apiVersion": "v3.0.2"} | more)


def texts(loaded: Contract) -> dict[str, str]:
    return {rule.id: rule.text for rule in loaded.rules}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"minimum": 0, "exclusiveMinimum": True, "maximum": 9}, "in_range(0, 9, above the first)"),
        ({"minimum": 0, "exclusiveMinimum": False}, "at least 0"),
        ({"maximum": 9, "exclusiveMaximum": True}, "below 9"),
    ],
)
def test_exclusive_bounds_were_flags(tmp_path: Path, options: dict[str, Any], text: str) -> None:
    loaded = first(tmp_path, [{"name": "c", "logicalType": "integer", "logicalTypeOptions": options}])
    assert texts(loaded)["range(c)"] == text


@pytest.mark.parametrize(
    ("check", "rule"),
    [
        ({"rule": "nullCheck"}, "nullValues(c)"),
        ({"rule": "duplicateCount", "mustBeLessThan": 3}, "duplicateValues(c)"),
        ({"type": "library", "rule": "validValues", "validValues": ["a"]}, "invalidValues(c)"),
    ],
)
def test_checks_of_the_library_were_called_rules(tmp_path: Path, check: dict[str, Any], rule: str) -> None:
    assert rule in texts(first(tmp_path, [STRING | {"quality": [check]}]))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ({"rule": "between"}, "library rule between"),
        ({"rule": "rowCount"}, "library rule rowCount"),
        ({"type": "sql", "query": "SELECT COUNT(*) FROM things"}, "SQL without an operator"),
    ],
)
def test_checks_that_nobody_knows_are_named(tmp_path: Path, check: dict[str, Any], told: str) -> None:
    assert told in first(tmp_path, [STRING], [check]).unenforced[0]


def test_operators_of_the_specification_before_are_understood(tmp_path: Path) -> None:
    check = {"type": "sql", "query": "SELECT COUNT(*) FROM things", "mustBeLessThanOrEqualTo": 100}
    assert "must be at most 100" in list(texts(first(tmp_path, [STRING], [check])).values())[-1]


def test_keys_beside_the_standard_are_named_outside_of_tables_and_refused_within(tmp_path: Path) -> None:
    loaded = first(tmp_path, [STRING], team=[{"username": "ida", "shift": "late"}])
    assert loaded.unenforced == ("team[0] has the unknown key `shift`",)
    with pytest.raises(ContractInvalid, match="unknown key `requierd`"):
        first(tmp_path, [STRING | {"requierd": True}])


def test_the_team_was_a_list_and_its_owner_is_the_owner(tmp_path: Path) -> None:
    team = [{"username": "per", "dateOut": "2020-01-01"}, {"username": "ida"}, {"username": "kai", "role": "Owner"}]
    assert first(tmp_path, [STRING], team=team).owner == "kai"
    assert first(tmp_path, [STRING], team=team[:2]).owner == "ida"


@pytest.mark.parametrize("version", ["v3.0.0", "v3.1.0"])
def test_a_key_with_nothing_after_it_says_nothing(tmp_path: Path, version: str) -> None:
    value = document([STRING | {"physicalType": None, "description": None}], apiVersion=version, description=None)
    assert [contract.dataset for contract in load_all(written(tmp_path, value))] == ["things"]
