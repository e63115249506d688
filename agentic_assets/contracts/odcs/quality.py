"""Compile ODCS quality checks: library metrics with their operators, SQL, custom checks of registered engines."""

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
from agentic_assets.contracts.odcs.strictness import finished, tolerance_of, unless_given
from agentic_assets.contracts.promise import Each, Matches, NoneOf, Predicate, Present
from agentic_assets.contracts.rule import Rule

__all__ = ["of_quality"]


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
        # ODCS gives custom checks no operators: they stand in the implementation.
        inside = item.get("implementation")
        item = unless_given({**(inside if isinstance(inside, dict) else {}), **item})
        tolerance = tolerance_of(item, place, reading) if rule else None
        return finished(rule, item, tolerance) if rule and tolerance else None
    tolerance = tolerance_of(item, place, reading)
    if tolerance is None:
        return None
    try:
        rule = _compiled(item, column, schema, reading)
    except NotSimple as error:
        what = f"{where}: the check {named or item.get('query', item.get('metric'))!r:.80}: {error}"
        reading.not_enforced(what, place, "check-not-enforced")
        return None
    except ValueError as error:
        hint = getattr(error, "hint", "correct the arguments of the check")
        reading.problem(place, f"{where}: {error}", hint, "check-invalid")
        return None
    return finished(rule, item, tolerance)


def _compiled(item: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType], reading: Reading) -> Rule:
    metric = item.get("metric")
    if item.get("type") == "sql":
        return _sql(reading.names.rewritten(str(item["query"]), column), column, schema, reading.table)
    if metric == "rowCount" and column is None:
        return Rule("rowCount", None, "rowCount", scope="table")
    if metric == "duplicateValues":
        return _duplicates(item, column, schema)
    if column is not None and metric in _METRICS:
        return _METRICS[metric](item, column, schema)
    raise NotSimple("it names no metric that can be checked here")


def _sql(query: str, column: str | None, schema: Mapping[str, pl.DataType], table: str) -> Rule:
    try:
        bad, inputs, text = bad_rows(query, table, schema)
    except NotSimple:
        return _asked(query, column, schema, table)
    shown = text if len(text) <= 120 else f"{text[:117]}..."
    rule_id = f"sql({column or ','.join(inputs)})"
    return Rule(rule_id, column, shown, expression=~bad, inputs=inputs, promise=Predicate(text))


def _asked(query: str, column: str | None, schema: Mapping[str, pl.DataType], table: str) -> Rule:
    """Compile SQL that is no condition on single rows: it runs in a locked DuckDB, over the whole partition."""
    from agentic_assets.contracts.sandbox import NotHere, compiled

    try:
        made, inputs = compiled(query, table, schema)
    except NotHere as error:
        raise NotSimple(str(error)) from error
    plain = " ".join(query.split())
    shown = f"`{plain if len(plain) <= 120 else f'{plain[:117]}...'}`"
    text = f"not found by {shown}" if made.gives == "rows" else shown
    return Rule(f"sql({column or ','.join(inputs)})", column, text, scope="cross", query=made, inputs=inputs)


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
