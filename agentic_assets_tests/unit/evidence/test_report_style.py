"""How the page looks: contrast in both modes, and in a real browser no request, no error, no sideways scrolling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentic_assets.evidence import report
from agentic_assets.evidence.report import build
from agentic_assets_tests.e2e.browser import chromium, visit
from agentic_assets_tests.unit.evidence.report_material import bare, material, summary

_STYLE = (Path(report.__file__).parent / "style.css").read_text(encoding="utf-8")
_TEXTS = (
    "ink",
    "soft",
    "agent",
    "legacy",
    "nothing",
    "allow",
    "warn",
    "transform",
    "escalate",
    "deny",
    "good",
    "bad",
    "mark-ink",
)


def _colours(dark: bool) -> dict[str, str]:
    light_block, dark_block = re.findall(r":root \{(.*?)\}", _STYLE, re.DOTALL)[:2]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", dark_block if dark else light_block))


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", _TEXTS)
def test_every_colour_of_text_stands_out_from_the_page(name: str, dark: bool) -> None:
    colours = _colours(dark)
    assert _contrast(colours[name], colours["page"]) >= 4.5
    if name in ("ink", "soft"):
        assert _contrast(colours[name], colours["panel"]) >= 4.5
        assert _contrast(colours["ink"], colours["caution-back"]) >= 4.5


def test_both_modes_define_the_same_colours() -> None:
    assert _colours(dark=False).keys() == _colours(dark=True).keys()


@pytest.mark.browser
def test_a_browser_shows_the_page_without_a_request_an_error_or_sideways_scrolling(tmp_path: Path) -> None:
    with chromium() as browser:
        for name, of in {"whole": material(40), "one-day": material(1), "bare": bare()}.items():
            path = tmp_path / f"{name}.html"
            path.write_text(build(of, summary(of)), encoding="utf-8")
            for width in (360, 768, 1280):
                with visit(browser, path.as_uri(), width=width) as opened:
                    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
                    loaded = opened.page.evaluate("performance.getEntriesByType('resource').length")
                    assert loaded == 0
                    assert opened.errors == []
