"""The picture of a day: well-formed whatever it shows, in words for those who do not see it, and never a script."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import date
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.features.drift import judge
from agentic_assets.features.drift.chart import Line, Picture, markdown, svg
from agentic_assets.features.drift.picturing import picture_of
from agentic_assets_tests.unit.features.drift.watched import SETTINGS, WATCHED, days, stretch_of

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60)


def picture(*lines: Line, verdict: str = "drift", reason: str = "`rain` is 3 on average, over 2") -> Picture:
    return Picture(date(2013, 2, 8), verdict, reason, lines)


def line(values: list[float | None], threshold: float | None = 1.0, name: str = "rain") -> Line:
    return Line("Operations: daily means", name, "view sky", values, threshold)


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def written(root: ElementTree.Element) -> list[str]:
    return [str(text.text) for text in root.iter(f"{SVG}text")]


@settings(derandomize=True, max_examples=80, deadline=None)
@given(
    st.lists(st.one_of(st.none(), NUMBERS), min_size=1, max_size=61),
    st.one_of(st.none(), NUMBERS),
    WORDS,
    WORDS,
    st.sampled_from(["steady", "drift", "incident", "unjudged"]),
)
def test_any_figures_and_words_give_a_well_formed_picture(
    values: list[float | None], threshold: float | None, name: str, reason: str, verdict: str
) -> None:
    root = parsed(svg(picture(line(values, threshold, name), verdict=verdict, reason=reason)))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "rect", "text", "path", "circle", "g")
    }
    points = [float(point) for path in root.iter(f"{SVG}circle") for point in (path.get("cx", ""), path.get("cy", ""))]
    width, height = (float(size) for size in (root.get("width", ""), root.get("height", "")))
    assert all(0 <= point <= max(width, height) for point in points)


def test_title_and_description_say_what_is_seen() -> None:
    root = parsed(svg(picture(line([0.5, 3.0]), verdict="incident")))
    assert root.get("role") == "img"
    named = {element.get("id"): str(element.text) for element in root if element.get("id")}
    assert [*named] == str(root.get("aria-labelledby")).split()
    assert named["title"] == "2013-02-08 is an incident of the data"
    assert named["desc"] == "`rain` is 3 on average, over 2; rain (view sky) 3, usual up to 1"


def test_the_markdown_image_carries_the_picture_and_its_title() -> None:
    shown = picture(line([0.5, 3.0]))
    found = re.fullmatch(r"!\[(.+)\]\(data:image/svg\+xml;base64,(.+)\)", markdown(shown))
    assert found is not None
    assert found[1] == "2013-02-08 has drifted"
    assert b64decode(found[2]).decode() == svg(shown)


def test_a_value_over_its_threshold_says_how_many_times() -> None:
    assert "3.0 times" in written(parsed(svg(picture(line([0.5, 3.0])))))
    assert "457 times" in written(parsed(svg(picture(line([0.5, 457.2])))))
    assert not [text for text in written(parsed(svg(picture(line([3.0, 0.5]))))) if text.endswith(" times")]


def test_no_line_is_drawn_over_days_of_which_nothing_is_known() -> None:
    whole = list(parsed(svg(picture(line([1.0, 2.0, 3.0])))).iter(f"{SVG}g"))
    cut = list(parsed(svg(picture(line([1.0, None, 3.0])))).iter(f"{SVG}g"))
    assert (len(whole), len(cut)) == (1, 2)


def test_an_unknown_last_day_has_no_dot_and_says_so() -> None:
    root = parsed(svg(picture(line([1.0, None], None), verdict="unjudged")))
    assert list(root.iter(f"{SVG}circle")) == []
    assert {"unknown", "no threshold yet"} <= {*written(root)}


def test_it_shows_the_means_first_and_then_what_moved_most_each_once() -> None:
    stretch = stretch_of(days(60))
    found = picture_of(stretch, 59, judge(WATCHED, stretch, 59, SETTINGS), SETTINGS)
    names = [(one.group, one.name) for one in found.lines]
    assert [name for _, name in names[:2]] == ["waiting", "refused"]
    assert len({*names}) == len(names) == 6
    assert {len(one.values) for one in found.lines} == {SETTINGS.history + 1}
