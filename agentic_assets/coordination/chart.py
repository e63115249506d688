"""The picture of a day for its page: who held which unit of each pool, from when to when, and from when on firmly."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

import polars as pl

__all__ = ["markdown", "svg"]

# It is shown as an image, on light pages and on dark ones: it brings its own ground, and all colours contrast with it.
_GROUND, _EDGE, _INK, _QUIET, _GRID = "#ffffff", "#d5dae0", "#1f2933", "#57626e", "#e6eaee"
_OPEN, _FIRM, _LOST = "#9cc7dd", "#1f6f9f", "#a85b00"
_FONTS: Final = "system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"
_WIDTH, _LEFT, _RIGHT, _PAD = 790, 64, 766, 24
_LANE, _BAR = 11, 8
_MOST_POOLS = 12
"""A page that shows more is no picture any more; the table has all."""


def markdown(settled: pl.DataFrame, capacity: int) -> str:
    """Embed the picture in Markdown as an image of its own."""
    drawn = b64encode(svg(settled, capacity).encode()).decode()
    return f"![Who held which unit](data:image/svg+xml;base64,{drawn})"


def svg(settled: pl.DataFrame, capacity: int) -> str:
    """Draw a day (SETTLED): each unit a lane, light while a higher bid could take it, dark when firm."""
    held = settled.filter(pl.col("unit").is_not_null()).sort("resource", "unit", "at")
    pools = settled.get_column("resource").unique().sort().to_list()[:_MOST_POOLS]
    drawn = [
        _text(_PAD, 32, "Who held which unit", size=15, weight=600),
        *_legend(52),
    ]
    top = 80.0
    if held.height:
        first = held.get_column("at").min()
        last = held.select(pl.max_horizontal(pl.col("at").max(), pl.col("commits_at").max())).item()
        assert isinstance(first, datetime)
        begin, end = first.replace(minute=0, second=0, microsecond=0), last + timedelta(minutes=60)
        tall = 36 + _LANE * capacity
        drawn += _hours(begin, end, top, top + tall * len(pools))
        for pool in pools:
            drawn += _pool(pool, settled.filter(resource=pool), top, begin, end, capacity)
            top += tall
        top += 14
    height = top + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}" '
        f'height="{height:g}" role="img" aria-labelledby="title desc" font-family="{_FONTS}">'
        f'<title id="title">Who held which unit</title><desc id="desc">{escape(_described(settled))}</desc>'
        f'<rect x=".5" y=".5" width="{_WIDTH - 1}" height="{height - 1:g}" rx="10" fill="{_GROUND}" '
        f'stroke="{_EDGE}"/>{"".join(drawn)}</svg>'
    )


def _described(settled: pl.DataFrame) -> str:
    told = []
    for (pool,), bids in sorted(settled.group_by("resource"), key=lambda found: str(found[0])):
        told.append(f"{pool}: {int(bids.get_column('granted').sum())} of {bids.height} bids have a unit")
    return "; ".join(told[:_MOST_POOLS]) or "nobody bid"


def _pool(pool: str, bids: pl.DataFrame, top: float, begin: datetime, end: datetime, capacity: int) -> Iterator[str]:
    won, lost = int(bids.get_column("granted").sum()), int((bids.get_column("reason") == "preempted").sum())
    yield _text(_PAD, top + 8, pool, weight=600)
    told = f"{won} of {capacity} units taken, {bids.height} bids, {lost} preempted"
    yield _text(_RIGHT, top + 8, told, colour=_QUIET, anchor="end")
    for unit in range(1, capacity + 1):
        middle = top + 20 + _LANE * (unit - 1) + _LANE / 2
        yield f'<path d="M{_LEFT} {middle:g}H{_RIGHT}" stroke="{_GRID}"/>'
        yield _text(_LEFT - 8, middle + 3, str(unit), size=9, colour=_QUIET, anchor="end")
    rows = bids.filter(pl.col("unit").is_not_null()).sort("at", "bid_id").to_dicts()
    # What was lost is marked over the bar of who took it.
    for draw in (_bar, _mark):
        for row in rows:
            yield from draw(row, top + 20 + _LANE * (row["unit"] - 1) + (_LANE - _BAR) / 2, begin, end)


def _bar(row: dict[str, Any], y: float, begin: datetime, end: datetime) -> Iterator[str]:
    until = min(row["held_until"] or end, end)
    firm = min(max(row["commits_at"], row["at"]), until)
    at, turns, ends = (_x(moment, begin, end) for moment in (row["at"], firm, until))
    yield f'<rect x="{at:.1f}" y="{y:g}" width="{max(turns - at, 1):.1f}" height="{_BAR}" fill="{_OPEN}"/>'
    if until > firm:
        yield f'<rect x="{turns:.1f}" y="{y:g}" width="{ends - turns:.1f}" height="{_BAR}" fill="{_FIRM}"/>'


def _mark(row: dict[str, Any], y: float, begin: datetime, end: datetime) -> Iterator[str]:
    if row["reason"] == "preempted":
        x = _x(row["held_until"], begin, end)
        yield f'<path d="M{x:.1f} {y - 1:g}v{_BAR + 2}" stroke="{_LOST}" stroke-width="2"/>'


def _hours(begin: datetime, end: datetime, top: float, bottom: float) -> Iterator[str]:
    hours = int((end - begin) / timedelta(hours=1)) + 1
    step = max(1, -(-hours // 12))
    for hour in range(0, hours, step):
        moment = begin + timedelta(hours=hour)
        x = _x(moment, begin, end)
        yield f'<path d="M{x:.1f} {top:g}V{bottom - 8:g}" stroke="{_GRID}"/>'
        yield _text(x, bottom + 4, f"{moment:%H}:00", size=10, colour=_QUIET, anchor="middle")
    yield _text(_PAD, bottom + 4, "UTC", size=10, colour=_QUIET)


def _legend(y: float) -> Iterator[str]:
    x = float(_PAD)
    for colour, width, told in (
        (_OPEN, 14, "held, until a higher bid comes"),
        (_FIRM, 14, "firm: past its commit point"),
        (_LOST, 2, "lost to a higher bid"),
    ):
        yield f'<rect x="{x:g}" y="{y - 8:g}" width="{width}" height="9" fill="{colour}"/>'
        yield _text(x + width + 6, y, told, size=11, colour=_QUIET)
        x += width + 36 + 5.6 * len(told)


def _x(moment: datetime, begin: datetime, end: datetime) -> float:
    return _LEFT + (_RIGHT - _LEFT) * ((moment - begin) / (end - begin))


def _text(
    x: float, y: float, words: str, *, size: int = 12, colour: str = _INK, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
