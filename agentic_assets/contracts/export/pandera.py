"""A contract as a pandera schema over polars, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.promise import Finite, NoneOf, Present, Typed
from agentic_assets.contracts.rule import Rule

__all__ = ["to_pandera"]


def to_pandera(contract: Contract) -> Any:
    """Give a pandera.polars.DataFrameSchema of what may be published: columns in order, types, and rules about rows.

    Each rule that refuses rows or keys is a check named by its id; rules about the table as a whole, relationships and
    warnings are left out. Validate a DataFrame with `lazy=True` to see all that is wrong; of a LazyFrame pandera sees
    types only.
    """
    import pandera.polars as pa

    required = {column.name for column in contract.columns if column.required}
    checks: dict[str, list[Any]] = {column.name: [] for column in contract.columns}
    for rule in contract.rules:
        if rule.scope != "row" or rule.severity != "error":
            continue
        if rule.column is not None and isinstance(rule.promise, Present | NoneOf):
            required.add(rule.column)
        for expression in _expressions(rule):
            first = rule.column or rule.inputs[0]
            select = partial(_selected, expression)
            checks[first].append(pa.Check(select, name=rule.id, error=rule.id, ignore_na=True))
    columns = {
        column.name: pa.Column(column.dtype, nullable=column.name not in required, checks=checks[column.name] or None)
        for column in contract.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=contract.name)


def _selected(expression: pl.Expr, data: Any) -> pl.LazyFrame:
    selected: pl.LazyFrame = data.lazyframe.select(expression.alias("kept"))
    return selected


def _expressions(rule: Rule) -> Iterator[pl.Expr]:
    """Give the rule for a frame that has types already, and so no marks of cells that could not be read."""
    if rule.key:
        nobodys = pl.any_horizontal(*(pl.col(name).is_null() for name in rule.key))
        yield ~pl.struct(*rule.key).is_duplicated() | nobodys
        return
    match rule.promise:
        case Typed() | Present():
            return
        case Finite():
            yield pl.col(str(rule.column)).is_finite()
        case NoneOf(values):
            if values:
                yield ~pl.col(str(rule.column)).is_in(pl.Series(values).implode())
        case _:
            if rule.expression is not None:
                yield rule.expression
