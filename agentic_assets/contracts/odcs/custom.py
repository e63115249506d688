"""Compile custom checks: one function an engine; what no engine here knows is named as not enforced."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.expectations import of_great_expectations, of_statistics
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.registry import names, registered
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE, Rule
from agentic_assets.versions import of_code, of_json, of_source

__all__ = ["ENGINES", "Check", "of_custom"]


@dataclass(frozen=True)
class Check:
    """One custom check as written: what it says, the property it stands on (None: the table), where in the file."""

    item: Mapping[str, Any]
    column: str | None
    schema: Mapping[str, pl.DataType]
    place: Place

    @property
    def where(self) -> str:
        """Name the place for people."""
        return f"`{self.column}`" if self.column else "the table"

    @property
    def named(self) -> str:
        """Give the check's own name, if it has one."""
        return str(self.item.get("id") or self.item.get("name") or "")


def of_custom(check: Check, reading: Reading) -> Rule | None:
    """Compile a check by its engine, whose name may be written with any case and punctuation.

    Gives None for a check that makes no rule of the gate: it is noted as not enforced, or kept elsewhere by its engine.
    """
    written = str(check.item.get("engine", ""))
    compiled = ENGINES.get("".join(char for char in written.lower() if char.isalnum()))
    if compiled is None:
        reading.not_enforced(
            f"{check.where}: custom check for {written:.60}{f' ({check.named:.60})' if check.named else ''}",
            check.place,
            "check-not-enforced",
        )
        return None
    return compiled(check, reading)


def _of_registry(check: Check, reading: Reading) -> Rule | None:
    """Compile a check whose implementation names a registered predicate."""
    given = check.item.get("implementation")
    wanted = given if isinstance(given, dict) else {"predicate": given}
    name, arguments = str(wanted.get("predicate", "")).strip(), wanted.get("arguments") or {}
    function = registered(name)
    if function is None:
        near = difflib.get_close_matches(name, names(), n=1)
        reading.problem(
            (*check.place, "implementation"),
            f"{check.where}: no predicate is registered as {name!r:.80}",
            f"did you mean {near[0]}?" if near else "register it in the domain with @predicate, or correct the name",
        )
        return None
    try:
        expression = function(*((check.column,) if check.column else ()), **arguments)
        inputs = _inputs(expression, check.schema)
    except (TypeError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        reading.problem(
            (*check.place, "implementation"),
            f"{check.where}: the predicate {name} cannot be used: {str(error).partition(chr(10))[0][:160]}",
            "correct the arguments of the check, or the function",
        )
        return None
    # What the function says is part of what the contract says: a change of it is another version of the contract.
    reading.code.append(of_json([name, of_code(function), of_source(function)]))
    reading.functions.append(function)
    shown = f"{name}({', '.join(f'{key}={value!r:.40}' for key, value in arguments.items())})"
    rule_id = f"{name}({check.column or ','.join(inputs)})"
    return Rule(rule_id, check.column, shown[:160], scope="cross", expression=expression, inputs=inputs)


def _inputs(expression: Any, schema: Mapping[str, pl.DataType]) -> tuple[str, ...]:
    """Give the columns that an expression reads; raise ValueError when it is no condition on the rows of the table."""
    if not isinstance(expression, pl.Expr):
        raise TypeError(f"it gives {type(expression).__name__}, no polars expression")
    inputs = tuple(dict.fromkeys(expression.meta.root_names()))
    unknown = [name for name in inputs if name not in schema or name.startswith((UNREADABLE, NOT_A_NUMBER))]
    if unknown or not inputs:
        raise ValueError(f"it reads {f'`{unknown[0]:.60}`, no column of the contract' if unknown else 'no column'}")
    rows = pl.DataFrame(schema=dict(schema)).clear(2)
    made = rows.select(expression.alias("kept"))
    if made.schema["kept"] != pl.Boolean or made.height != rows.height:
        raise ValueError(f"it gives {made.schema['kept']} x {made.height} for 2 rows, not one truth value a row")
    return inputs


ENGINES: Final[dict[str, Callable[[Check, Reading], Rule | None]]] = {
    "agentic": _of_registry,
    "statistics": of_statistics,
    "greatexpectations": of_great_expectations,
}
"""The engines of custom checks, by their names in lower case without punctuation."""
