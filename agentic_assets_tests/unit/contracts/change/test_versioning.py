"""Which version a set of changes demands, and which ones are enough."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts.change import Change, Direction, Level, Spot, Version, judge_version, read_version

CHANGES = {
    Level.MAJOR: Change("column-removed", "column", Direction.LOOSER, Spot("")),
    Level.MINOR: Change("column-added", "column", Direction.NEUTRAL, Spot("")),
    Level.PATCH: Change("tags-changed", "tags", Direction.NEUTRAL, Spot(""), documentation=True),
}
MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH


@pytest.mark.parametrize(
    ("old", "new", "level", "least", "enough"),
    [
        ("1.2.3", "2.0.0", MAJOR, "2.0.0", True),
        ("1.2.3", "1.3.0", MAJOR, "2.0.0", False),
        ("1.2.3", "2.0.0-rc.1", MAJOR, "2.0.0", True),
        ("1.2.3", "1.3.0", MINOR, "1.3.0", True),
        ("1.2.3", "3.0.0", MINOR, "1.3.0", True),
        ("1.2.3", "1.2.4", MINOR, "1.3.0", False),
        ("1.2.3", "1.2.4", PATCH, "1.2.4", True),
        ("1.2.3", "1.2.3", PATCH, "1.2.4", False),
        ("1.2.3", "1.1.9", PATCH, "1.2.4", False),
        ("0.2.3", "0.3.0", MAJOR, "0.3.0", True),
        ("0.2.3", "0.2.4", MAJOR, "0.3.0", False),
        ("0.2.3", "0.2.4", MINOR, "0.2.4", True),
        ("2.0.0-rc.1", "2.0.0", MAJOR, "2.0.0", True),
        ("2.0.0-rc.1", "2.0.0-rc.2", MAJOR, "2.0.0-rc.2", True),
        ("2.0.0-rc.2", "2.0.0-rc.10", MAJOR, "2.0.0-rc.10", True),
        ("2.0.0-rc.2", "2.0.0-rc.1", MAJOR, "2.0.0", False),
        ("v1.2", "v1.3", MINOR, "1.3.0", True),
        ("1.2.3+build.1", "1.2.3+build.2", PATCH, "1.2.4", False),
    ],
)
def test_the_number_has_to_say_what_changed(old: str, new: str, level: Level, least: str, enough: bool) -> None:
    verdict = judge_version(old, new, [CHANGES[level]])
    assert (verdict.level, verdict.least, verdict.enough) == (level, least, enough)
    assert least in verdict.message or enough


def test_without_a_change_the_version_may_stay_or_rise_but_not_go_back() -> None:
    assert judge_version("1.2.3", "1.2.3", []).enough
    assert judge_version("1.2.3", "1.3.0", []).enough
    assert not judge_version("1.2.3", "1.2.2", []).enough


def test_what_is_no_version_cannot_say_that_something_changed() -> None:
    assert not judge_version("1.0.0", "banana", [CHANGES[PATCH]]).enough
    assert judge_version("banana", "1.0.0", [CHANGES[PATCH]]).enough


versions = st.builds(
    Version,
    *[st.integers(0, 3)] * 3,
    pre=st.lists(st.sampled_from(["rc", "alpha", "1", "2", "10"]), max_size=2).map(tuple),
)


@settings(derandomize=True, max_examples=200)
@given(versions, st.sampled_from(list(Level)))
def test_the_least_version_that_is_demanded_is_enough_and_none_below_it(version: Version, level: Level) -> None:
    least = version.raised(level)
    assert least > version
    assert judge_version(str(version), str(least), [CHANGES[level]]).enough
    assert not judge_version(str(version), str(version), [CHANGES[level]]).enough


@settings(derandomize=True, max_examples=200)
@given(versions)
def test_a_version_is_read_as_it_is_written(version: Version) -> None:
    assert read_version(str(version)) == version
