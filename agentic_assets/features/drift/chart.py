"""A small picture for the page of a day: its statistics beside the days that their thresholds rest on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Line", "picture", "picture_markdown"]

# Colours that can be read on white and on near black.
_INK, _VALUE, _OVER, _LIMIT = "#7d8a97", "#2f86b0", "#d13b7a", "#d9822b"
_WIDTH, _MARGIN, _EACH, _BETWEEN = 640, 10, 34, 26


@dataclass(frozen=True)
class Line:
    """A statistic of consecutive days, None where it is unknown, and the threshold of the last of them."""

    name: str
    values: Sequence[float | None]
    threshold: float | None


def picture(lines: Sequence[Line]) -> str:
    """Draw each statistic as SVG: its days, the last one a dot, and the threshold of the last day dashed."""
    drawn, top = [], float(_BETWEEN - 6)
    for line in lines:
        drawn += [_words(top - 6, _said(line)), *_drawn(line, top)]
        top += _EACH + _BETWEEN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_number(top - _BETWEEN + 8)}" '
        f'width="{_WIDTH}" font-family="sans-serif" font-size="11">{"".join(drawn)}</svg>'
    )


def picture_markdown(said: str, lines: Sequence[Line]) -> str:
    """Give the picture as a Markdown image that carries itself; `said` is what it shows in words."""
    return f"![{said}](data:image/svg+xml;base64,{b64encode(picture(lines).encode()).decode()})"


def _drawn(line: Line, top: float) -> list[str]:
    known = [value for value in (*line.values, line.threshold) if value is not None]
    highest, lowest = max([*known, 0.0]), min([*known, 0.0])
    span = (highest - lowest) or 1.0
    step = (_WIDTH - 2 * _MARGIN) / max(1, len(line.values) - 1)

    def height(value: float) -> float:
        return top + _EACH * (1 - (value - lowest) / span)

    steps, pen = [], "M"
    for at, value in enumerate(line.values):
        if value is not None:
            steps.append(f"{pen}{_number(_MARGIN + at * step)} {_number(height(value))}")
        pen = "M" if value is None else "L"
    shapes = [f'<path d="M{_MARGIN} {_number(top + _EACH)}H{_WIDTH - _MARGIN}" stroke="{_INK}" stroke-opacity=".4"/>']
    if line.threshold is not None:
        level = _number(height(line.threshold))
        shapes.append(f'<path d="M{_MARGIN} {level}H{_WIDTH - _MARGIN}" stroke="{_LIMIT}" stroke-dasharray="4 3"/>')
    if steps:
        shapes.append(f'<path d="{"".join(steps)}" fill="none" stroke="{_VALUE}" stroke-width="1.6"/>')
    last = line.values[-1]
    if last is not None:
        colour = _OVER if line.threshold is not None and last > line.threshold else _VALUE
        shapes.append(f'<circle cx="{_WIDTH - _MARGIN}" cy="{_number(height(last))}" r="3.5" fill="{colour}"/>')
    return shapes


def _said(line: Line) -> str:
    last = line.values[-1]
    limit = "no threshold yet" if line.threshold is None else f"threshold {line.threshold:.3g}"
    return f"{line.name}: {'unknown' if last is None else f'{last:.3g}'}, {limit}"


def _words(y: float, said: str) -> str:
    return f'<text x="{_MARGIN}" y="{_number(y)}" fill="{_INK}">{escape(said)}</text>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
