"""The picture of a day for its page: the verdict, and its statistics beside the days that their thresholds rest on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import groupby, pairwise
from textwrap import wrap
from typing import Final

__all__ = ["Line", "Picture", "markdown", "svg"]

# It is shown as an image, on light pages and on dark ones: it brings its own ground, and all colours contrast with it.
_GROUND, _EDGE, _INK, _QUIET, _GRID = "#ffffff", "#d5dae0", "#1f2933", "#57626e", "#e6eaee"
_VALUE, _LIMIT, _OVER = "#1f6f9f", "#a85b00", "#b3174f"
_VERDICTS: Final = {"steady": "#2d6a3e", "drift": "#a85b00", "incident": "#b3174f"}
_FONTS: Final = "system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_WIDTH, _PAD = 790, 24
_LEFT, _RIGHT = 230, 620
"""Where the days begin and end; names stand before them, figures behind."""
_ROW, _TALL = 52, 38
_WRAPPED, _LINES = 108, 3
_LONGEST = 27


@dataclass(frozen=True)
class Line:
    """A statistic of consecutive days, None where it is unknown, and the threshold of the last of them."""

    group: str
    name: str
    about: str
    values: Sequence[float | None]
    threshold: float | None

    @property
    def over(self) -> bool:
        """Whether the last day lies above its threshold."""
        last = self.values[-1]
        return last is not None and self.threshold is not None and last > self.threshold


@dataclass(frozen=True)
class Picture:
    """What is to be drawn of one day; every line ends with it, and all are as long."""

    day: date
    verdict: str
    reason: str
    lines: Sequence[Line]


def svg(picture: Picture) -> str:
    """Draw it: each statistic with its days, the last one a dot, and the threshold of the last day dashed."""
    words = wrap(picture.reason.replace("`", ""), _WRAPPED, max_lines=_LINES, placeholder=" …")
    drawn = [*_head(picture, words)]
    top = 80.0 + 18 * len(words)
    for group, lines in groupby(picture.lines, key=lambda line: line.group):
        drawn.append(_text(_PAD, top, group, size=12, colour=_QUIET, weight=600))
        top += 14
        for line in lines:
            drawn += [*_months(picture.day, len(line.values), top), *_row(line, top)]
            top += _ROW
        top += 20
    drawn += _axis(picture, top - 12) if picture.lines else ()
    height = top + (26 if picture.lines else -20)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_number(height)}" width="{_WIDTH}" '
        f'height="{_number(height)}" role="img" aria-labelledby="title desc" font-family="{_FONTS}">'
        f'<title id="title">{escape(_titled(picture))}</title><desc id="desc">{escape(_described(picture))}</desc>'
        f'<rect x=".5" y=".5" width="{_WIDTH - 1}" height="{_number(height - 1)}" rx="10" fill="{_GROUND}" '
        f'stroke="{_EDGE}"/>{"".join(drawn)}</svg>'
    )


def markdown(picture: Picture) -> str:
    """Give the picture as a Markdown image that carries itself."""
    drawn = b64encode(svg(picture).encode()).decode()
    return f"![{_titled(picture)}](data:image/svg+xml;base64,{drawn})"


def _titled(picture: Picture) -> str:
    said = {"drift": "has drifted", "incident": "is an incident of the data"}.get(picture.verdict, picture.verdict)
    return f"{picture.day} {said}" if said != picture.verdict else f"{picture.day} is {said}"


def _described(picture: Picture) -> str:
    told = [f"{line.name} ({line.about}) {_figure(line.values[-1])}, {_limit(line)}" for line in picture.lines]
    return "; ".join([picture.reason, *told])


def _head(picture: Picture, words: Sequence[str]) -> Iterator[str]:
    colour = _VERDICTS.get(picture.verdict, _QUIET)
    said = picture.verdict.upper()
    wide = 22 + 8.4 * len(said)
    yield f'<rect x="{_PAD}" y="20" width="{_number(wide)}" height="24" rx="12" fill="{colour}"/>'
    yield _text(_PAD + wide / 2, 36.5, said, size=12, colour=_GROUND, weight=700, anchor="middle")
    yield _text(_PAD + wide + 12, 38, picture.day.isoformat(), size=18, weight=700)
    for place, part in enumerate(words):
        yield _text(_PAD, 66 + 18 * place, part, size=13)


def _row(line: Line, top: float) -> Iterator[str]:
    colour = _OVER if line.over else _INK
    yield _text(_PAD, top + 20, _short(line.name), size=13, weight=600)
    yield _text(_PAD, top + 36, line.about, size=11, colour=_QUIET)
    yield from _days(line, top)
    figure = _figure(line.values[-1])
    yield _text(_RIGHT + 20, top + 20, figure, size=15, colour=colour, weight=700)
    if line.over:
        yield _text(_WIDTH - _PAD, top + 20, _times(line), size=11, colour=colour, anchor="end")
    yield _text(_RIGHT + 20, top + 36, _limit(line), size=11, colour=_LIMIT if line.threshold is not None else _QUIET)


def _days(line: Line, top: float) -> Iterator[str]:
    known = [value for value in (*line.values, line.threshold) if value is not None]
    highest, lowest = max([*known, 0.0]), min([*known, 0.0])
    span = (highest - lowest) or 1.0
    bottom = top + 6 + _TALL
    step = _step(len(line.values))

    def height(value: float) -> int:
        return round(bottom - _TALL * (value - lowest) / span)

    yield f'<path d="M{_LEFT} {_number(bottom)}H{_RIGHT}" stroke="{_EDGE}"/>'
    for run in _runs(line.values):
        heights = [height(value) for _, value in run]
        # Drawn a day a unit, each step from the last one: a third as long as absolute points, kept with every day.
        path = f"M0 {heights[0]}" + "".join(f"l1 {there - here}" for here, there in pairwise(heights))
        yield (
            f'<g transform="translate({_number(_x(run[0][0], len(line.values)))} 0)scale({step:.3f} 1)">'
            f'<path d="{path}V{height(0.0)}H0Z" fill="{_VALUE}" fill-opacity=".12"/><path d="{path}" fill="none" '
            f'stroke="{_VALUE}" stroke-width="1.7" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></g>'
        )
    if line.threshold is not None:
        level = height(line.threshold)
        yield f'<path d="M{_LEFT} {level}H{_RIGHT}" stroke="{_LIMIT}" stroke-width="1.3" stroke-dasharray="5 4"/>'
    last_value = line.values[-1]
    if last_value is not None:
        colour = _OVER if line.over else _VALUE
        yield (
            f'<circle cx="{_RIGHT}" cy="{height(last_value)}" r="4.5" fill="{colour}" stroke="{_GROUND}" '
            'stroke-width="1.5"/>'
        )


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Cut days into stretches without a gap: no line is drawn over days of which nothing is known."""
    runs: list[list[tuple[int, float]]] = []
    for at, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1][0] == at - 1:
            runs[-1].append((at, value))
        else:
            runs.append([(at, value)])
    return runs


def _months(last: date, days: int, top: float) -> Iterator[str]:
    for at, _ in _firsts(last, days):
        x = _number(_x(at, days))
        yield f'<path d="M{x} {_number(top + 4)}V{_number(top + 6 + _TALL)}" stroke="{_GRID}"/>'


def _axis(picture: Picture, y: float) -> Iterator[str]:
    days = max(len(line.values) for line in picture.lines)
    yield _text(_RIGHT, y, f"{picture.day.day} {_MONTHS[picture.day.month - 1]}", size=11, colour=_QUIET, anchor="end")
    for at, name in _firsts(picture.day, days):
        if _x(at, days) < _RIGHT - 72:
            yield _text(_x(at, days), y, f"1 {name}", size=11, colour=_QUIET, anchor="middle" if at else "start")
    dashes = f'<path d="M{_LEFT} {_number(y + 18)}h20" stroke="{_LIMIT}" stroke-width="1.3" stroke-dasharray="5 4"/>'
    yield dashes
    yield _text(_LEFT + 28, y + 22, "what its own days before make usual", size=11, colour=_QUIET)


def _firsts(last: date, days: int) -> Iterator[tuple[int, str]]:
    for at in range(days):
        day = last - timedelta(days=days - 1 - at)
        if day.day == 1:
            yield at, _MONTHS[day.month - 1]


def _x(at: int, days: int) -> float:
    # The last day stands at the end, wherever the first is.
    return _RIGHT - (days - 1 - at) * _step(days)


def _step(days: int) -> float:
    return (_RIGHT - _LEFT) / max(1, days - 1)


def _limit(line: Line) -> str:
    if line.threshold is None:
        return "no threshold yet"
    return f"usual up to {_figure(line.threshold)}"


def _times(line: Line) -> str:
    last = line.values[-1]
    if last is None or not line.threshold:
        return ""
    times = last / line.threshold
    return f"{times:,.0f} times" if times >= 10 else f"{times:.1f} times"


def _figure(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _text(
    x: float, y: float, said: str, *, size: int, colour: str = _INK, weight: int = 400, anchor: str = "start"
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    aligned = f' text-anchor="{anchor}"' if anchor != "start" else ""
    place = f'x="{_number(x)}" y="{_number(y)}"'
    return f'<text {place} font-size="{size}" fill="{colour}"{bold}{aligned}>{escape(said)}</text>'


def _number(value: float) -> str:
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written
