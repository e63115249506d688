"""Likely mistakes in quality checks: thresholds that say nothing, checks that contradict each other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.smells.smell import Property, Smell, Table
from agentic_assets.contracts.odcs.strictness import given, tolerance_of
from agentic_assets.contracts.rule import Tolerance

__all__ = ["of_checks"]

_UNITS: Final = frozenset({"", "rows", "row", "percent", "%"})
_SEVERITIES: Final = frozenset(
    {
        *("error", "critical", "fatal", "blocker", "major", "high", "medium"),
        *("warning", "warn", "minor", "low", "info", "information"),
    }
)
_Counted = tuple[Mapping[str, Any], Tolerance, Place]


def of_checks(table: Table) -> Iterator[Smell]:
    """Find the smells of a table's quality checks."""
    alike: dict[str, list[_Counted]] = {}
    for check, each, place in table.checks():
        yield from _words(check, place)
        tolerance = tolerance_of(check, place, Reading()) if len(given(check)) == 1 else None
        if tolerance is None or check.get("metric") is None:
            continue
        yield from _threshold(check, tolerance, place)
        yield from _against_column(check, each, tolerance, place)
        alike.setdefault(_subject(check, each, tolerance), []).append((check, tolerance, place))
    for same in alike.values():
        yield from _together(same)


def _subject(check: Mapping[str, Any], each: Property | None, tolerance: Tolerance) -> str:
    arguments = json.dumps(check.get("arguments") or {}, sort_keys=True, default=str)
    return f"{check['metric']} {each.name if each else ''} {arguments} {tolerance.percent}"


def _words(check: Mapping[str, Any], place: Place) -> Iterator[Smell]:
    unit, severity = str(check.get("unit") or "").strip().lower(), str(check.get("severity") or "error").strip().lower()
    if unit not in _UNITS:
        what = f"the unit {unit!r:.40} is neither rows nor percent; the figures are taken as rows"
        yield Smell.warning("unit-unknown", (*place, "unit"), what, "write rows or percent")
    if severity not in _SEVERITIES:
        what = f"the severity {severity!r:.40} is not known; it is taken as error"
        yield Smell.warning("severity-unknown", (*place, "severity"), what, "write error, warning or info")
    if check.get("type") == "text":
        yield Smell.info(
            "check-for-people", place, "a check in words is for people, nothing runs it", "write it as SQL"
        )


def _threshold(check: Mapping[str, Any], tolerance: Tolerance, place: Place) -> Iterator[Smell]:
    [operator] = given(check)
    highest = 100.0 if tolerance.percent else math.inf
    figures = tolerance.figures
    shares = tolerance.percent and all(0 < figure < 1 for figure in figures)
    if shares and not isinstance(check[operator], list):
        what = f"{operator} {figures[0]:g} percent is {figures[0] * 100:g} in 10,000 rows: was a share meant?"
        yield Smell.warning("percent-as-share", (*place, operator), what, f"write {figures[0] * 100:g} for that share")
    allowed = _allowed(tolerance, highest)
    whole = not tolerance.percent and any(not figure.is_integer() for figure in figures) and operator == "mustBe"
    if not allowed or whole:
        what = f"the check can never hold: a number of rows {tolerance}"
        yield Smell.warning("threshold-never-holds", (*place, operator), what, "correct the operator or its figures")
    elif allowed == [(0.0, highest)] or (operator == "mustNotBe" and not 0 <= figures[0] <= highest):
        if check["metric"] == "rowCount":
            return  # without any check of the number of rows, an empty table would be refused
        what = f"the check always holds: a number of rows {tolerance}"
        yield Smell.warning("threshold-always-holds", (*place, operator), what, "correct the operator or its figures")


def _against_column(
    check: Mapping[str, Any], each: Property | None, tolerance: Tolerance, place: Place
) -> Iterator[Smell]:
    if each is None or tolerance.holds(0, 1):
        required = each is not None and (each.item.get("required") or each.item.get("primaryKey"))
        if each and required and check["metric"] == "nullValues" and tolerance == Tolerance("mustBe", (0.0,), False):
            what = f"`{each.name}` is required: a second check for nulls says the same again"
            yield Smell.info("check-redundant", place, what, "drop one of the two")
        return
    wanted = {"nullValues": "required", "duplicateValues": "unique"}.get(str(check["metric"]))
    if wanted and (each.item.get(wanted) or (wanted == "required" and each.item.get("primaryKey"))):
        what = f"`{each.name}` is {wanted}, and this check demands rows that break that"
        yield Smell.warning("check-contradicts", place, what, "drop one of the two")


def _together(same: list[_Counted]) -> Iterator[Smell]:
    (first, _, _), *_ = same
    for position, (check, tolerance, place) in enumerate(same[1:], start=1):
        if any(tolerance == other for _, other, _ in same[:position]):
            what = f"the check {check['metric']} {tolerance} stands twice"
            yield Smell.warning("check-repeated", place, what, "drop one of the two")
    highest = 100.0 if same[0][1].percent else math.inf
    common = [(0.0, highest)]
    for _, tolerance, place in same:
        narrowed = _intersection(common, _allowed(tolerance, highest))
        if common and _allowed(tolerance, highest) and not narrowed:
            what = f"no number of rows keeps this check and those of {first['metric']} before it"
            yield Smell.warning("check-contradicts", place, what, "correct their figures")
        common = narrowed


def _allowed(tolerance: Tolerance, highest: float) -> list[tuple[float, float]]:
    """Give the ranges of counts that hold, ends included; an open end is moved by the least step that there is."""
    first, last = tolerance.figures[0], tolerance.figures[-1]
    step = 1e-9 if tolerance.percent else 1.0
    above, below = (first + step if first.is_integer() or tolerance.percent else math.ceil(first)), last - step
    if not last.is_integer() and not tolerance.percent:
        below = math.floor(last)
    under = first - step if first.is_integer() or tolerance.percent else math.floor(first)
    over = last + step if last.is_integer() or tolerance.percent else math.ceil(last)
    ranges = {
        "mustBe": [(first, first)],
        "mustNotBe": [(0.0, under), (over, highest)],
        "mustBeGreaterThan": [(above, highest)],
        "mustBeGreaterOrEqualTo": [(first, highest)],
        "mustBeLessThan": [(0.0, below)],
        "mustBeLessOrEqualTo": [(0.0, last)],
        "mustBeBetween": [(first, last)],
        "mustNotBeBetween": [(0.0, under), (over, highest)],
    }[tolerance.operator]
    return _intersection(ranges, [(0.0, highest)])


def _intersection(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> list[tuple[float, float]]:
    pairs = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted({(low, high) for low, high in pairs if low <= high})
