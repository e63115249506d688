"""Compile what a property says about a collection as a whole: how many items, all different, which fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.contract import Column
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.rule import Rule

__all__ = ["of_options"]

_ADVICE: Final = frozenset({"elementType", "distanceMetric", "embeddingModel", "embeddingModelVersion"})


def of_options(column: Column, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    """Compile the options of an array, a map, a vector or an object."""
    if isinstance(column.dtype, pl.Struct):
        return _of_object(column, options, at, reading)
    name, items = column.name, pl.col(column.name).list
    rules: list[Rule] = []
    least, most = options.get("minItems"), options.get("maxItems")
    if column.logical_type == "vector":
        least = most = options.get("dimensions")
    if least is not None and most is not None and least > most:
        what = f"`{name}` has minItems {least} above maxItems {most}"
        reading.problem((*at, "minItems"), what, "swap them", "length-empty")
        return rules
    if least or most is not None:
        low, high = least or 0, most
        kept = items.len() >= low if high is None else items.len().is_between(low, high)
        text = f"at least {low} items" if high is None else f"{low} items" if low == high else f"{low} to {high} items"
        rules.append(Rule(f"items({name})", name, text, expression=kept, inputs=(name,)))
    if options.get("uniqueItems") is True:
        kept = items.n_unique() == items.len()
        rules.append(Rule(f"uniqueItems({name})", name, "items that differ", expression=kept, inputs=(name,)))
    if options.get("normalized") is True:
        reading.not_enforced(f"`{name}`: normalized (the length of vectors is not measured)", at)
    return rules


def _of_object(column: Column, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    assert isinstance(column.dtype, pl.Struct)
    name, value = column.name, pl.col(column.name)
    fields = {field.name for field in column.dtype.fields}
    rules: list[Rule] = []
    for field in options.get("required") or ():
        if field not in fields:
            what = f"`{name}` requires `{field!s:.60}`, which is none of its properties"
            reading.mistake((*at, "required"), what, "name one of its properties", "unknown-property")
            continue
        kept = value.is_null() | value.struct.field(field).is_not_null()
        rules.append(Rule(f"required({name}.{field})", name, f"with {field}", expression=kept, inputs=(name,)))
    counted = [key for key in ("minProperties", "maxProperties") if options.get(key)]
    if counted:
        reading.not_enforced(f"`{name}`: {', '.join(counted)} (an object has the properties that are listed)", at)
    return rules
