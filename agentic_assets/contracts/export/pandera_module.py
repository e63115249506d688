"""A contract as a Python module that builds a pandera schema and needs nothing but pandera and polars."""

from __future__ import annotations

from agentic_assets.contracts.contract import Column, Contract
from agentic_assets.contracts.export.polars_source import of_key, of_promise, of_type
from agentic_assets.contracts.export.unsaid import Unsaid, Unsayable, one_line, parts, sayable
from agentic_assets.contracts.promise import NoneOf, Present

__all__ = ["to_pandera_module"]

_IMPORTS = """\
import datetime as dt

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
"""

_FUNCTIONS = '''
def keeps(rule: str, expression: pl.Expr) -> pa.Check:
    """Make a check of one rule; a null, of which nothing is known, keeps it."""
    return pa.Check(lambda data: data.lazyframe.select(expression.alias("kept")), name=rule, error=rule, ignore_na=True)


def validate(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the frame back, or raise pandera.errors.SchemaErrors with all that is wrong in it.

    The depth is said outright: without it, pandera looks at no value of a LazyFrame.
    """
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        return schema.validate(frame, lazy=True)
'''


def to_pandera_module(contract: Contract) -> str:
    """Give the source of a module with `schema`, a pandera.polars.DataFrameSchema, and `validate`.

    Every rule of the contract about single rows and keys is a check named by its id. Whatever the contract holds
    stands in the source as a Python literal or in a comment of one line, so that it is never run.
    """
    unsaid = Unsaid()
    checks: dict[str, list[str]] = {column.name: [] for column in contract.columns}
    required = {column.name for column in contract.columns if column.required}
    for rule in sayable(contract, unsaid):
        try:
            # A rule over several columns hangs on the first that it reads: on the frame, pandera would build a
            # dictionary of each failing row.
            first = rule.column or next(iter(rule.inputs), contract.columns[0].name)
            if rule.key:
                checks[first].append(_check(rule.id, of_key(rule.key)))
                continue
            if rule.reference is not None:
                raise Unsayable("a schema sees no other table")
            for promise in parts(rule.promise):
                if rule.column is not None and isinstance(promise, Present | NoneOf):
                    required.add(rule.column)
                expression = of_promise(promise, rule.column, contract.schema)
                if expression is not None:
                    checks[first].append(_check(rule.id, expression))
        except Unsayable as reason:
            unsaid.note(rule, str(reason))
    head = [one_line(f"# {contract.name} {contract.version}: written from its contract, not to be edited")]
    if unsaid.lines:
        head += ["# Not said here, but in the contract:", *(f"#   {line}" for line in unsaid.lines)]
    columns = [
        _column(column, checks[column.name], nullable=column.name not in required) for column in contract.columns
    ]
    schema = "\n".join(
        [
            "schema = pa.DataFrameSchema(",
            "    {",
            *columns,
            "    },",
            "    strict=True,",
            "    ordered=True,",
            f"    name={contract.name!r},",
            ")",
        ]
    )
    return "\n".join([*head, "", _IMPORTS, _FUNCTIONS, "", schema, ""])


def _check(rule_id: str, expression: str) -> str:
    return f"keeps({rule_id!r}, {expression})"


def _column(column: Column, checks: list[str], *, nullable: bool) -> str:
    made = f"        {column.name!r}: pa.Column({of_type(column.dtype)}, nullable={nullable}"
    if not checks:
        return f"{made}),"
    listed = "".join(f"\n                {check}," for check in checks)
    return f"{made}, checks=[{listed}\n            ]),"
