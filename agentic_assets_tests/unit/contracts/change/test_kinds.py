"""Every kind of change, once: what it is called, whom it leaves alone, which version it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.contracts import Column, Contract
from agentic_assets.contracts.change import Change, Class, Level, compare, compare_all, differences
from agentic_assets.contracts.change.columns import COMPARED as OF_COLUMNS
from agentic_assets.contracts.change.terms import COMPARED as OF_CONTRACTS
from agentic_assets_tests.unit.contracts.written import contract

Item = Mapping[str, Any]

BREAKING = (Class.BREAKING, Level.MAJOR)
FORWARD = (Class.FORWARD_ONLY, Level.MINOR)
COMPATIBLE = (Class.COMPATIBLE, Level.MINOR)
DOCUMENTED = (Class.COMPATIBLE, Level.PATCH)


def _column(name: str = "c", kind: str = "integer", **more: Any) -> dict[str, Any]:
    return {"name": name, "logicalType": kind, **more}


def _options(kind: str = "integer", **options: Any) -> dict[str, Any]:
    return _column(kind=kind, logicalTypeOptions=options)


def _quality(kind: str = "string", **check: Any) -> dict[str, Any]:
    return _column(kind=kind, quality=[check])


def _valid(*values: Any, **more: Any) -> dict[str, Any]:
    return _quality(metric="invalidValues", arguments={"validValues": list(values)}, **({"mustBe": 0} | more))


def _decimal(digits: str) -> dict[str, Any]:
    return _column(kind="number", physicalType=f"decimal({digits})")


def _array(physical: str) -> dict[str, Any]:
    return _column(kind="array", items={"name": "i", "logicalType": "integer", "physicalType": physical})


def _own(name: str, value: Any) -> dict[str, Any]:
    return _column(customProperties=[{"property": name, "value": value}])


OF_ONE_COLUMN: list[tuple[str, Item, Item, tuple[Class, Level]]] = [
    ("required-added", _column(), _column(required=True), FORWARD),
    ("required-removed", _column(required=True), _column(), BREAKING),
    ("unique-added", _column(), _column(unique=True), FORWARD),
    ("unique-removed", _column(unique=True), _column(), BREAKING),
    ("range-added", _column(), _options(minimum=0), FORWARD),
    ("range-removed", _options(minimum=0), _column(), BREAKING),
    ("range-tightened", _options(minimum=0, maximum=9), _options(minimum=0, maximum=8), FORWARD),
    ("range-loosened", _options(minimum=0, maximum=9), _options(minimum=-1, maximum=9), BREAKING),
    ("range-changed", _options(minimum=0, maximum=9), _options(minimum=1, maximum=10), BREAKING),
    ("range-reworded", _options(exclusiveMinimum=0), _options(minimum=1), COMPATIBLE),
    ("range-tightened", _options("number", minimum=0), _options("number", exclusiveMinimum=0), FORWARD),
    ("range-loosened", _options("date", minimum="2013-01-02"), _options("date", minimum="2013-01-01"), BREAKING),
    ("step-tightened", _options(multipleOf=2), _options(multipleOf=4), FORWARD),
    ("step-changed", _options(multipleOf=2), _options(multipleOf=3), BREAKING),
    ("length-tightened", _options("string", maxLength=9), _options("string", maxLength=8), FORWARD),
    ("length-loosened", _options("string", minLength=2), _options("string", minLength=1), BREAKING),
    ("pattern-changed", _options("string", pattern="a.*"), _options("string", pattern="b.*"), BREAKING),
    ("pattern-tightened", _options("string", pattern="^[A-Z]{2,3}$"), _options("string", pattern="[A-Z]{3}"), FORWARD),
    ("pattern-loosened", _options("string", pattern="^(a|b)$"), _options("string", pattern="^(a|b|c)$"), BREAKING),
    ("pattern-tightened", _options("string", pattern="[a-z]+"), _options("string", pattern="^(ab|cd)$"), FORWARD),
    ("format-changed", _options("string", format="uuid"), _options("string", format="email"), BREAKING),
    ("check-tightened", _valid("a", "b"), _valid("a"), FORWARD),
    ("check-loosened", _valid("a"), _valid("a", "b"), BREAKING),
    ("check-changed", _valid("a", "b"), _valid("b", "c"), BREAKING),
    ("check-loosened", _valid("a"), _valid("a", severity="warning"), BREAKING),
    ("check-tightened", _valid("a", severity="warning"), _valid("a"), FORWARD),
    ("check-removed", _valid("a", severity="warning"), _column(kind="string"), COMPATIBLE),
    ("check-loosened", _valid("a"), _valid("a", mustBe=None, mustBeLessThan=3), BREAKING),
    ("check-tightened", _valid("a", mustBe=None, mustBeLessThan=3), _valid("a"), FORWARD),
    (
        "check-loosened",
        _valid("a", mustBe=None, mustBeLessThan=3, unit="percent"),
        _valid("a", mustBe=None, mustBeLessThan=4, unit="percent"),
        BREAKING,
    ),
    (
        "check-changed",
        _valid("a", mustBe=None, mustBeLessThan=3),
        _valid("a", mustBe=None, mustBeLessThan=3, unit="percent"),
        BREAKING,
    ),
    ("check-reworded", _valid("a", id="one"), _valid("a", id="two"), DOCUMENTED),
    ("check-reworded", _valid("a", dimension="conformity"), _valid("a", dimension="accuracy"), DOCUMENTED),
    ("type-widened", _column(physicalType="int32"), _column(physicalType="int64"), BREAKING),
    ("type-narrowed", _column(physicalType="int64"), _column(physicalType="int32"), FORWARD),
    ("type-widened", _column(physicalType="int32"), _column(kind="number"), BREAKING),
    ("type-changed", _column(), _column(kind="string"), BREAKING),
    ("type-widened", _decimal("6,2"), _decimal("8,2"), BREAKING),
    ("type-narrowed", _decimal("8,2"), _decimal("7,2"), FORWARD),
    ("type-changed", _decimal("8,2"), _decimal("8,3"), BREAKING),
    ("type-widened", _column(physicalType="int32"), _decimal("10,0"), BREAKING),
    ("type-changed", _column(physicalType="int32"), _decimal("9,0"), BREAKING),
    ("type-widened", _array("int32"), _array("int64"), BREAKING),
    ("unit-changed", _own("unit", "min"), _own("unit", "s"), BREAKING),
    ("unit-added", _column(), _own("unit", "s"), FORWARD),
    ("unit-removed", _own("unit", "s"), _column(), BREAKING),
    ("knowledge-later", _column(), _own("afterTheFact", True), BREAKING),
    ("knowledge-earlier", _own("afterTheFact", True), _column(), FORWARD),
    ("custom-properties-changed", _own("steward", "ann"), _own("steward", "bob"), COMPATIBLE),
    ("classification-raised", _column(), _column(classification="confidential"), BREAKING),
    ("classification-lowered", _column(classification="restricted"), _column(classification="public"), FORWARD),
    ("classification-changed", _column(classification="public"), _column(classification="galactic"), BREAKING),
    ("partitioning-changed", _column(), _column(partitioned=True), BREAKING),
    ("documentation-changed", _column(description="a"), _column(description="b"), DOCUMENTED),
    ("documentation-changed", _column(tags=["a"]), _column(tags=["b"]), DOCUMENTED),
    ("documentation-changed", _column(examples=[1]), _column(examples=[2]), DOCUMENTED),
]


def _plain(item: Item) -> dict[str, Any]:
    checks = [{key: value for key, value in check.items() if value is not None} for check in item.get("quality", ())]
    return {**item, "quality": checks} if checks else dict(item)


def _between(folder: Path, old: Any, new: Any) -> tuple[Change, ...]:
    return differences(*_both(folder, old, new))


def _both(folder: Path, old: Any, new: Any) -> tuple[Contract, Contract]:
    made = []
    for name, value in (("old", old), ("new", new)):
        (folder / name).mkdir(exist_ok=True)
        made.append(contract(folder / name, **value))
    return made[0], made[1]


@pytest.mark.parametrize(("kind", "old", "new", "wanted"), OF_ONE_COLUMN)
def test_a_change_of_one_column_is_named_and_judged(
    tmp_path: Path, kind: str, old: Item, new: Item, wanted: tuple[Class, Level]
) -> None:
    [change] = _between(tmp_path, {"properties": [_plain(old)]}, {"properties": [_plain(new)]})
    assert change.kind == kind
    assert (change.class_, change.level) == wanted
    assert change.spot.column == "c"
    assert change.for_consumers
    assert change.for_producers


def _sla(kind: str, value: object, unit: str | None = None) -> dict[str, Any]:
    return {"slaProperties": [{"property": kind, "value": value, **({"unit": unit} if unit else {})}]}


def _said(name: str, value: object) -> dict[str, Any]:
    return {"customProperties": [{"property": name, "value": value}]}


BIG = {"quality": [{"id": "big", "type": "sql", "query": "SELECT COUNT(*) FROM things WHERE c < 3", "mustBe": 0}]}
OF_THE_WHOLE: list[tuple[str, Item, Item, tuple[Class, Level]]] = [
    ("service-loosened", _sla("latency", 1, "d"), _sla("latency", 36, "h"), BREAKING),
    ("service-tightened", _sla("latency", 1, "d"), _sla("latency", 2, "h"), FORWARD),
    ("service-reworded", _sla("latency", 1, "d"), _sla("latency", 24, "h"), DOCUMENTED),
    ("service-loosened", _sla("retention", 3, "y"), _sla("retention", 2, "y"), BREAKING),
    ("service-tightened", _sla("frequency", 1, "d"), _sla("frequency", 1, "h"), FORWARD),
    ("service-added", {}, _sla("retention", 3, "y"), FORWARD),
    ("service-removed", _sla("retention", 3, "y"), {}, BREAKING),
    ("service-changed", _sla("mood", "good"), _sla("mood", "bad"), BREAKING),
    ("owner-changed", {"team": {"name": "a"}}, {"team": {"name": "b"}}, COMPATIBLE),
    ("description-changed", {"description": {"purpose": "a"}}, {"description": {"purpose": "b"}}, DOCUMENTED),
    ("usage-changed", {"description": {"usage": "a"}}, {"description": {"usage": "b"}}, DOCUMENTED),
    ("limitations-changed", {}, {"description": {"limitations": "b"}}, DOCUMENTED),
    ("tags-changed", {"tags": ["a"]}, {"tags": ["b"]}, DOCUMENTED),
    ("title-changed", {"name": "a"}, {"name": "b"}, DOCUMENTED),
    ("id-changed", {"id": "a"}, {"id": "b"}, BREAKING),
    ("dataset-renamed", {"domain": "a"}, {"domain": "b"}, BREAKING),
    ("status-changed", {"status": "active"}, {"status": "retired"}, BREAKING),
    ("status-changed", {"status": "active"}, {"status": "deprecated"}, COMPATIBLE),
    ("residency-narrowed", {}, _said("residency", ["eu"]), BREAKING),
    ("residency-widened", _said("residency", ["eu"]), _said("residency", ["eu", "us"]), FORWARD),
    ("refused-share-raised", _said("maxRefusedShare", 0.01), _said("maxRefusedShare", 0.02), BREAKING),
    ("refused-share-lowered", {}, _said("maxRefusedShare", 0.02), FORWARD),
    ("custom-properties-changed", {}, _said("knownFacts", "b"), COMPATIBLE),
    ("role-removed", {"roles": [{"role": "reader"}]}, {}, BREAKING),
    ("role-added", {}, {"roles": [{"role": "reader"}]}, COMPATIBLE),
    ("support-changed", {}, {"support": [{"channel": "x", "url": "https://x.example"}]}, DOCUMENTED),
    ("row-count-loosened", {}, {"quality": [{"metric": "rowCount", "mustBeGreaterOrEqualTo": 0}]}, BREAKING),
    ("row-count-tightened", {}, {"quality": [{"metric": "rowCount", "mustBeGreaterThan": 5}]}, FORWARD),
    (
        "row-count-tightened",
        {"quality": [{"metric": "rowCount", "mustBeBetween": [1, 9]}]},
        {"quality": [{"metric": "rowCount", "mustBeBetween": [2, 9]}]},
        FORWARD,
    ),
    ("check-added", {}, BIG, FORWARD),
    ("check-removed", BIG, {}, BREAKING),
]


@pytest.mark.parametrize(("kind", "old", "new", "wanted"), OF_THE_WHOLE)
def test_a_change_of_the_whole_is_named_and_judged(
    tmp_path: Path, kind: str, old: Item, new: Item, wanted: tuple[Class, Level]
) -> None:
    [change] = _between(tmp_path, *({"properties": [_column()], **value} for value in (old, new)))
    assert change.kind == kind
    assert (change.class_, change.level) == wanted


def _columns(*names: str, **more: Any) -> dict[str, Any]:
    return {"properties": [_column(name, **more) for name in names]}


def test_a_column_that_may_be_null_is_added_without_asking_anybody(tmp_path: Path) -> None:
    new = {"properties": [_column("a"), _options(minimum=3)]}
    [change] = _between(tmp_path, _columns("a"), new)
    assert (change.kind, change.class_, change.level) == ("column-added", *COMPATIBLE)


@pytest.mark.parametrize(
    "promise",
    [
        {"required": True},
        {"quality": [{"metric": "missingValues", "mustBe": 0}]},
        {"quality": [{"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"}]},
    ],
)
def test_a_column_that_may_not_be_null_asks_the_producers(tmp_path: Path, promise: Item) -> None:
    [change] = _between(tmp_path, _columns("a"), {"properties": [_column("a"), _column("b", **promise)]})
    assert (change.kind, change.class_) == ("required-column-added", Class.FORWARD_ONLY)


def test_a_column_removed_breaks_and_its_rules_are_not_told_beside_it(tmp_path: Path) -> None:
    [change] = _between(tmp_path, {"properties": [_column("a"), _options(minimum=3)]}, _columns("a"))
    assert (change.kind, change.class_, change.level) == ("column-removed", *BREAKING)


def test_a_column_under_another_name_is_recognized(tmp_path: Path) -> None:
    gone, come = _between(tmp_path, _columns("a", "air_time"), _columns("a", "airtime"))
    assert (gone.kind, come.kind) == ("column-removed", "column-added")
    assert "`airtime`" in str(gone.hint)
    assert "`air_time`" in str(come.hint)


def test_another_order_breaks_and_so_does_a_column_that_is_not_put_last(tmp_path: Path) -> None:
    [moved] = _between(tmp_path, _columns("a", "b"), _columns("b", "a"))
    assert (moved.kind, moved.class_) == ("columns-moved", Class.BREAKING)
    kinds = {change.kind for change in _between(tmp_path, _columns("a", "b"), _columns("a", "x", "b"))}
    assert kinds == {"column-added", "columns-moved"}


def _keyed(*names: str) -> dict[str, Any]:
    columns = [_column(name, required=True) for name in ("a", "b")]
    for number, name in enumerate(names, start=1):
        columns[("a", "b").index(name)] |= {"primaryKey": True, "primaryKeyPosition": number}
    return {"properties": columns}


@pytest.mark.parametrize(
    ("kind", "old", "new", "wanted"),
    [
        ("key-tightened", ("a", "b"), ("a",), FORWARD),
        ("key-loosened", ("a",), ("a", "b"), BREAKING),
        ("key-changed", ("a",), ("b",), BREAKING),
        ("key-reordered", ("a", "b"), ("b", "a"), COMPATIBLE),
        ("key-tightened", (), ("a",), FORWARD),
        ("key-loosened", ("a",), (), BREAKING),
    ],
)
def test_fewer_columns_in_a_key_promise_more(
    tmp_path: Path, kind: str, old: tuple[str, ...], new: tuple[str, ...], wanted: tuple[Class, Level]
) -> None:
    [change] = _between(tmp_path, _keyed(*old), _keyed(*new))
    assert (change.kind, change.class_, change.level) == (kind, *wanted)


def test_a_promise_that_another_rule_still_holds_is_not_lost(tmp_path: Path) -> None:
    twice = _options(minimum=0, maximum=9) | {"enum": [{"value": 1}, {"value": 2}]}
    once = _column() | {"enum": [{"value": 1}, {"value": 2}]}
    [change] = _between(tmp_path, {"properties": [twice]}, {"properties": [once]})
    assert (change.kind, change.class_) == ("range-removed", Class.COMPATIBLE)


def test_a_contract_that_is_gone_breaks_unless_it_was_retired(tmp_path: Path) -> None:
    here = contract(tmp_path, [_column()])
    [gone] = compare_all([here], [])
    assert (gone.class_, gone.verdict.enough) == (Class.BREAKING, False)
    [come] = compare_all([], [here])
    assert (come.class_, come.verdict.enough) == (Class.COMPATIBLE, True)
    [retired] = compare_all([contract(tmp_path, [_column()], status="retired")], [])
    assert (retired.class_, retired.verdict.enough) == (Class.COMPATIBLE, True)


def test_the_class_of_a_comparison_is_that_of_its_worst_change(tmp_path: Path) -> None:
    both = _both(tmp_path, {"properties": [_column()]}, {"properties": [_column(required=True, description="x")]})
    found = compare(*both)
    assert found.class_ is Class.FORWARD_ONLY
    assert [change.class_ for change in found.changes] == [Class.FORWARD_ONLY, Class.COMPATIBLE]


def test_nothing_that_a_contract_holds_is_forgotten() -> None:
    """A field that somebody adds to the record has to be compared, or named here with the reason why not."""
    elsewhere = {
        "name": "by `dataset`",
        "version": "by the verdict",
        "domain": "by `dataset`, whose name it begins",
        "path": "the place of the file promises nothing",
        "digest": "follows from all else",
        "columns": "column by column",
        "rules": "rule by rule",
        "service_levels": "level by level",
        "roles": "by name",
        "servers": "by name",
        "relationships": "by name",
        "expectations": "by name",
        "unenforced": "by name",
        "said": "as all that follows from it",
        "code": "not at all: a digest tells that it changed",
    }
    assert {field.name for field in fields(Contract)} - set(elsewhere) == OF_CONTRACTS
    of_columns = {"name", "required", "is_key", "constraints"}
    assert {field.name for field in fields(Column)} - of_columns <= OF_COLUMNS


def _referring(*to: str) -> dict[str, Any]:
    relationships = [{"type": "foreignKey", "to": name} for name in to]
    return {"properties": [_column(relationships=relationships) if to else _column()]}


@pytest.mark.parametrize(
    ("kind", "old", "new", "wanted"),
    [
        ("reference-added", (), ("planes.tailnum",), FORWARD),
        ("reference-removed", ("planes.tailnum",), (), BREAKING),
    ],
)
def test_a_reference_is_one_change(
    tmp_path: Path, kind: str, old: tuple[str, ...], new: tuple[str, ...], wanted: tuple[Class, Level]
) -> None:
    [change] = _between(tmp_path, _referring(*old), _referring(*new))
    assert (change.kind, change.class_, change.level) == (kind, *wanted)
