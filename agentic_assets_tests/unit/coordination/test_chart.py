"""The picture of who held which unit."""

from __future__ import annotations

from xml.etree import ElementTree

from agentic_assets.coordination import sweep
from agentic_assets.coordination.chart import markdown, svg
from agentic_assets_tests.unit.coordination.cases import bid, frame

_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(text: str, colour: str) -> int:
    return sum(part.get("fill") == colour for part in ElementTree.fromstring(text).iter(f"{_SVG}rect"))


def test_a_lease_is_light_until_its_commit_point_and_dark_from_then_on() -> None:
    settled = sweep(frame(bid("low", 5), bid("high", 9, 10), bid("out", 1, 20)), {"r": 1})
    text = svg(settled, 1)
    # One of each is in the legend; the preempted lease never became firm.
    assert (_drawn(text, "#9cc7dd"), _drawn(text, "#1f6f9f")) == (3, 2)
    assert "1 of 1 units taken, 3 bids, 1 preempted" in text


def test_names_are_text_whatever_they_hold() -> None:
    settled = sweep(frame(bid("one", 5, resource="<r>&\"'")), {"<r>&\"'": 1})
    words = [part.text for part in ElementTree.fromstring(svg(settled, 1)).iter(f"{_SVG}text")]
    assert "<r>&\"'" in words
    assert "<r>" not in markdown(settled, 1)


def test_a_day_without_bids_is_drawn_without_lanes() -> None:
    text = svg(sweep(frame(), {}), 8)
    assert ElementTree.fromstring(text).find(f"{_SVG}desc").text == "nobody bid"  # type: ignore[union-attr]
