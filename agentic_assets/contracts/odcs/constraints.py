"""Compile what a property says about its values: type, null, range, length, pattern, format, uniqueness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import polars as pl

from agentic_assets.contracts.contract import Column
from agentic_assets.contracts.odcs import collections
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.patterns import FORMATS, full_match, time_zones
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.types import readable
from agentic_assets.contracts.promise import Finite, Format, Length, Matches, MultipleOf, OneOf, Present, Range, Typed
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE, Rule

__all__ = ["of_column", "present", "value_of"]

_Closed = Literal["both", "left", "right", "none"]
_TYPE_TEXTS: Final = {"timestamp": "timestamp with a time zone", "date": "date (yyyy-mm-dd)"}


def of_column(column: Column, item: Mapping[str, Any], place: Place, reading: Reading) -> list[Rule]:
    """Compile the constraints of one property, in the order in which a row's first broken rule is named."""
    name, dtype = column.name, column.dtype
    options = item.get("logicalTypeOptions") or {}
    at = (*place, "logicalTypeOptions")
    rules = [] if column.loose else [_type(column)]
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
    if column.loose:
        if options:
            reading.not_enforced(f"`{name}`: {', '.join(options)[:200]} (its values are not looked into)", at)
    elif dtype.is_nested():
        rules += collections.of_options(column, options, at, reading)
    else:
        rules += _range(column, options, at, reading)
        rules += _multiple(name, dtype, options, at, reading)
        rules += _text(column, options, at, reading)
    rules += _enumeration(name, dtype, item, place, reading)
    if item.get("unique") and dtype.is_nested():
        reading.not_enforced(f"`{name}`: unique (nested values are not compared)", (*place, "unique"))
    elif item.get("unique"):
        rules.append(Rule(f"unique({name})", name, "unique", key=(name,), inputs=(name,)))
    return rules


def _type(column: Column) -> Rule:
    kind = "time (hh:mm:ss)" if column.logical_type == "time" else readable(column.dtype)
    text = f"type {_TYPE_TEXTS.get(kind, kind)}"
    kept = ~pl.col(UNREADABLE + column.name)
    return Rule(f"type({column.name})", column.name, text, expression=kept, inputs=(column.name,), promise=Typed())


def present(name: str, dtype: pl.DataType) -> pl.Expr:
    """Say which rows have a value; a value that could not be read is there, and breaks its own rule."""
    there = pl.col(name).is_not_null() | pl.col(UNREADABLE + name)
    return there | pl.col(NOT_A_NUMBER + name) if dtype.is_float() else there


def value_of(value: Any, dtype: pl.DataType, zone: str | None = None) -> Any:
    """Read a value of the contract as one of a column's type; raise ValueError when it is none."""
    if dtype == pl.String and isinstance(value, str):
        return value
    if dtype == pl.Boolean and isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if dtype.is_float():
            return float(value)
        if dtype.is_integer() and float(value).is_integer() and -(2**63) <= value < 2**63:
            return int(value)
        if isinstance(dtype, pl.Decimal):
            return Decimal(str(value))
    if isinstance(value, str) and dtype == pl.Date:
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and isinstance(dtype, pl.Datetime):
        moment = dt.datetime.fromisoformat(value)
        if dtype.time_zone is None:
            if moment.tzinfo is not None:
                raise ValueError(f"{value!r:.60} has a time zone, the column has none")
            return moment
        # ODCS: a moment without a zone is in UTC unless the column names another.
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))).astimezone(dt.UTC)
    raise ValueError(f"{value!r:.60} is no {readable(dtype)}")


def _bound(key: str, column: Column, options: Mapping[str, Any], at: Place, reading: Reading) -> Any:
    dtype, value = column.dtype, options.get(key)
    if value is None:
        return None
    try:
        if dtype.is_integer() and isinstance(value, float):
            return value
        if column.logical_type == "time":
            return _time(str(value))
        try:
            return value_of(value, dtype, column.text_zone)
        except ValueError:
            if not (column.text_format and isinstance(value, str)):
                raise
            read = dt.datetime.strptime(value, column.text_format.replace("%-", "%"))  # noqa: DTZ007
            return value_of(read.isoformat() if isinstance(dtype, pl.Datetime) else read.date().isoformat(), dtype)
    except ValueError as error:
        kind = "time (hh:mm:ss)" if column.logical_type == "time" else readable(dtype)
        reading.problem((*at, key), f"{key}: {error}", f"write a bound of type {kind}", "bound-unreadable")
        return None


def _time(text: str) -> str:
    """Write a time of day as such columns hold it."""
    value = dt.time.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError(f"{text!r:.60} has a time zone, times of day have none")
    return value.isoformat().rstrip("0") if value.microsecond else value.isoformat()


def _range(column: Column, options: Mapping[str, Any], at: Place, reading: Reading) -> list[Rule]:
    name = column.name
    low, above = (_bound(key, column, options, at, reading) for key in ("minimum", "exclusiveMinimum"))
    high, below = (_bound(key, column, options, at, reading) for key in ("maximum", "exclusiveMaximum"))
    open_left = above is not None and (low is None or above >= low)
    open_right = below is not None and (high is None or below <= high)
    first, last = (above if open_left else low), (below if open_right else high)
    if first is None and last is None:
        return []
    if first is not None and last is not None and (first > last or (first == last and (open_left or open_right))):
        key = "exclusiveMinimum" if open_left else "minimum"
        reading.problem(
            (*at, key),
            f"`{name}` has the minimum {first} above the maximum {last}: no value fits",
            "swap them",
            "range-empty",
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
    if isinstance(value, str):
        return value
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
    if dtype != pl.String or column.logical_type == "time":
        return []
    rules: list[Rule] = []
    shortest, longest = options.get("minLength"), options.get("maxLength")
    if shortest is not None and longest is not None and shortest > longest:
        what = f"`{name}` has minLength {shortest} above maxLength {longest}"
        reading.problem((*at, "minLength"), what, "swap them", "length-empty")
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
        rules += _format(name, str(wanted), (*at, "format"), reading)
    return rules


def _pattern(name: str, pattern: str, at: Place, reading: Reading) -> list[Rule]:
    try:
        compiled = full_match(pattern)
    except ValueError as error:
        # Look-around and back references are valid in ECMA-262; what is no pattern anywhere is refused.
        beyond = "look-around" in str(error) or "backreferences" in str(error)
        note = reading.mistake if beyond else reading.problem
        what = f"`{name}` has a pattern that cannot be run: {error!s:.160}"
        hint = "write a regular expression without look-around and back references"
        note((*at, "pattern"), what, hint, "pattern-beyond" if beyond else "pattern-invalid")
        return []
    kept = pl.col(name).str.contains(compiled)
    text, promise = f"pattern {pattern}", Matches(pattern)
    return [Rule(f"pattern({name})", name, text, expression=kept, inputs=(name,), promise=promise)]


def _format(name: str, wanted: str, at: Place, reading: Reading) -> list[Rule]:
    if wanted == "timezone":
        zones = pl.Series(time_zones())
        kept, text = pl.col(name).is_in(zones.implode()), "a known IANA time zone"
    elif wanted in FORMATS:
        kept, text = pl.col(name).str.contains(full_match(FORMATS[wanted])), f"format {wanted}"
    else:
        if wanted != "password":  # says how to show it, and promises nothing
            reading.not_enforced(f"`{name}`: format {wanted!s:.60}", at)
        return []
    return [Rule(f"format({name})", name, text, expression=kept, inputs=(name,), promise=Format(wanted))]


def _enumeration(name: str, dtype: pl.DataType, item: Mapping[str, Any], place: Place, reading: Reading) -> list[Rule]:
    if not item.get("enum"):
        return []
    values = []
    for index, entry in enumerate(item["enum"]):
        if entry["value"] is None:
            continue  # whether null is allowed is said by `required`
        try:
            values.append(value_of(entry["value"], dtype))
        except ValueError as error:
            hint = "list values of the column's type"
            reading.problem((*place, "enum", index), f"`{name}`: the value {error}", hint, "enum-value")
    return [one_of(f"enum({name})", name, dtype, values)]


def one_of(rule_id: str, name: str, dtype: pl.DataType, values: list[Any]) -> Rule:
    """Make the rule that a column holds one of the listed values."""
    shown = ", ".join(str(value) for value in values)
    text = f"in_set({shown})" if len(shown) <= 80 else f"in_set of {len(values)} values"
    kept = pl.col(name).is_in(pl.Series(values, dtype=dtype).implode())
    return Rule(rule_id, name, text, expression=kept, inputs=(name,), promise=OneOf(tuple(values)))
