"""Whether one rule implies another: every frame that keeps the first keeps the second. Where in doubt, it does not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.promise import (
    Each,
    Length,
    Matches,
    MultipleOf,
    NoneOf,
    OneOf,
    Present,
    Promise,
    Range,
)
from agentic_assets.contracts.rule import NOT_A_NUMBER, UNREADABLE, Rule, Tolerance

__all__ = ["essence", "implied", "implies", "null_keeps"]

_Interval = tuple[float, float, bool, bool]
"""Low, high, and whether each end is left out."""

_NEVER: Final = Tolerance("mustBe", (0.0,), percent=False)


def implied(rule: Rule, by: Iterable[Rule]) -> bool:
    """Say whether a rule can refuse nothing that has kept all of the others."""
    return rule.severity == "warning" or any(implies(other, rule) for other in by)


def implies(first: Rule, second: Rule) -> bool:
    """Say whether every frame that keeps the first of two rules keeps the second."""
    if second.severity == "warning":
        return True
    if first.severity == "warning":
        return False
    if essence(first) == essence(second):
        return True
    if first.counts_rows or second.counts_rows:
        return first.counts_rows and second.counts_rows and _narrower(_tolerance(first), _tolerance(second))
    if not _same_or_fewer_break(first, second):
        return False
    return _narrower(_up_to(_tolerance(first)), _tolerance(second)) or (
        _same_break(first, second) and _narrower(_tolerance(first), _tolerance(second))
    )


def null_keeps(rule: Rule, column: str) -> bool:
    """Say whether a frame keeps a rule in which the column is null throughout, whatever else it holds."""
    if rule.severity == "warning":
        return True
    if rule.key:
        return column in rule.key and _tolerance(rule).holds(0, 1)
    if rule.expression is None or set(rule.inputs) != {column} or rule.scope not in ("row", "table"):
        return False
    return _keeps(rule, column, [None]) and _tolerance(rule).holds(0, 1)


def essence(rule: Rule) -> tuple[object, ...]:
    """Give what a rule refuses, without its name and what is said about it."""
    about = {"id", "severity", "dimension", "description", "expression"}
    return tuple(getattr(rule, field.name) for field in fields(rule) if field.name not in about)


def _tolerance(rule: Rule) -> Tolerance:
    return rule.tolerance or _NEVER


def _same_break(first: Rule, second: Rule) -> bool:
    """Say whether the same rows break both."""
    if first.key or second.key:
        return set(first.key) == set(second.key)
    return first.promise is not None and first.promise == second.promise and first.inputs == second.inputs


def _same_or_fewer_break(first: Rule, second: Rule) -> bool:
    """Say whether every row that breaks the second rule breaks the first."""
    if first.key or second.key:
        # A key with a null in it is nobody's; what differs in some columns differs in more of them.
        return bool(first.key) and bool(second.key) and set(first.key) <= set(second.key)
    if first.promise is None or second.promise is None or first.inputs != second.inputs:
        return False
    if first.promise == second.promise:
        return True
    return first.column is not None and first.column == second.column and _kept(first, second)


def _kept(first: Rule, second: Rule) -> bool:
    assert first.promise is not None
    assert second.promise is not None
    if _covers(first.promise, second.promise):
        return True
    values = _listed(first.promise)
    if values is None or first.column is None or second.inputs != (first.column,):
        return False
    return _keeps(second, first.column, [*values, None])


def _covers(first: Promise, second: Promise) -> bool:
    if first == second:
        return True
    if isinstance(second, Each):
        return all(_covers(first, part) for part in second.parts)
    if isinstance(first, Each):
        return any(_covers(part, second) for part in first.parts)
    covers = _COVERS.get((type(first), type(second)))
    return covers is not None and covers(first, second)


def _ranges(first: Any, second: Any) -> bool:
    first, second = _closed(first), _closed(second)
    try:
        return _low(first, second) and _high(first, second)
    except TypeError:  # bounds of types that do not compare: the column has another type now
        return False


def _closed(range_: Range) -> Range:
    """Close the ends of a range of whole numbers: above 0 is at least 1."""
    low, high = range_.minimum, range_.maximum
    whole = [isinstance(end, int) and not isinstance(end, bool) for end in (low, high)]
    left, right = range_.open_left and whole[0], range_.open_right and whole[1]
    return Range(
        low + 1 if left else low,
        high - 1 if right else high,
        range_.open_left and not left,
        range_.open_right and not right,
    )


def _low(first: Range, second: Range) -> bool:
    if second.minimum is None:
        return True
    if first.minimum is None:
        return False
    return bool(first.minimum > second.minimum) or (
        first.minimum == second.minimum and (first.open_left or not second.open_left)
    )


def _high(first: Range, second: Range) -> bool:
    if second.maximum is None:
        return True
    if first.maximum is None:
        return False
    return bool(first.maximum < second.maximum) or (
        first.maximum == second.maximum and (first.open_right or not second.open_right)
    )


def _lengths(first: Any, second: Any) -> bool:
    return (first.shortest or 0) >= (second.shortest or 0) and (
        second.longest is None or (first.longest is not None and first.longest <= second.longest)
    )


def _patterns(first: Any, second: Any) -> bool:
    one, other = _run(first.pattern), _run(second.pattern)
    return one is not None and other is not None and one[0] <= other[0] and other[1] <= one[1] and one[2] <= other[2]


# What is not in this table is not known to imply anything.
_COVERS: Final[dict[tuple[type, type], Callable[[Any, Any], bool]]] = {
    (Range, Range): _ranges,
    (Length, Length): _lengths,
    (MultipleOf, MultipleOf): lambda first, second: second.step != 0 and first.step % second.step == 0,
    (OneOf, OneOf): lambda first, second: set(first.values) <= set(second.values),
    (NoneOf, NoneOf): lambda first, second: set(second.values) <= set(first.values),
    (NoneOf, Present): lambda first, second: True,
    (Present, NoneOf): lambda first, second: not second.values,
    (Matches, Matches): _patterns,
}


def _listed(promise: Promise) -> tuple[Any, ...] | None:
    """Give all values that a promise allows, besides null; None where they cannot be listed."""
    if isinstance(promise, OneOf):
        return promise.values
    if isinstance(promise, Matches):
        return _alternatives(promise.pattern)
    if isinstance(promise, Each):
        # Any part's list holds all that the whole allows; a value that another part refuses does no harm here.
        return next((values for values in map(_listed, promise.parts) if values is not None), None)
    return None


_ALTERNATIVES: Final = re.compile(r"\^?(?:\((?:\?:)?)?([\w -]+(?:\|[\w -]+)*)\)?\$?")
_RUN: Final = re.compile(
    r"\^?\[((?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_])+)\](\*|\+|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})?\$?"
)


def _alternatives(pattern: str) -> tuple[str, ...] | None:
    match = _ALTERNATIVES.fullmatch(pattern)
    if match is None or ("(" in pattern) != (")" in pattern):
        return None
    return tuple(match[1].split("|"))


def _run(pattern: str) -> tuple[frozenset[str], int, float] | None:
    """Read a pattern that is one class of characters, repeated: the characters, how often at least and at most."""
    match = _RUN.fullmatch(pattern)
    if match is None:
        return None
    characters: set[str] = set()
    for part in re.findall(r"(\w)-(\w)|(\w)", match[1], re.ASCII):
        first, last, single = part
        if single:
            characters.add(single)
        elif first <= last:
            characters.update(chr(code) for code in range(ord(first), ord(last) + 1))
        else:
            return None
    times, least, more, most = match[2], match[3], match[4], match[5]
    if times in ("*", "+"):
        return frozenset(characters), int(times == "+"), math.inf
    if times is None:
        return frozenset(characters), 1, 1
    return frozenset(characters), int(least), (int(most) if most else math.inf) if more else int(least)


def _keeps(rule: Rule, column: str, values: list[Any]) -> bool:
    assert rule.expression is not None
    try:
        frame = pl.DataFrame(
            {
                column: pl.Series(values, strict=True),
                UNREADABLE + column: [False] * len(values),
                NOT_A_NUMBER + column: [False] * len(values),
            }
        )
        return bool(frame.select(rule.expression.fill_null(value=True).all()).item())
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        return False


def _up_to(tolerance: Tolerance) -> Tolerance:
    """Allow every number below one that is allowed: what a rule allows whose rows are fewer."""
    highest = max((high for _, high, _, _ in _allowed(tolerance)), default=0.0)
    if highest == math.inf:
        return Tolerance("mustBeGreaterOrEqualTo", (0.0,), tolerance.percent)
    return Tolerance("mustBeLessOrEqualTo", (highest,), tolerance.percent)


def _narrower(first: Tolerance, second: Tolerance) -> bool:
    """Say whether every number that the first tolerance allows the second allows too."""
    if first.percent != second.percent and first != _NEVER and not _only_zero(first):
        return False
    return all(any(_within(part, other) for other in _allowed(second)) for part in _allowed(first))


def _only_zero(tolerance: Tolerance) -> bool:
    return all(high == 0 for _, high, _, _ in _allowed(tolerance))


def _within(part: _Interval, other: _Interval) -> bool:
    low, high, open_low, open_high = part
    other_low, other_high, other_open_low, other_open_high = other
    return (low > other_low or (low == other_low and (open_low or not other_open_low))) and (
        high < other_high or (high == other_high and (open_high or not other_open_high))
    )


def _allowed(tolerance: Tolerance) -> list[_Interval]:
    first, last = tolerance.figures[0], tolerance.figures[-1]
    parts: list[_Interval] = {
        "mustBe": [(first, first, False, False)],
        "mustNotBe": [(0.0, first, False, True), (first, math.inf, True, True)],
        "mustBeGreaterThan": [(first, math.inf, True, True)],
        "mustBeGreaterOrEqualTo": [(first, math.inf, False, True)],
        "mustBeLessThan": [(0.0, first, False, True)],
        "mustBeLessOrEqualTo": [(0.0, first, False, False)],
        "mustBeBetween": [(first, last, False, False)],
        "mustNotBeBetween": [(0.0, first, False, True), (last, math.inf, True, True)],
    }[tolerance.operator]
    # A number of rows is never below zero; what lies there altogether allows nothing.
    counted = [(max(low, 0.0), high, open_low and low >= 0, open_high) for low, high, open_low, open_high in parts]
    return [part for part in counted if part[0] < part[1] or (part[0] == part[1] and not (part[2] or part[3]))]
