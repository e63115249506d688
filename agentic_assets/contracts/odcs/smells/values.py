"""Values that a contract shows or lists and that break its own rules: examples, enumerations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.odcs.smells.smell import Property, Smell, Table
from agentic_assets.contracts.rule import Rule

__all__ = ["of_values"]


def of_values(table: Table) -> Iterator[Smell]:
    """Find examples and listed values that a column's own rules would refuse."""
    rules: dict[str, list[Rule]] = {}
    for rule in table.contract.rules:
        if rule.scope == "row" and rule.expression is not None and len(rule.inputs) == 1:
            rules.setdefault(rule.inputs[0], []).append(rule)
    for each in table.properties:
        if each.column is None:
            continue
        own = rules.get(each.name, [])
        given = each.item.get("examples") or []
        for value, rule in _broken(each, given, own, table.contract):
            what = f"the example {value!r:.60} of `{each.name}` breaks {rule.text:.80}"
            yield Smell.warning(
                "example-breaks-rule", (*each.place, "examples"), what, "correct the example or the rule"
            )
        listed = [entry.get("value") for entry in each.item.get("enum") or () if entry.get("value") is not None]
        others = [rule for rule in own if rule.id != f"enum({each.name})"]
        for value, rule in _broken(each, listed, others, table.contract):
            what = f"the listed value {value!r:.60} of `{each.name}` breaks {rule.text:.80}: no row can ever have it"
            yield Smell.warning("enum-breaks-rule", (*each.place, "enum"), what, "correct the list or the rule")


def _broken(
    each: Property, values: Sequence[Any], rules: Sequence[Rule], contract: Contract
) -> Iterator[tuple[Any, Rule]]:
    """Give each value with the first rule that it breaks."""
    if not values or not rules or each.column is None:
        return
    from dataclasses import replace

    from agentic_assets.contracts.gating.conform import conform
    from agentic_assets.contracts.gating.measure import broken_by

    texts = pl.DataFrame({each.name: pl.Series([_text(value) for value in values], dtype=pl.String)})
    alone = replace(contract, columns=(each.column,), rules=tuple(rules))
    marked = conform(texts, alone).marked
    told: set[int] = set()
    for rule in rules:
        for row in broken_by(marked, rule).arg_true().to_list():
            if row not in told:
                told.add(row)
                yield values[row], rule


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
