"""Read expectations out of custom checks: statistics with their bounds, and Great Expectations word for word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from agentic_assets.contracts.expectation import Expectation, Fixed, Statistic, Trailing, Verbatim
from agentic_assets.contracts.odcs.constraints import value_of
from agentic_assets.contracts.odcs.document import mapping_of
from agentic_assets.contracts.odcs.known_expectations import KNOWN, UNSUPPORTED
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.severity import severity_of
from agentic_assets.errors import ContractInvalid

if TYPE_CHECKING:
    from agentic_assets.contracts.odcs.custom import Check

__all__ = ["of_great_expectations", "of_statistics"]

_OF_TABLE: Final = frozenset({"rowCount"})
_OF_NUMBERS: Final = frozenset({"mean", "deviation", "minimum", "maximum", "median"})
_OF_COLUMN: Final = frozenset({"nullShare", "distinctCount", "share", "newShare", "psi"}) | _OF_NUMBERS
_REFERRING: Final = frozenset({"newShare", "psi"})
_SHARED: Final = frozenset({"statistic", "values", "bins", "window", "history"})
_TRAILING: Final = frozenset({"every", "deviations", "slack", "slackPercent", "side"})
_FIXED: Final = frozenset({"atLeast", "atMost"})
_RULE: Final = "quality-expectation"


def of_statistics(check: Check, reading: Reading) -> None:
    """Note the expectation that a check of the engine `statistics` declares, or what is wrong with it."""
    try:
        asked = _mapping(check)
        asks = _statistic(asked, check.column, check.schema)
    except ValueError as error:
        what, hint = error.args if len(error.args) == 2 else (error.args[0], "correct the implementation of the check")
        reading.problem((*check.place, "implementation"), f"{check.where}: {what}", hint)
        return
    _note(check, asks, f"{asks.name}({check.column})" if check.column else asks.name, reading)


def of_great_expectations(check: Check, reading: Reading) -> None:
    """Note an expectation of Great Expectations; one that cannot run on rows at hand is named as not enforced."""
    at = (*check.place, "implementation")
    try:
        asked = _mapping(check)
    except ValueError as error:
        reading.mistake(at, f"{check.where}: {error.args[0]}", "give type and kwargs", _RULE)
        return
    kind = _snake(str(asked.get("type") or asked.get("expectation_type") or asked.get("expectationType") or ""))
    if kind not in KNOWN:
        near = difflib.get_close_matches(kind, KNOWN, n=1)
        why = "needs a database" if kind in UNSUPPORTED else "is not known here"
        reading.not_enforced(
            f"{check.where}: the expectation {kind or 'without a type'!r:.80} {why}"
            + (f"; did you mean {near[0]}?" if near and kind not in UNSUPPORTED else ""),
            at,
        )
        return
    given = asked.get("kwargs") or {}
    if not isinstance(given, dict):
        reading.mistake(at, f"{check.where}: kwargs is no mapping", "write `name: value`", _RULE)
        return
    # The standard's own examples write minValue where Great Expectations has min_value.
    arguments = {_snake(str(name)): value for name, value in given.items()}
    if check.column and "column" not in arguments and kind.startswith("expect_column_") and not _several(kind):
        arguments["column"] = check.column
    unknown = [name for name in columns_of(arguments) if name not in check.schema]
    if unknown:
        what = f"{check.where}: {kind} reads `{unknown[0]:.60}`, no column of the contract"
        reading.mistake(at, what, "name a column of the table", _RULE)
        return
    shown = f"{kind}({check.column})" if check.column else kind
    _note(check, Verbatim(kind, MappingProxyType(arguments)), shown, reading)


def columns_of(arguments: Mapping[str, Any]) -> list[str]:
    """Name the columns that the arguments of an expectation name."""
    single = [arguments[name] for name in ("column", "column_A", "column_B") if name in arguments]
    return [str(name) for name in [*single, *(arguments.get("column_list") or ())]]


def _note(check: Check, asks: Statistic | Verbatim, shown: str, reading: Reading) -> None:
    name = str(check.item.get("id") or shown)
    taken = {other.id for other in reading.expectations}
    if name in taken:
        if check.item.get("id"):
            reading.problem(check.place, f"two expectations are named {name!r:.80}", "give each its own id")
            return
        name = next(f"{name}#{number}" for number in range(2, len(taken) + 3) if f"{name}#{number}" not in taken)
    reading.expectations.append(
        Expectation(
            id=name,
            column=check.column,
            asks=asks,
            severity=severity_of(check.item),
            dimension=check.item.get("dimension"),
            description=str(check.item.get("description") or check.item.get("name") or "").strip() or None,
        )
    )


def _mapping(check: Check) -> Mapping[str, Any]:
    given = check.item.get("implementation")
    if isinstance(given, str):
        try:
            return mapping_of(given, "implementation")
        except ContractInvalid as error:
            raise ValueError(str(error.what)) from None
    if not isinstance(given, dict):
        raise ValueError("the implementation is no mapping")
    return given


def _statistic(asked: Mapping[str, Any], column: str | None, schema: Mapping[str, pl.DataType]) -> Statistic:
    name = asked.get("statistic")
    known = _OF_TABLE if column is None else _OF_COLUMN
    if name not in known:
        near = difflib.get_close_matches(str(name), _OF_TABLE | _OF_COLUMN, n=1)
        place = "the table" if column is None else "a column"
        hint = f"choose one of {', '.join(sorted(known))}" + (f"; did you mean {near[0]}?" if near else "")
        raise ValueError(f"there is no statistic {name!r:.60} of {place}", hint)
    if name in _OF_NUMBERS and column is not None and not (schema[column].is_numeric() or schema[column] == pl.Boolean):
        raise ValueError(f"{name} needs numbers, the column has {schema[column]}", "declare it of a number")
    if unknown := sorted(set(asked) - _SHARED - _TRAILING - _FIXED):
        raise ValueError(f"unknown setting {unknown[0]!r:.60}", f"known: {', '.join(sorted(_TRAILING | _FIXED))}")
    values = asked.get("values", [])
    if (name == "share") != bool(values) or not isinstance(values, list):
        raise ValueError("`values` lists what `share` counts, and belongs to nothing else", "write values: [A, B]")
    if column is not None:
        values = [value_of(value, schema[column]) for value in values]
    window = _whole(asked, "window", 28, least=1, most=400)
    bins = _whole(asked, "bins", 10, least=2, most=100)
    return Statistic(
        name=str(name),
        bounds=_bounds(asked, window),
        values=tuple(values),
        reference=window if name in _REFERRING else 0,
        bins=bins,
    )


def _bounds(asked: Mapping[str, Any], window: int) -> Fixed | Trailing:
    fixed = {name: _number(asked, name) for name in _FIXED if name in asked}
    if fixed:
        if mixed := sorted(_TRAILING & set(asked)):
            raise ValueError(f"`{mixed[0]}` is for bounds from history, atLeast and atMost are fixed", "use one kind")
        low, high = fixed.get("atLeast"), fixed.get("atMost")
        if low is not None and high is not None and low > high:
            raise ValueError(f"atLeast {low:g} is above atMost {high:g}", "swap them")
        return Fixed(low, high)
    every = _whole(asked, "every", 1, least=1, most=window)
    most = window // every
    side = asked.get("side", "both")
    if side not in ("both", "low", "high"):
        raise ValueError(f"side is {side!r:.40}", "choose both, low or high")
    return Trailing(
        window=window,
        every=every,
        history=_whole(asked, "history", max(1, min(14, most * 3 // 4)), least=1, most=most),
        deviations=_number(asked, "deviations", 5.0),
        slack=_number(asked, "slack", 0.0),
        slack_share=_number(asked, "slackPercent", 0.0) / 100,
        side=side,
    )


def _whole(asked: Mapping[str, Any], name: str, default: int, *, least: int, most: int) -> int:
    value = asked.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} is {value!r:.40}", f"give a whole number from {least} to {most}")
    return value


def _number(asked: Mapping[str, Any], name: str, default: float = 0.0) -> float:
    value = asked.get(name, default)
    fixed = name in _FIXED
    if not isinstance(value, int | float) or isinstance(value, bool) or (value < 0 and not fixed):
        raise ValueError(f"{name} is {value!r:.40}", "give a number" + ("" if fixed else " of 0 or more"))
    return float(value)


def _several(kind: str) -> bool:
    return kind.startswith("expect_column_pair_")


def _snake(name: str) -> str:
    # column_A and column_B are the only names of Great Expectations with capitals.
    return name if name in ("column_A", "column_B") else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
