from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ConfigInvalid
from agentic_assets.outcomes import grant
from agentic_assets_tests.unit.outcomes.terms import TERMS

_WANTED = st.lists(
    st.tuples(st.sampled_from(["d1", "d2"]), st.sampled_from(["x", "y"]), st.sampled_from(["none", "small", "big"])),
    max_size=25,
)


def _frame(wanted: list[tuple[str, str, str]]) -> pl.DataFrame:
    frame = pl.DataFrame(wanted, schema={"day": pl.String, "place": pl.String, "action": pl.String}, orient="row")
    return frame.with_row_index("at")


def _one_by_one(wanted: list[tuple[str, str, str]]) -> list[str]:
    """Grant as a clerk would, who sees each request when it comes."""
    left: dict[tuple[str, str, str], int] = {}
    granted = []
    for day, place, asked in wanted:
        action = asked
        while action != "none":
            room = left.setdefault((day, place, action), TERMS.quotas[action])
            if room:
                left[day, place, action] -= 1
                break
            action = TERMS.overflow[action]
        granted.append(action)
    return granted


@settings(max_examples=150, derandomize=True, deadline=None)
@given(_WANTED)
def test_granting_a_frame_equals_granting_one_request_after_the_other(wanted: list[tuple[str, str, str]]) -> None:
    assert grant(_frame(wanted), "action", TERMS, order=("at",)).to_list() == _one_by_one(wanted)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(_WANTED, st.integers(0, 100))
def test_the_order_of_the_rows_does_not_matter_only_the_order_key(
    wanted: list[tuple[str, str, str]], seed: int
) -> None:
    frame = _frame(wanted)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)

    granted = shuffled.with_columns(grant(shuffled, "action", TERMS, order=("at",))).sort("at")

    assert granted.get_column("action").to_list() == grant(frame, "action", TERMS, order=("at",)).to_list()


def test_each_group_has_its_own_quota() -> None:
    asked = [("d1", "x", "big"), ("d1", "y", "big"), ("d2", "x", "big"), ("d1", "x", "big")]

    assert grant(_frame(asked), "action", TERMS, order=("at",)).to_list() == ["big", "big", "big", "small"]


@pytest.mark.parametrize(
    "overflow", [{"big": "small", "small": "big"}, {"big": "big", "small": "none"}, {"small": "none"}]
)
def test_terms_that_would_grant_in_a_circle_are_refused(overflow: dict[str, str]) -> None:
    with pytest.raises(ConfigInvalid, match="overflows into"):
        replace(TERMS, overflow=overflow)
