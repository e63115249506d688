"""What people read of a verdict: a line an expectation, a small chart of its past, the page that shows the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["figure", "page_of", "said", "spark"]

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"


def spark(values: Sequence[float | None]) -> str:
    """Draw numbers as a line of small bars, oldest first, the last one after a space; a gap is a dot."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = high - low
    bars = [
        _GAP if value is None else _BARS[round((value - low) / span * (len(_BARS) - 1)) if span else 0]
        for value in values
    ]
    return f"{''.join(bars[:-1])} {bars[-1]}".strip()


def figure(value: float | None) -> str:
    """Write a number shortly; nothing for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def said(row: Mapping[str, Any]) -> str:
    """Say of one broken or errored expectation what was found and what was expected."""
    if row["detail"]:
        return f"{row['expectation']} could not be evaluated: {row['detail']}"
    low, high = figure(row["low"]), figure(row["high"])
    expected = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""
    value = figure(row["value"])
    found = f": {value}" if value else ""
    return f"{row['expectation']}{found}{f', expected {expected}' if expected else ''}"


def page_of(asset: str, partition: str) -> str:
    """Name the page of the docs on which a partition's validation stands: one a month, or one for what is not cut."""
    return f"{asset.rpartition('/')[2]}/{partition[:7] or 'all'}.html"
