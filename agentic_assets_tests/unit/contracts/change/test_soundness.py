"""Every promise against every other: what change control calls safe, the real gate finds safe on many frames."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from agentic_assets.contracts import Contract, gate
from agentic_assets.contracts.change import differences
from agentic_assets_tests.unit.contracts.change.test_laws import LISTS, OPTIONS
from agentic_assets_tests.unit.contracts.written import contract, share

Item = dict[str, Any]

FRAMES: Final = 60
VALUES: Final[dict[str, list[Any]]] = {
    "integer": [0, 1, 2, 3, 4, 5, 6, -1, None],
    "string": ["a", "b", "ab", "AB", "ABC", "", None],
}
DTYPES: Final[dict[str, pl.DataType]] = {"integer": pl.Int64(), "string": pl.String()}
OPERATORS: Final[list[Item]] = [
    {"mustBe": 0},
    {"mustBe": 0, "severity": "warning"},
    {"mustBeLessThan": 2},
    {"mustBeLessThan": 20, "unit": "percent"},
    {"mustBeLessThan": 60, "unit": "percent"},
    {"mustBeGreaterThan": 0},
    {"mustNotBe": 1},
]
ROW_COUNTS: Final[list[Item]] = [
    {"mustBeGreaterOrEqualTo": 0},
    {"mustBeGreaterThan": 1},
    {"mustBeBetween": [1, 3]},
    {"mustBeBetween": [1, 3], "severity": "warning"},
    {"mustNotBeBetween": [2, 3]},
    {"mustBeLessOrEqualTo": 3},
]


def _checks(kind: str) -> list[Item]:
    few, more = LISTS[kind][0], LISTS[kind][1]
    asked: list[Item] = [
        {"metric": "nullValues"},
        {"metric": "duplicateValues"},
        {"metric": "missingValues", "arguments": {"missingValues": few}},
        {"metric": "missingValues", "arguments": {"missingValues": more}},
        {"metric": "invalidValues", "arguments": {"validValues": few}},
        {"metric": "invalidValues", "arguments": {"validValues": more}},
    ]
    return [one | operator for one in asked for operator in OPERATORS]


def _versions(folder: Path, kind: str) -> list[Contract]:
    """Make contracts over one column of a kind and a whole number beside it, each with one promise."""
    base = {"name": "c", "logicalType": kind}
    beside = {"name": "d", "logicalType": "integer"}
    columns: list[Item] = [base, base | {"required": True}, base | {"unique": True}, base | {"primaryKey": True}]
    columns += [base | {"logicalTypeOptions": options} for options in OPTIONS[kind] if options]
    columns += [base | {"enum": [{"value": value} for value in values]} for values in LISTS[kind]]
    columns += [base | {"quality": [check]} for check in _checks(kind)]
    made: list[tuple[list[Item], list[Item]]] = [([column, beside], []) for column in columns]
    keys = [["c"], ["d"], ["c", "d"]]
    tables: list[Item] = [{"metric": "rowCount"} | asked for asked in ROW_COUNTS]
    tables += [{"metric": "duplicateValues", "arguments": {"properties": key}, "mustBe": 0} for key in keys]
    made += [([base, beside], [check]) for check in tables]
    return [contract(folder, items, quality, customProperties=share(1)) for items, quality in made]


def _frames(kind: str) -> list[pl.DataFrame]:
    choose = random.Random(20130208)
    frames = []
    for number in range(FRAMES):
        height = number % 5
        # From a few values at a time, so that frames often keep what is promised of them, and often repeat.
        values = choose.sample(VALUES[kind], choose.choice([1, 2, 3, len(VALUES[kind])]))
        drawn = [choose.choice(values) for _ in range(height)]
        beside = [choose.choice([1, 2, 3, None]) for _ in range(height)]
        frames.append(pl.DataFrame({"c": drawn, "d": beside}, schema={"c": DTYPES[kind], "d": pl.Int64()}))
    return frames


def _accepts(found: Contract, frame: pl.DataFrame) -> bool:
    result = gate(frame, found, partition="")
    return not result.refused and not result.quarantined.height


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_what_is_called_safe_is_safe_at_the_gate(tmp_path: Path, kind: str) -> None:
    versions, frames = _versions(tmp_path, kind), _frames(kind)
    accepted = {id(one): [_accepts(one, frame) for frame in frames] for one in versions}
    claimed = 0
    for old, new in permutations(versions, 2):
        changes = differences(old, new)
        both = list(zip(accepted[id(old)], accepted[id(new)], strict=True))
        if all(change.direction.safe.consumers for change in changes):
            claimed += 1
            assert all(before or not after for before, after in both), [change.what for change in changes]
        if all(change.direction.safe.producers for change in changes):
            assert all(after or not before for before, after in both), [change.what for change in changes]
    assert claimed > len(versions)
