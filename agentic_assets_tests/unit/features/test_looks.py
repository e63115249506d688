"""What no view looks at is left out of a build: that changes no byte, and a view that looks further is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features import Coded, Declared, FeatureSet, View, feature_set
from agentic_assets.features.definition import Look
from agentic_assets.features.kinds import Awaited, Count, Mean, Newest, Value, Windowed
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.features.shop import DAY, NOON, PARCELS, feature, orders, parcels, shop

HOUR = timedelta(hours=1)
WEIGHTS = (Count("sent", "parcels", "Sent."), Mean("weight", "weight", "g", "Mean."))
PARTS = (
    Windowed("parcels", ("shop",), 5 * HOUR, WEIGHTS),
    Newest("parcels", ("shop",), 7 * HOUR, (Value("newest", "weight", pl.Int32(), "g", "Newest."),)),
    Awaited("late", "parcels", ("shop",), "due_at", 9 * HOUR, "parcels", "late parcels", "they were due"),
)
DUE = orders(*((f"order {number}", "AB"[number % 2], NOON + number * HOUR) for number in range(-12, 12)))


def declared(*parts: Windowed | Newest | Awaited) -> FeatureSet:
    return of_view(Declared("seen", parts))


def of_view(view: Declared | Coded) -> FeatureSet:
    return feature_set(
        name="shop",
        version="1.0.0",
        description="Orders of a shop.",
        entities=shop(lambda at: View("seen", {}, at.decided), feature("x", pl.Int32())).entities,
        sources=(PARCELS,),
        views=(view,),
        zone="UTC",
        lookback=5,
        reach=3,
    )


def silent(definition: FeatureSet) -> FeatureSet:
    """Give the same set by a view that does not say how far back it looks."""
    [view] = definition.views
    return of_view(Coded("seen", partial(view), definition.features))


@given(
    st.lists(
        st.tuples(st.integers(0, 90 * 60), st.integers(-4000, 300)), min_size=40, max_size=80, unique_by=lambda t: t[0]
    )
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_leaving_out_what_no_view_looks_at_changes_no_byte(sent: Sequence[tuple[int, int]]) -> None:
    """Parcels of four days, most of them long before; some come before they are due, some long after."""
    begin = NOON - timedelta(hours=80)
    rows = []
    for number, (minute, late) in enumerate(sent):
        sent_at = begin + timedelta(minutes=minute)
        due_at = sent_at - timedelta(minutes=late)
        rows.append({"shop": "AB"[number % 2], "weight": number, "sent_at": sent_at, "due_at": due_at})
    inputs = {"shop/orders": DUE, "shop/parcels": parcels(*rows)}
    made = declared(*PARTS).compute(inputs, (DAY, DAY))
    assert of_frame(made) == of_frame(silent(declared(*PARTS)).compute(inputs, (DAY, DAY)))


@dataclass(frozen=True)
class Shortsighted(Windowed):
    """A window that says to look back for an hour only."""

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.source, HOUR),)


@dataclass(frozen=True)
class Careless(Awaited):
    """Says how far back it looks, but not by which column."""

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.source, self.at_most),)


@pytest.mark.parametrize(
    "part",
    [
        Shortsighted("parcels", ("shop",), 5 * HOUR, WEIGHTS),
        Careless("late", "parcels", ("shop",), "due_at", 9 * HOUR, "parcels", "late parcels", "they were due"),
    ],
)
def test_a_kind_that_looks_further_back_than_it_says_is_refused(part: Windowed | Awaited) -> None:
    with pytest.raises(PointInTimeViolation, match="further than its `looks` declare"):
        declared(part).compute({"shop/orders": DUE, "shop/parcels": parcels({"sent_at": NOON})}, (DAY, DAY))
