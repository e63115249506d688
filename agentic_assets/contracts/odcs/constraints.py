"""Compile what a property says about its values: type, null, range, length, pattern, format, uniqueness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl

from agentic_assets.contracts.contract import Column
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.patterns import FORMATS, full_match, time_zones
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.types import readable
from agentic_assets.contracts.promise import Finite, Format, Length, Matches, MultipleOf, OneOf, Present, Range, Typed
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE, Rule

__all__ = ["of_column", "present", "value_of"]

_Closed = Literal["both", "left", "right", "none"]
_TYPE_TEXTS: Final = {"timestamp": "timestamp with a time zone", "date": "date (yyyy-mm-dd)"}
_UNCHECKED_FORMATS: Final = frozenset({"password", "byte", "binary"})


def of_column(column: Column, item: Mapping[str, Any], place: Place, reading: Reading) -> list[Rule]:
    """Compile the constraints of one property, in the order in which a row's first broken rule is named."""
    name, dtype = column.name, column.dtype
    options = item.get("logicalTypeOptions") or {}
    at = (*place, "logicalTypeOptions")
    rules = [
        Rule(
            f"type({name})",
            name,
            f"type {_TYPE_TEXTS.get(readable(dtype), readable(dtype))}",
            expression=~pl.col(UNREADABLE + name),
            inputs=(name,),
            promise=Typed(),
        )
    ]
    if dtype.is_float():
        rules.append(
            Rule(
                f"nan({name})",
                name,
                "finite (not NaN)",
                expression=~pl.col(NOT_A_NUMBER + name),
                inputs=(name,),
                promise=Finite(),
            )
        )
    if item.get("required") or item.get("primaryKey"):
        there = present(name, dtype)
        rules.append(Rule(f"required({name})", name, "required", expression=there, inputs=(name,), promise=Present()))
    rules += _range(name, dtype, options, at, reading)
    rules += _multiple(name, dtype, options, at, reading)
    rules += _text(column, options, at, reading)
    rules += _enumeration(name, dtype, item, place, reading)
    if item.get("unique"):
        rules.append(Rule(f"unique({name})", name, "unique", key=(name,), inputs=(name,)))
    return rules


def present(name: str, dtype: pl.DataType) -> pl.Expr:
    """Say which rows have a value; a value that could not be read is there, and breaks its own rule."""
    there = pl.col(name).is_not_null() | pl.col(UNREADABLE + name)
    return there | pl.col(NOT_A_NUMBER + name) if dtype.is_float() else there


def value_of(value: Any, dtype: pl.DataType) -> Any:
    """Read a value of the contract as one of a column's type; raise ValueError when it is none."""
    if dtype == pl.String and isinstance(value, str):
        return value
    if dtype == pl.Boolean and isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if dtype.is_float():
            return float(value)
        if dtype.is_integer() and float(value).is_integer() and abs(value) < 2**63:
            return int(value)
    if isinstance(value, str) and dtype == pl.Date:
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and isinstance(dtype, pl.Datetime):
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return moment.astimezone(dt.UTC)
    raise ValueError(f"{value!r:.60} is no {readable(dtype)}")


def _bound(key: str, dtype: pl.DataType, options: Mapping[str, Any], at: Place, reading: Reading) -> Any:
    if options.get(key) is None:
        return None
    try:
        if dtype.is_integer() and isinstance(options[key], float):
            return float(options[key])
        return value_of(options[key], dtype)
    except ValueError as error:
        reading.problem((*at, key), f"{key}: {error}", f"write a bound of type {readable(dtype)}")
        return None


def _range(name: str, dtype: pl.DataType, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    low, above = (_bound(key, dtype, options, at, reading) for key in ("minimum", "exclusiveMinimum"))
    high, below = (_bound(key, dtype, options, at, reading) for key in ("maximum", "exclusiveMaximum"))
    open_left = above is not None and (low is None or above >= low)
    open_right = below is not None and (high is None or below <= high)
    first, last = (above if open_left else low), (below if open_right else high)
    if first is None and last is None:
        return []
    if first is not None and last is not None and (first > last or (first == last and (open_left or open_right))):
        key = "exclusiveMinimum" if open_left else "minimum"
        reading.problem(
            (*at, key), f"`{name}` has the minimum {first} above the maximum {last}: no value fits", "swap them"
        )
        return []
    value = pl.col(name)
    if first is None:
        kept = value < last if open_right else value <= last
        text = f"below {_shown(last)}" if open_right else f"at most {_shown(last)}"
    elif last is None:
        kept = value > first if open_left else value >= first
        text = f"above {_shown(first)}" if open_left else f"at least {_shown(first)}"
    else:
        closed: _Closed = {(False, False): "both", (True, False): "right", (False, True): "left"}.get(  # type: ignore[assignment]
            (open_left, open_right), "none"
        )
        kept = value.is_between(pl.lit(first), pl.lit(last), closed=closed)
        ends = ("" if not open_left else ", above the first") + ("" if not open_right else ", below the last")
        text = f"in_range({_shown(first)}, {_shown(last)}{ends})"
    promise = Range(first, last, open_left, open_right)
    return [Rule(f"range({name})", name, text, expression=kept, inputs=(name,), promise=promise)]


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else f"{value:.15g}"


def _multiple(name: str, dtype: pl.DataType, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    step = options.get("multipleOf")
    if step is None:
        return []
    if not dtype.is_integer() or not float(step).is_integer():
        reading.not_enforced(f"`{name}`: multipleOf {step} (only whole steps of integers are checked)")
        return []
    kept = pl.col(name) % int(step) == 0
    text, promise = f"a multiple of {int(step)}", MultipleOf(int(step))
    return [Rule(f"multipleOf({name})", name, text, expression=kept, inputs=(name,), promise=promise)]


def _text(column: Column, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    name, dtype = column.name, column.dtype
    if dtype != pl.String:
        wanted = options.get("format")
        if dtype in (pl.Date(), pl.Datetime("us", "UTC")) and wanted is not None:
            reading.not_enforced(f"`{name}`: format {wanted} (text is read as ISO 8601 only)")
        if options.get("timezone") is False or str(options.get("defaultTimezone", "UTC")) not in {"UTC", "Etc/UTC"}:
            reading.problem(at, f"`{name}` allows timestamps without a time zone, or not in UTC", "promise UTC instead")
        return []
    rules: list[Rule] = []
    shortest, longest = options.get("minLength"), options.get("maxLength")
    if shortest is not None and longest is not None and shortest > longest:
        reading.problem((*at, "minLength"), f"`{name}` has minLength {shortest} above maxLength {longest}", "swap them")
    elif shortest is not None or longest is not None:
        length = pl.col(name).str.len_chars()
        if shortest is not None and longest is not None:
            kept, text = length.is_between(shortest, longest), f"length {shortest} to {longest}"
        elif shortest is not None:
            kept, text = length >= shortest, f"length at least {shortest}"
        else:
            kept, text = length <= longest, f"length at most {longest}"
        promise = Length(shortest, longest)
        rules.append(Rule(f"length({name})", name, text, expression=kept, inputs=(name,), promise=promise))
    if options.get("pattern") is not None:
        rules += _pattern(name, options["pattern"], at, reading)
    wanted = column.declared.get("format", options.get("format"))
    if wanted is not None:
        rules += _format(name, str(wanted), reading)
    return rules


def _pattern(name: str, pattern: str, at: Place, reading: Reading) -> list[Rule]:
    try:
        compiled = full_match(pattern)
    except ValueError as error:
        reading.problem(
            (*at, "pattern"),
            f"`{name}` has a pattern that cannot be run: {error}",
            "write a regular expression without look-around and back references",
        )
        return []
    kept = pl.col(name).str.contains(compiled)
    text, promise = f"pattern {pattern}", Matches(pattern)
    return [Rule(f"pattern({name})", name, text, expression=kept, inputs=(name,), promise=promise)]


def _format(name: str, wanted: str, reading: Reading) -> list[Rule]:
    if wanted == "timezone":
        zones = pl.Series(time_zones())
        kept, text = pl.col(name).is_in(zones.implode()), "a known IANA time zone"
    elif wanted in FORMATS:
        kept, text = pl.col(name).str.contains(full_match(FORMATS[wanted])), f"format {wanted}"
    else:
        if wanted not in _UNCHECKED_FORMATS:
            reading.not_enforced(f"`{name}`: format {wanted}")
        return []
    return [Rule(f"format({name})", name, text, expression=kept, inputs=(name,), promise=Format(wanted))]


def _enumeration(name: str, dtype: pl.DataType, item: Mapping[str, Any], place: Place, reading: Reading) -> list[Rule]:
    if not item.get("enum"):
        return []
    values = []
    for index, entry in enumerate(item["enum"]):
        try:
            values.append(value_of(entry["value"], dtype))
        except ValueError as error:
            reading.problem((*place, "enum", index), f"`{name}`: the value {error}", "list values of the column's type")
    return [one_of(f"enum({name})", name, dtype, values)]


def one_of(rule_id: str, name: str, dtype: pl.DataType, values: list[Any]) -> Rule:
    """Make the rule that a column holds one of the listed values."""
    shown = ", ".join(str(value) for value in values)
    text = f"in_set({shown})" if len(shown) <= 80 else f"in_set of {len(values)} values"
    kept = pl.col(name).is_in(pl.Series(values, dtype=dtype).implode())
    return Rule(rule_id, name, text, expression=kept, inputs=(name,), promise=OneOf(tuple(values)))
