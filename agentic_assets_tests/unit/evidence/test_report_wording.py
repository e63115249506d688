"""Figures and texts in words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.evidence.report.wording import (
    listed,
    percent,
    plural,
    range_words,
    share,
    short_range,
    short_usd,
    shown,
    usd,
)

_MINUS = "\N{MINUS SIGN}\N{WORD JOINER}"


@pytest.mark.parametrize(
    ("dollars", "said"), [(1234.4, "$1,234"), (-1234.6, f"{_MINUS}$1,235"), (0, "$0"), (-0.4, "$0")]
)
def test_dollars_are_whole_and_their_sign_stands_in_front(dollars: float, said: str) -> None:
    assert usd(dollars) == said


@pytest.mark.parametrize(
    ("dollars", "said"),
    [(950, "$950"), (2_000, "$2k"), (1_500, "$1.5k"), (-2_500_000, f"{_MINUS}$2.5M"), (3e9, "$3B"), (123_456, "$123k")],
)
def test_dollars_on_an_axis_are_short(dollars: float, said: str) -> None:
    assert short_usd(dollars) == said


def test_a_small_share_is_not_called_nothing_nor_a_large_one_all() -> None:
    gap = "\N{NO-BREAK SPACE}"
    assert share(1, 100_000) == f"under 0.1{gap}%"
    assert share(99_999, 100_000) == f"over 99.9{gap}%"
    assert share(0, 100_000) == f"0.0{gap}%"
    assert share(100_000, 100_000) == f"100.0{gap}%"
    assert share(0, 0) == percent(None) == "\N{EN DASH}"


def test_a_range_of_days_says_nothing_twice() -> None:
    assert range_words("2013-02-08", "2013-02-08") == "8 February 2013"
    assert range_words("2013-02-08", "2013-02-09") == "8 to 9 February 2013"
    assert range_words("2013-02-08", "2013-03-09") == "8 February to 9 March 2013"
    assert range_words("2012-12-31", "2013-01-01") == "31 December 2012 to 1 January 2013"
    assert short_range(date(2013, 2, 8), date(2013, 2, 9)) == "8 to 9 Feb"
    assert short_range(date(2013, 1, 31), date(2013, 2, 1)) == "31 Jan to 1 Feb"


def test_lists_and_plurals_read_as_english() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
    assert listed([]) == ""
    assert (plural(1, "day"), plural(2, "day"), plural(1200, "entry", "entries")) == (
        "1 day",
        "2 days",
        "1,200 entries",
    )


@settings(derandomize=True, max_examples=200)
@given(st.text())
def test_a_shown_value_is_bounded_and_hides_nothing(value: str) -> None:
    said = shown(value, 40)
    assert len(said) <= 40 * 6
    assert said.isprintable() or all(char.isspace() or char.isprintable() or ord(char) > 127 for char in said)
    assert not any(ord(char) < 32 or char in "\u202e\u200b\u2066\ufeff" for char in said)
