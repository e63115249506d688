"""Write SVG: elements with escaped texts and short numbers, coloured by classes of the page's style sheet."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["hint", "line", "number", "picture", "polyline", "rectangle", "tag", "words"]


def number(value: float) -> str:
    """Write a coordinate in as few characters as a screen can show."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def tag(name: str, /, *inner: str, **attributes: float | str | None) -> str:
    """Write one element; `inner` must be markup already, attributes are escaped; `stroke_width` is `stroke-width`."""
    written = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(inner)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def words(x: float, y: float, content: str, css: str = "", anchor: str | None = None) -> str:
    """Write a text at a point; `anchor` is start, middle or end."""
    return tag("text", escape(content), x=x, y=y, class_=css or None, text_anchor=anchor)


def hint(content: str) -> str:
    """Write what shows when the pointer rests on the element around it."""
    return tag("title", escape(content))


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """Write a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=css)


def rectangle(x: float, y: float, width: float, height: float, css: str, *inner: str, rx: float | None = None) -> str:
    """Write a rectangle, perhaps with a hint inside."""
    return tag("rect", *inner, x=x, y=y, width=max(0.0, width), height=max(0.0, height), class_=css, rx=rx)


def polyline(points: Iterable[tuple[float, float]], css: str) -> str:
    """Write a line through points, as one path; points that fall onto the last one are left out."""
    steps: list[str] = []
    last = ""
    for x, y in points:
        here = f"{number(x)} {number(y)}"
        if here != last:
            steps.append(here)
            last = here
    return tag("path", d=f"M{'L'.join(steps)}", class_=css) if steps else ""


def picture(width: float, height: float, label: str, *inner: str, css: str = "") -> str:
    """Wrap a drawing; `label` says in words what a reader would see."""
    return (
        f'<svg class="chart {escape(css)}" viewBox="0 0 {number(width)} {number(height)}" role="img" '
        f'aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">{"".join(inner)}</svg>'
    )
