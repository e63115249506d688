"""Compile ODCS quality checks: library metrics with their operators, and SQL over single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs.constraints import one_of, present, value_of
from agentic_assets.contracts.odcs.custom import Check, of_custom
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.patterns import full_match
from agentic_assets.contracts.odcs.predicate import NotSimple, bad_rows
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.severity import severity_of
from agentic_assets.contracts.promise import Each, Matches, NoneOf, Predicate, Present
from agentic_assets.contracts.rule import Rule, Tolerance

__all__ = ["of_quality"]

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


def of_quality(
    item: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType], place: Place, reading: Reading
) -> Rule | None:
    """Compile one check; give None when it is documentation or not enforced (which is noted) or wrong (a problem)."""
    kind = item.get("type", "library")
    named = str(item.get("id") or item.get("name") or "")
    where = f"`{column}`" if column else "the table"
    if kind == "text":
        return None  # for people to read; it promises nothing that a machine could check
    if kind == "custom":
        rule = of_custom(Check(item, column, schema, place), reading)
        # ODCS gives custom checks no operators: they stand in the implementation, else no row may break the rule.
        given = item.get("implementation")
        item = {**(given if isinstance(given, dict) else {}), **item}
        item = item if _given(item) else {**item, "mustBe": 0}
        tolerance = _tolerance(item, place, reading) if rule else None
        return _finished(rule, item, tolerance) if rule and tolerance else None
    tolerance = _tolerance(item, place, reading)
    if tolerance is None:
        return None
    try:
        rule = _compiled(item, column, schema, reading.table)
    except NotSimple as error:
        reading.not_enforced(f"{where}: the check {named or item.get('query', item.get('metric'))!r:.80}: {error}")
        return None
    except ValueError as error:
        reading.problem(place, f"{where}: {error}", "correct the arguments of the check")
        return None
    return _finished(rule, item, tolerance)


def _compiled(item: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType], table: str) -> Rule:
    metric = item.get("metric")
    if item.get("type") == "sql":
        return _sql(item, column, schema, table)
    if metric == "rowCount" and column is None:
        return Rule("rowCount", None, "rowCount", scope="table")
    if metric == "duplicateValues":
        return _duplicates(item, column, schema)
    if column is not None and metric in _METRICS:
        return _METRICS[metric](item, column, schema)
    raise NotSimple("it names no metric that can be checked here")


def _finished(rule: Rule, item: Mapping[str, Any], tolerance: Tolerance) -> Rule:
    single = tolerance == _NEVER and not rule.counts_rows
    return replace(
        rule,
        id=str(item.get("id") or rule.id),
        text=rule.text if single else f"{_counted(rule)} {tolerance}",
        severity=severity_of(item),
        scope=rule.scope if rule.scope == "cross" else "row" if single else "table",
        tolerance=None if single else tolerance,
        dimension=item.get("dimension"),
        description=item.get("description") or item.get("name"),
    )


def _counted(rule: Rule) -> str:
    if rule.counts_rows:
        return "the number of rows"
    return f"rows with the same {', '.join(rule.key)}" if rule.key else f"rows that break {rule.text}"


def _given(item: Mapping[str, Any]) -> list[str]:
    return [operator for operator in _OPERATORS if operator in item]


def _tolerance(item: Mapping[str, Any], place: Place, reading: Reading) -> Tolerance | None:
    given = _given(item)
    if len(given) != 1:
        reading.problem(place, f"the check has {len(given)} operators", "give exactly one, e.g. `mustBe: 0`")
        return None
    [operator] = given
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


def _sql(item: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType], table: str) -> Rule:
    query = (
        str(item["query"]).replace("${column}", column or "${column}").replace("${property}", column or "${property}")
    )
    bad, inputs, text = bad_rows(query, table, schema)
    shown = text if len(text) <= 120 else f"{text[:117]}..."
    rule_id = f"sql({column or ','.join(inputs)})"
    return Rule(rule_id, column, shown, expression=~bad, inputs=inputs, promise=Predicate(text))


def _duplicates(item: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType]) -> Rule:
    names = (column,) if column else tuple(str(name) for name in _listed(item, "properties"))
    unknown = [name for name in names if name not in schema]
    if not names or unknown:
        raise ValueError(f"duplicateValues names no known columns ({', '.join(map(str, unknown)) or 'none given'})")
    return Rule(
        f"duplicateValues({','.join(names)})", column, f"unique over {', '.join(names)}", key=names, inputs=names
    )


def _listed(item: Mapping[str, Any], argument: str) -> list[Any]:
    value = (item.get("arguments") or {}).get(argument, [])
    if not isinstance(value, list):
        raise ValueError(f"{argument} is {value!r:.60}, no list")
    return value


def _nulls(_item: Mapping[str, Any], column: str, schema: Mapping[str, pl.DataType]) -> Rule:
    there = present(column, schema[column])
    return Rule(f"nullValues({column})", column, "not null", expression=there, inputs=(column,), promise=Present())


def _missing(item: Mapping[str, Any], column: str, schema: Mapping[str, pl.DataType]) -> Rule:
    values = [value_of(value, schema[column]) for value in _listed(item, "missingValues") if value is not None]
    there = present(column, schema[column])
    if values:
        there = there & ~pl.col(column).is_in(pl.Series(values, dtype=schema[column]).implode()).fill_null(value=False)
    shown = ", ".join(["null", *(repr(value) for value in values)])
    text, promise = f"none of {shown:.80}", NoneOf(tuple(values))
    return Rule(f"missingValues({column})", column, text, expression=there, inputs=(column,), promise=promise)


def _invalid(item: Mapping[str, Any], column: str, schema: Mapping[str, pl.DataType]) -> Rule:
    arguments = item.get("arguments") or {}
    parts: list[Rule] = []
    rule_id = f"invalidValues({column})"
    if "validValues" in arguments:
        values = [value_of(value, schema[column]) for value in _listed(item, "validValues") if value is not None]
        parts.append(one_of(rule_id, column, schema[column], values))
    if "pattern" in arguments:
        pattern = str(arguments["pattern"])
        kept = pl.col(column).str.contains(full_match(pattern))
        promise = Matches(pattern)
        parts.append(Rule(rule_id, column, f"pattern {pattern}", expression=kept, inputs=(column,), promise=promise))
    unknown = set(arguments) - {"validValues", "pattern"}
    if not parts or unknown or (schema[column] != pl.String and "pattern" in arguments):
        raise ValueError(
            f"invalidValues needs validValues, or a pattern for text (got {', '.join(sorted(arguments)) or 'nothing'})"
        )
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    assert first.expression is not None
    assert second.expression is not None
    assert first.promise is not None
    assert second.promise is not None
    return replace(
        first,
        text=f"{first.text}, {second.text}",
        expression=first.expression & second.expression,
        promise=Each((first.promise, second.promise)),
    )


_METRICS: Final = {"nullValues": _nulls, "missingValues": _missing, "invalidValues": _invalid}
