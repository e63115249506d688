"""Laws of change control that hold for any two contracts, and what they mean at the real gate."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

import polars as pl
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, gate
from agentic_assets.contracts.change import Class, Direction, compare, differences
from agentic_assets_tests.unit.contracts.written import contract, share

LAWFUL = settings(derandomize=True, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
Item = dict[str, Any]

DTYPES: Final[dict[str, pl.DataType]] = {
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "string": pl.String(),
    "date": pl.Date(),
}
VALUES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "integer": st.integers(-1, 6),
    "number": st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 6.0]),
    "string": st.sampled_from(["", "a", "b", "ab", "AB", "ABC"]),
    "date": st.dates(dt.date(2013, 1, 1), dt.date(2013, 1, 4)),
}
OPTIONS: Final[dict[str, list[Item]]] = {
    "integer": [
        {},
        {"minimum": 0},
        {"exclusiveMinimum": -1},
        {"minimum": 1, "maximum": 5},
        {"maximum": 4},
        {"multipleOf": 2},
        {"multipleOf": 1},
        {"multipleOf": 4, "minimum": 0},
    ],
    "number": [{}, {"minimum": 0}, {"exclusiveMinimum": 0}, {"minimum": 0.5, "exclusiveMaximum": 6}, {"maximum": 2}],
    "string": [
        {},
        {"minLength": 1},
        {"minLength": 1, "maxLength": 2},
        {"maxLength": 2},
        {"pattern": "a|b"},
        {"pattern": "^(a|b|ab)$"},
        {"pattern": "[a-z]+"},
        {"pattern": "[a-zA-Z]*"},
        {"pattern": "^[A-Z]{2,3}$"},
        {"pattern": "a?b?"},
    ],
    "date": [{}, {"minimum": "2013-01-02"}, {"maximum": "2013-01-03"}],
}
LISTS: Final[dict[str, list[list[Any]]]] = {
    "integer": [[1, 2], [1, 2, 4], [0, 1, 2, 3, 4, 5]],
    "number": [[0.5, 1.0], [0.5, 1.0, 2.0]],
    "string": [["a"], ["a", "b"], ["a", "b", "ab"], ["AB", "ABC"]],
    "date": [["2013-01-02"], ["2013-01-02", "2013-01-03"]],
}
OPERATORS: Final[list[Item]] = [
    {"mustBe": 0},
    {"mustBeLessThan": 2},
    {"mustBeLessOrEqualTo": 1},
    {"mustBeGreaterThan": 0},
    {"mustBeBetween": [0, 2]},
    {"mustNotBeBetween": [1, 2]},
    {"mustBeLessThan": 50, "unit": "percent"},
    {"mustBeLessThan": 30, "unit": "percent"},
    {"mustBe": 0, "severity": "warning"},
]
METRICS: Final = ["nullValues", "missingValues", "duplicateValues", "invalidValues"]
ROWS: Final[list[list[Item]]] = [
    [],
    [],
    [{"metric": "rowCount", "mustBeGreaterOrEqualTo": 0}],
    [{"metric": "rowCount", "mustBeGreaterThan": 1}],
    [{"metric": "rowCount", "mustBeBetween": [1, 3], "severity": "warning"}],
    [{"metric": "rowCount", "mustNotBe": 2}],
]


@st.composite
def checks(draw: st.DrawFn, kind: str) -> Item:
    metric = draw(st.sampled_from(METRICS))
    arguments: Item = {}
    if metric == "invalidValues":
        arguments = {"validValues": draw(st.sampled_from(LISTS[kind]))}
    elif metric == "missingValues" and draw(st.booleans()):
        arguments = {"missingValues": draw(st.sampled_from(LISTS[kind]))}
    return {"metric": metric, **({"arguments": arguments} if arguments else {}), **draw(st.sampled_from(OPERATORS))}


@st.composite
def columns(draw: st.DrawFn, name: str, kind: str) -> Item:
    item: Item = {"name": name, "logicalType": kind, "logicalTypeOptions": draw(st.sampled_from(OPTIONS[kind]))}
    if kind == "integer":
        item["physicalType"] = draw(st.sampled_from(["int64", "int64", "int32", "int16"]))
    for flag in ("required", "unique", "primaryKey"):
        item |= {flag: True} if draw(st.integers(0, 4)) == 0 else {}
    if draw(st.integers(0, 2)) == 0:
        item["enum"] = [{"value": value} for value in draw(st.sampled_from(LISTS[kind]))]
    if draw(st.integers(0, 2)) == 0:
        item["quality"] = [draw(checks(kind))]
    return item


@st.composite
def versions(draw: st.DrawFn, count: int) -> list[Contract]:
    """Draw versions of one contract, each a small step from the one before."""
    kinds = [draw(st.sampled_from(sorted(DTYPES))) for _ in range(draw(st.integers(1, 2)))]
    items = [draw(columns(f"c{number}", kind)) for number, kind in enumerate(kinds)]
    rows = draw(st.sampled_from(ROWS))
    made = [(items, rows)]
    for _ in range(count - 1):
        step = draw(st.sampled_from(["column", "column", "column", "add", "rows", "nothing"]))
        if step == "column":
            index = draw(st.integers(0, len(items) - 1))
            drawn = draw(columns(items[index]["name"], items[index]["logicalType"]))
            # One key at a time, so that most steps go in one direction.
            key = draw(st.sampled_from(["logicalTypeOptions", "required", "unique", "enum", "quality", "physicalType"]))
            kept = {name: value for name, value in items[index].items() if name != key}
            items = [*items[:index], kept | ({key: drawn[key]} if key in drawn else {}), *items[index + 1 :]]
        elif step == "add":
            items = [*items, draw(columns(f"c{len(items)}", draw(st.sampled_from(sorted(DTYPES)))))]
        elif step == "rows":
            rows = draw(st.sampled_from(ROWS))
        made.append((items, rows))
    with tempfile.TemporaryDirectory() as folder:
        return [contract(Path(folder), items, rows, customProperties=share(1)) for items, rows in made]


@st.composite
def frames(draw: st.DrawFn, of: Contract) -> pl.DataFrame:
    height = draw(st.integers(0, 4))
    data = {}
    for column in of.columns:
        values = VALUES[column.logical_type]
        drawn = draw(st.lists(values if column.required else st.none() | values, min_size=height, max_size=height))
        data[column.name] = pl.Series(drawn, dtype=DTYPES[column.logical_type])
    return pl.DataFrame(data)


def accepts(found: Contract, frame: pl.DataFrame) -> bool:
    """Say whether the gate lets a frame pass, the whole of it."""
    result = gate(frame, found, partition="")
    return not result.refused and not result.quarantined.height


def with_nulls(frame: pl.DataFrame, found: Contract) -> pl.DataFrame:
    """Read a frame as the lake does under a contract with more columns."""
    more = [name for name in found.schema if name not in frame.columns]
    return frame.with_columns(pl.lit(None, found.schema[name]).alias(name) for name in more)


@LAWFUL
@given(versions(1))
def test_a_contract_does_not_differ_from_itself(made: list[Contract]) -> None:
    assert differences(made[0], made[0]) == ()
    assert compare(made[0], made[0]).class_ is Class.COMPATIBLE


_SWAPPED: Final = {Direction.TIGHTER: Direction.LOOSER, Direction.LOOSER: Direction.TIGHTER}


@LAWFUL
@given(versions(2))
def test_swapping_old_and_new_swaps_readers_and_writers(made: list[Contract]) -> None:
    there, back = differences(*made), differences(*reversed(made))
    # A column that comes may be null; one that goes is missed all the same.
    forth = Counter(
        (one.aspect, one.spot.column, _SWAPPED.get(one.direction, one.direction))
        for one in there
        if one.aspect != "column"
    )
    assert forth == Counter((one.aspect, one.spot.column, one.direction) for one in back if one.aspect != "column")


@LAWFUL
@given(versions(3))
def test_steps_that_break_nobody_break_nobody_together(made: list[Contract]) -> None:
    first, second, third = made
    steps = [compare(first, second).class_, compare(second, third).class_]
    if Class.BREAKING not in steps:
        assert compare(first, third).class_ is not Class.BREAKING


@settings(LAWFUL, max_examples=40)
@given(st.data())
def test_what_is_safe_for_readers_lets_nothing_pass_that_the_old_gate_refused(data: st.DataObject) -> None:
    one, other = data.draw(versions(2))
    for old, new in ((one, other), (other, one)):
        changes = differences(old, new)
        if changes and all(change.direction.safe.consumers for change in changes):
            for frame in data.draw(st.lists(frames(new), min_size=4, max_size=4)):
                if accepts(new, frame):
                    event("accepted by the new gate")
                    assert accepts(old, frame), [change.what for change in changes]


@settings(LAWFUL, max_examples=40)
@given(st.data())
def test_what_is_safe_for_writers_refuses_nothing_that_the_old_gate_let_pass(data: st.DataObject) -> None:
    one, other = data.draw(versions(2))
    for old, new in ((one, other), (other, one)):
        changes = differences(old, new)
        if changes and all(change.direction.safe.producers for change in changes):
            for frame in data.draw(st.lists(frames(old), min_size=4, max_size=4)):
                if accepts(old, frame):
                    event("accepted by the old gate")
                    assert accepts(new, with_nulls(frame, new)), [change.what for change in changes]
