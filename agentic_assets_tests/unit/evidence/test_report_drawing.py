"""The drawings: scales that hold their values, labels that do not lie on each other, marks where they belong."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.evidence.report.drawing import (
    Band,
    Estimate,
    Layer,
    Mark,
    Measure,
    Panel,
    Spot,
    Track,
    calibration,
    curve,
    daily,
    estimates,
    monthly,
    tracks,
)
from agentic_assets.evidence.report.drawing.axes import Box, Days, missing, round_scale
from agentic_assets.evidence.report.drawing.svg import number, polyline, tag

_FIRST = date(2013, 1, 1)
_SVG = "{http://www.w3.org/2000/svg}"


def _days(values: list[float]) -> dict[date, float]:
    return {_FIRST + timedelta(days=place): value for place, value in enumerate(values)}


@settings(derandomize=True, max_examples=200)
@given(st.integers(-(10**11), 10**11), st.integers(0, 10**11))
def test_a_scale_holds_its_range_between_round_ends(low_cents: int, span_cents: int) -> None:
    low, high = low_cents / 100, (low_cents + span_cents) / 100
    scale = round_scale(low, high, 300, 10)
    assert scale.low <= low + 1e-6 * abs(low)
    assert scale.high >= high - 1e-6 * abs(high)
    assert 2 <= len(scale.ticks) <= 14
    assert all(10 - 1e-6 <= scale(tick) <= 300 + 1e-6 for tick in scale.ticks)


def test_counts_get_no_ticks_between_whole_numbers() -> None:
    assert round_scale(0, 1, 100, 0, about=4, least=1).ticks == (0, 1)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40), min_size=1, max_size=3), st.booleans())
def test_the_labels_at_the_ends_of_lines_never_lie_on_each_other(cents: list[list[int]], compact: bool) -> None:
    lines = [Track(f"line {place}", "l", "agent", _days([c / 100 for c in own])) for place, own in enumerate(cents)]
    drawn = ElementTree.fromstring(tracks(lines, first=_FIRST, days=40, label="test", compact=compact))
    heights = sorted(float(text.get("y", "")) for text in drawn.iter(f"{_SVG}text") if "end " in text.get("class", ""))
    assert len(heights) == len(lines)
    assert all(below - above >= 27 for above, below in pairwise(heights))


@pytest.mark.parametrize("days", [1, 2, 14, 15, 60, 92, 93, 365, 800])
def test_time_labels_of_any_range_do_not_lie_on_each_other(days: int) -> None:
    for compact in (False, True):
        lines = [Track("agent", "a", "agent", _days([1.0] * days))]
        drawn = ElementTree.fromstring(tracks(lines, first=_FIRST, days=days, label="test", compact=compact))
        months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
        places = [float(text.get("x", "")) for text in drawn.iter(f"{_SVG}text") if re.search(months, text.text or "")]
        assert places
        assert all(right - left >= 25 for left, right in pairwise(places))


@pytest.mark.parametrize("days", [3, 200])
def test_bars_stack_to_the_total_of_their_layers(days: int) -> None:
    layers = tuple(Layer(name, name, {_FIRST: many}) for name, many in (("deny", 30), ("escalate", 10)))
    drawn = daily([Panel("held", layers)], first=_FIRST, days=days, label="test")
    whole = daily([Panel("held", (Layer("deny", "deny", {_FIRST: 40}),))], first=_FIRST, days=days, label="test")
    outer = re.search(r'<(?:rect|path) [^>]*class="fill-escalate"/>', drawn)
    alone = re.search(r'<(?:rect|path) [^>]*class="fill-deny"/>', whole)
    assert outer is not None
    assert alone is not None
    assert outer.group().replace("escalate", "deny") == alone.group()


def test_days_next_to_each_other_are_hatched_as_one() -> None:
    axis = Days(_FIRST, 10, 0, 100)
    drawn = missing(axis, [_FIRST + timedelta(days=place) for place in (2, 3, 7)], Box(0, 0, 100, 50))
    assert drawn.count("<rect") == 2
    assert 'x="20" y="0" width="20"' in drawn


def test_every_drawing_is_well_formed_with_hostile_names() -> None:
    evil = "<script>\"'&"
    days = _days([1.0, 2.0])
    mark = Mark(_FIRST, _FIRST, evil, evil)
    hints = {_FIRST: evil}
    spots = (Spot(evil, "agent", 0.1, 0.2, evil), Spot(evil, "legacy", 0.12, 0.21, evil))
    for compact in (False, True):
        for drawn in (
            tracks(
                [Track(evil, evil, "agent", days)],
                first=_FIRST,
                days=2,
                label=evil,
                mark=mark,
                hints=hints,
                compact=compact,
            ),
            daily(
                [Panel(evil, (Layer(evil, "deny", {_FIRST: 3}),))],
                first=_FIRST,
                days=2,
                label=evil,
                absent=[_FIRST],
                hints=hints,
                compact=compact,
            ),
            estimates([Estimate(evil, "agent", 5, -3, 9)], label=evil, compact=compact),
            monthly(
                ["2013-01", "2013-02"],
                [Measure(evil, "agent", {"2013-02": 0.5})],
                {"2013-02": 5},
                bars_title=evil,
                empty={"2013-01": evil},
                label=evil,
                compact=compact,
            ),
            calibration([Band(5, 0.1, 0.2, 0.1, 0.3, evil)], label=evil),
            curve([(0, 0), (1, 1)], across_name=evil, rising_name=evil, label=evil, chance=0.1, spots=spots),
        ):
            root = ElementTree.fromstring(drawn)
            assert root.get("aria-label") == evil
            assert not list(root.iter(f"{_SVG}script"))


def test_points_on_one_pixel_are_drawn_once() -> None:
    assert polyline([(1, 1), (1.01, 1.02), (2, 2)], "track") == '<path d="M1 1L2 2" class="track"/>'


def test_coordinates_are_short_and_never_minus_zero() -> None:
    assert [number(value) for value in (1.0, -0.04, 2.25, 1234.56)] == ["1", "0", "2.2", "1234.6"]
    assert tag("g", class_="a&b", x=None) == '<g class="a&amp;b"/>'
