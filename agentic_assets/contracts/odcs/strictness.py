"""How strictly a check holds: its operator with figures, its unit, its severity; the same for all kinds of checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.severity import severity_of
from agentic_assets.contracts.rule import Rule, Tolerance

__all__ = ["finished", "given", "tolerance_of", "unless_given"]

_OPERATORS: Final = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
_NEVER: Final = Tolerance("mustBe", (0.0,), percent=False)


def finished(rule: Rule, item: Mapping[str, Any], tolerance: Tolerance) -> Rule:
    """Complete a compiled rule by what its check says besides: id, severity, tolerance, dimension, description."""
    measures = rule.query is not None and rule.query.gives != "rows"
    single = tolerance == _NEVER and not rule.counts_rows and not measures
    return replace(
        rule,
        id=str(item.get("id") or rule.id),
        text=rule.text if single else f"{_counted(rule)} {tolerance}",
        severity=severity_of(item),
        scope=rule.scope if rule.scope == "cross" else "row" if single else "table",
        tolerance=None if single else tolerance,
        dimension=item.get("dimension") or rule.dimension,
        description=item.get("description") or item.get("name"),
    )


def _counted(rule: Rule) -> str:
    if rule.counts_rows:
        return "the number of rows"
    if rule.query is not None:
        found = rule.text.removeprefix("not found by ")
        return f"rows found by {found}" if rule.query.gives == "rows" else found
    return f"rows with the same {', '.join(rule.key)}" if rule.key else f"rows that break {rule.text}"


def given(item: Mapping[str, Any]) -> list[str]:
    """List the operators that an element holds."""
    return [operator for operator in _OPERATORS if operator in item]


def unless_given(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the operator of promises that no row may break, where ODCS asks for none and none is given."""
    return item if given(item) else {**item, "mustBe": 0}


def tolerance_of(item: Mapping[str, Any], place: Place, reading: Reading) -> Tolerance | None:
    """Read the one operator of an element and its figures; None, and a problem noted, when they are wrong."""
    operators = given(item)
    if len(operators) != 1:
        reading.problem(place, f"the check has {len(operators)} operators", "give exactly one, e.g. `mustBe: 0`")
        return None
    [operator] = operators
    figures = item[operator] if isinstance(item[operator], list) else [item[operator]]
    wanted = 2 if operator.endswith("Between") else 1
    numeric = all(isinstance(figure, int | float) and not isinstance(figure, bool) for figure in figures)
    if not numeric or len(figures) != wanted:
        what = "two numbers" if wanted == 2 else "a number"
        reading.problem((*place, operator), f"{operator} is {item[operator]!r:.60}, not {what}", f"give {what}")
        return None
    numbers = tuple(float(figure) for figure in figures)
    if numbers[0] > numbers[-1]:
        reading.problem((*place, operator), f"{operator}: {numbers[0]:g} is above {numbers[-1]:g}", "swap them")
        return None
    return Tolerance(operator, numbers, percent=item.get("unit") in ("percent", "%"))
