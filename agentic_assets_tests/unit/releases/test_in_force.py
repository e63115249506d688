"""The newest order that covers a day counts; months, and what has no partitions, follow orders about everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.releases import Activation, Activations, Release

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")
RELEASES = tuple(Release("toy", (), f"s{number}", "ada", "x", number) for number in (1, 2, 3))


def ordered(*orders: tuple[int, tuple[str, ...] | None]) -> Activations:
    return Activations(
        RELEASES, tuple(Activation("toy", number, "ada", "x", partitions=days) for number, days in orders)
    )


def name(release: Release | None) -> str:
    return "working" if release is None else release.name


def test_without_an_order_the_working_tree_counts() -> None:
    assert (name(ordered().release), name(ordered().on(DAYS[0]))) == ("working", "working")


def test_an_order_about_days_leaves_all_else_as_it_is() -> None:
    found = ordered((2, DAYS[:1]))
    assert [name(found.on(day)) for day in DAYS] == ["r2", "working", "working"]
    assert name(found.release) == "working"


def test_the_newest_order_wins_whatever_it_covers() -> None:
    found = ordered((1, None), (2, DAYS[:2]), (3, DAYS[1:2]))
    assert [name(found.on(day)) for day in DAYS] == ["r2", "r3", "r1"]
    assert {day: one.name for day, one in found.scoped.items()} == {DAYS[0]: "r2", DAYS[1]: "r3"}
    assert [name(found.with_(Activation("toy", 1, "a", "b")).on(day)) for day in DAYS] == ["r1"] * 3


@pytest.mark.parametrize(
    ("orders", "release", "days", "covered"),
    [
        ([], 1, None, False),
        ([(1, None)], 1, None, True),
        ([(1, None)], 2, None, False),
        ([(1, None), (1, DAYS[:1])], 1, None, True),
        ([(1, None), (2, DAYS[:1])], 1, None, False),
        ([(1, DAYS)], 1, None, False),
        ([(1, DAYS[:2])], 1, DAYS[:2], True),
        ([(1, DAYS[:2])], 1, DAYS, False),
    ],
)
def test_a_release_covers_what_all_that_counts_there_names(
    orders: list[tuple[int, tuple[str, ...] | None]], release: int, days: tuple[str, ...] | None, covered: bool
) -> None:
    assert ordered(*orders).covers(release, days) is covered


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.none() | st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple)),
        max_size=6,
    )
)
def test_what_counts_is_what_an_order_after_the_other_leaves(
    orders: list[tuple[int, tuple[str, ...] | None]],
) -> None:
    general, days = "working", dict.fromkeys(DAYS, "working")
    for number, covered in orders:
        days |= dict.fromkeys(DAYS if covered is None else covered, f"r{number}")
        general = f"r{number}" if covered is None else general
    found = ordered(*orders)
    assert {day: name(found.on(day)) for day in DAYS} == days
    assert name(found.release) == general
