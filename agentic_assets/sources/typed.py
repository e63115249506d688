"""Bring values that a database gave into one declared type: exactly, or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from agentic_assets.errors import SourceUnreadable
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["TYPES", "typed"]

_MOMENT = pl.Datetime("us", "UTC")
TYPES: tuple[pl.DataType, ...] = (
    *(pl.String(), pl.Int16(), pl.Int32(), pl.Int64(), pl.Float64(), pl.Boolean(), pl.Date()),
    _MOMENT,
)
"""The types that a column can be declared with: those of the lake."""

_HINT = "declare the column as it is now, with a new version of the contract, or cast it in a query"


def typed(
    name: str, values: Sequence[Any], dtype: pl.DataType, *, zone: str | None, where: str, before: int
) -> pl.Series:
    """Give a column; a value of another type, or too large for it, raises SourceUnreadable with its row and type.

    What is read besides the type itself: whole decimals as integers, integers and decimals as doubles, 0 and 1 as
    Boolean, ISO 8601 texts as dates and moments (SQLite has no types for these), UUIDs and decimals as text, JSON and
    arrays as canonical JSON text. A moment without a time zone is local in `zone`; infinity
    is the last moment of the year 9999, as the driver of PostgreSQL gives it. `before` counts the rows before.
    """
    natives, readers = _PERMITTED[dtype]
    kinds = set(map(type, values)) - {type(None)}
    if not kinds <= natives or dtype == _MOMENT:
        values = _converted(name, values, dtype, {**dict.fromkeys(natives, _same), **readers}, zone, where, before)
    try:
        return pl.Series(name, values, dtype, strict=True)
    except (pl.exceptions.PolarsError, OverflowError, TypeError) as error:
        raise SourceUnreadable(
            f"{where}: column {name!r} holds a value that does not go into {dtype}", hint=_HINT
        ) from error


def _converted(
    name: str,
    values: Sequence[Any],
    dtype: pl.DataType,
    readers: dict[type, Callable[[Any], Any]],
    zone: str | None,
    where: str,
    before: int,
) -> list[Any]:
    made: list[Any] = []
    for row, value in enumerate(values, before + 1):
        if value is None:
            made.append(None)
            continue
        read = readers.get(type(value))
        try:
            found = read(value) if read else None
            if isinstance(found, datetime):
                found = _in_utc(found, zone)
        except (ValueError, TypeError, OverflowError) as error:
            reason = str(error) if isinstance(error, _Unclear) else f"a {type(value).__name__} that cannot be read"
            raise SourceUnreadable(f"{where}: column {name!r} holds {reason} (row {row})", hint=_HINT) from None
        if found is None:
            raise SourceUnreadable(
                f"{where}: column {name!r} holds a value of type {type(value).__name__} where {dtype} is declared "
                f"(row {row})",
                hint=_HINT,
            )
        made.append(found)
    return made


class _Unclear(ValueError):
    pass


def _in_utc(moment: datetime, zone: str | None) -> datetime:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise _Unclear("a moment without a time zone, and no `zone` says where it is local")
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        kind = "comes twice" if first < second else "never comes"
        raise _Unclear(f"the moment {moment}, which {kind} in {zone}")
    return first


def _same(value: Any) -> Any:
    return value


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise _Unclear(f"the decimal {value}")
    return int(value)


def _double(value: int | Decimal) -> float:
    found = float(value)
    if math.isinf(found):
        raise _Unclear("a number beyond the largest double")
    return found


def _truth(value: int) -> bool:
    if value not in (0, 1):
        raise _Unclear(f"the number {value}")
    return bool(value)


def _decimal_text(value: Decimal) -> str:
    return format(value, "f")


_INTEGER: tuple[frozenset[type], dict[type, Callable[[Any], Any]]] = (frozenset({int}), {Decimal: _whole})
_PERMITTED: dict[pl.DataType, tuple[frozenset[type], dict[type, Callable[[Any], Any]]]] = {
    pl.String(): (
        frozenset({str}),
        {UUID: str, Decimal: _decimal_text, dict: canonical_json, list: canonical_json},
    ),
    pl.Int16(): _INTEGER,
    pl.Int32(): _INTEGER,
    pl.Int64(): _INTEGER,
    pl.Float64(): (frozenset({float}), {int: _double, Decimal: _double}),
    pl.Boolean(): (frozenset({bool}), {int: _truth}),
    pl.Date(): (frozenset({date}), {str: date.fromisoformat}),
    _MOMENT: (frozenset({datetime}), {str: datetime.fromisoformat}),
}
