"""Bounds that leave some room: the observed ones, rounded outward to two digits of their span."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

import polars as pl

__all__ = ["bounds", "observed"]

_NARROW: Final = 20


def observed(values: pl.Series) -> tuple[Any, Any]:
    """Give the smallest and the largest value, None and None where there are none or they have no order to speak of."""
    if values.null_count() == values.len() or values.dtype.is_nested() or values.dtype in (pl.Boolean, pl.Binary):
        return None, None
    return values.min(), values.max()


def bounds(values: pl.Series, *, grows: bool) -> dict[str, Any]:
    """Propose minimum and maximum of numbers, dates and timestamps; what `grows` (keys, time) has no maximum.

    Dates start with the first year seen. A column that always holds one value gives no idea of a range.
    """
    low, high = observed(values)
    if low is None or low == high:
        return {}
    if isinstance(low, dt.datetime):
        zone = "Z" if low.tzinfo else ""
        return {"minimum": f"{low.year:04}-01-01T00:00:00{zone}"} if zone else {}
    if isinstance(low, dt.date):
        return {"minimum": f"{low.year:04}-01-01"}
    if isinstance(low, int | float) and not isinstance(low, bool):
        first, last = _outward(low, high)
        found = {"minimum": first, "maximum": None if grows else last}
        return {key: value for key, value in found.items() if value is not None}
    return {}


def _outward(low: float, high: float) -> tuple[Any, Any]:
    whole = isinstance(low, int) and isinstance(high, int)
    first, last = (Decimal(low), Decimal(high)) if whole else (Decimal(repr(low)), Decimal(repr(high)))
    span = last - first
    if whole and span < _NARROW:
        return low, high
    step = Decimal(10) ** (math.floor(span.log10()) - 1)
    if whole:
        step = max(step, Decimal(1))
    first = (first / step).to_integral_value(ROUND_FLOOR) * step
    last = (last / step).to_integral_value(ROUND_CEILING) * step
    if whole:
        return _whole(first), _whole(last)
    # Rounding is decimal and the values are binary: a bound that lost its room is no bound.
    down, up = float(first), float(last)
    return (down if down <= low and math.isfinite(down) else None), (up if up >= high and math.isfinite(up) else None)


def _whole(bound: Decimal) -> int | None:
    value = int(bound)
    return value if abs(value) < 2**62 else None
