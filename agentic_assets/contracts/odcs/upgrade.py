"""Write a file of ODCS 3.0 as ODCS 3.1 would have it, so that everything after reads one dialect."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["is_first", "upgraded"]

# The library of 3.0 named its checks with `rule`; those that 3.1 has under `metric`, by their names then.
_METRICS: Final = {
    "duplicateCount": "duplicateValues",
    "duplicateValues": "duplicateValues",
    "duplicates": "duplicateValues",
    "unique": "duplicateValues",
    "validValues": "invalidValues",
    "invalidValues": "invalidValues",
    "rowCount": "rowCount",
    "nullCheck": "nullValues",
    "nullCount": "nullValues",
    "nullValues": "nullValues",
    "missingValues": "missingValues",
}
_NONE_ALLOWED: Final = frozenset({"unique", "validValues", "nullCheck"})
# What may be anything, null too.
_FREE: Final = frozenset({"value", "valueExt", "mustBe", "mustNotBe", "arguments", "implementation", "examples"})
# Operators as an older specification wrote them, which files of 3.0 still do; 3.1 refuses what it does not know.
_OPERATORS: Final = {
    "mustBeGreaterThanOrEqualTo": "mustBeGreaterOrEqualTo",
    "mustBeLessThanOrEqualTo": "mustBeLessOrEqualTo",
}


def is_first(value: dict[str, Any]) -> bool:
    """Say whether a file names a version 3.0 of the standard."""
    return str(value.get("apiVersion")).startswith("v3.0.")


def upgraded(value: dict[str, Any]) -> dict[str, Any]:
    """Give the file in the words of 3.1: exclusive bounds as values, checks of the library by their metric.

    In any version, a key with nothing after it says nothing, and is left out.
    """
    value = _without_nulls(value)
    if not is_first(value) or not isinstance(value.get("schema"), list):
        return value
    return {**value, "schema": [_element(table, is_table=True) for table in value["schema"]]}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in _FREE else _without_nulls(item)
        for key, item in value.items()
        if item is not None or key in _FREE
    }


def _element(item: Any, *, is_table: bool = False) -> Any:
    if not isinstance(item, dict):
        return item
    changed = dict(item)
    if isinstance(item.get("properties"), list):
        changed["properties"] = [_element(child) for child in item["properties"]]
    if isinstance(item.get("quality"), list):
        changed["quality"] = [_check(check, is_table=is_table) for check in item["quality"]]
    if "items" in item:
        changed["items"] = _element(item["items"])
    if isinstance(item.get("logicalTypeOptions"), dict):
        changed["logicalTypeOptions"] = _options(item["logicalTypeOptions"])
    return changed


def _options(options: dict[str, Any]) -> dict[str, Any]:
    changed = dict(options)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(options.get(exclusive), bool):
            del changed[exclusive]
            if options[exclusive] and bound in options:
                changed[exclusive] = changed.pop(bound)
    return changed


def _check(check: Any, *, is_table: bool) -> Any:
    if not isinstance(check, dict):
        return check
    check = {_OPERATORS.get(key, key): item for key, item in check.items()}
    if check.get("type") == "sql" and not any(key.startswith(("mustBe", "mustNotBe")) for key in check):
        kept = {key: item for key, item in check.items() if key != "query"}
        return {**kept, "type": "custom", "engine": "SQL without an operator", "implementation": dict(check)}
    if check.get("type", "library") != "library" or "metric" in check:
        return check
    rule = check.get("rule")
    if not isinstance(rule, str):
        return check
    given = any(key.startswith(("mustBe", "mustNotBe")) for key in check)
    metric = _METRICS.get(rule)
    over_rows = is_table and metric == "duplicateValues" and not (check.get("arguments") or {}).get("properties")
    if metric is None or over_rows or not (given or rule in _NONE_ALLOWED):
        kept = {key: item for key, item in check.items() if not key.startswith(("mustBe", "mustNotBe", "rule"))}
        return {**kept, "type": "custom", "engine": f"library rule {rule}", "implementation": dict(check)}
    changed = {key: item for key, item in check.items() if key not in ("rule", "validValues")}
    if "validValues" in check:
        changed["arguments"] = {"validValues": check["validValues"]}
    return {**changed, "metric": metric, **({} if given else {"mustBe": 0})}
