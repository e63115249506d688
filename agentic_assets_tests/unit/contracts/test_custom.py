from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import Contract, gate, gate_all, predicate, registry
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract, share


def below(column: str, *, most: int) -> pl.Expr:
    return pl.col(column) <= most


def rising() -> pl.Expr:
    return pl.col("a") >= pl.col("a").shift(1)


def nonsense(column: str) -> pl.Expr:
    return pl.col(column).sum()


@pytest.fixture(autouse=True)
def predicates() -> Iterator[None]:
    before = dict(registry._known)
    for function in (below, rising, nonsense):
        predicate(f"tests.{function.__name__}")(function)
    yield
    registry._known.clear()
    registry._known.update(before)


def made(folder: Path, implementation: Any, *, on: str = "a", engine: str = "agentic") -> Contract:
    check = {"type": "custom", "engine": engine, "implementation": implementation}
    column: dict[str, Any] = {"name": "a", "logicalType": "integer"}
    properties = [column | ({"quality": [check]} if on == "a" else {})]
    return contract(folder, properties, [check] if on == "table" else [], customProperties=share(1))


BELOW = {"predicate": "tests.below", "arguments": {"most": 3}}


def test_a_registered_predicate_judges_rows(tmp_path: Path) -> None:
    result = gate(pl.DataFrame({"a": [1, 5, None, 3]}), made(tmp_path, BELOW), partition="p")
    assert result.quarantined.select("source_row", "rule", "value").rows() == [(1, "tests.below(a)", "5")]


def test_a_predicate_may_look_at_the_other_rows_of_its_partition(tmp_path: Path) -> None:
    loaded = made(tmp_path, "tests.rising", on="table")
    frames = {"1": pl.DataFrame({"a": [1, 2, 3]}), "2": pl.DataFrame({"a": [1, 2]}), "3": pl.DataFrame({"a": [2, 1]})}
    results = gate_all(frames, loaded)
    assert [results[day].quarantined["source_row"].to_list() for day in frames] == [[], [], [1]]


def test_a_tolerance_stands_in_the_implementation(tmp_path: Path) -> None:
    loaded = made(tmp_path, BELOW | {"mustBeLessThan": 50, "unit": "percent"})
    assert gate(pl.DataFrame({"a": [1, 5, 2]}), loaded, partition="p").findings == ()
    assert gate(pl.DataFrame({"a": [1, 5, 7]}), loaded, partition="p").refused


@pytest.mark.parametrize(
    ("implementation", "word"),
    [
        ("tests.belov", "did you mean tests.below"),
        ("__import__('os').system('id')", "no predicate is registered"),
        ({"predicate": "tests.below"}, "most"),
        ({"predicate": "tests.below", "arguments": {"most": "x"}}, "cannot be used"),
        ("tests.nonsense", "not one truth value a row"),
    ],
)
def test_what_is_not_registered_or_does_not_fit_is_refused(tmp_path: Path, implementation: Any, word: str) -> None:
    with pytest.raises(ContractInvalid, match=word):
        made(tmp_path, implementation)


def test_another_engine_is_named_as_not_enforced(tmp_path: Path) -> None:
    assert "soda" in made(tmp_path, "checks", engine="soda").unenforced[0]


def test_the_code_of_a_predicate_is_part_of_the_contracts_version(tmp_path: Path) -> None:
    before = made(tmp_path, BELOW).digest

    def other(column: str, *, most: int) -> pl.Expr:
        return pl.col(column) < most

    registry._known["tests.below"] = other
    assert made(tmp_path, BELOW).digest != before


def test_a_name_is_held_by_one_function(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="already"):
        predicate("tests.below")(rising)
