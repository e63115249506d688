"""A long build in spans of days: where a range is cut changes no byte, and hides no mistake."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.engine import spans
from agentic_assets.features.retrieval import retrieve
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.features.shop import DAY, NOON, orders, parcels
from agentic_assets_tests.unit.features.test_looks import PARTS, declared

HOUR = timedelta(hours=1)
FIRST, LAST = DAY, DAY + timedelta(days=59)
SHOP = declared(*PARTS)  # lookback 5 days: spans of at least 10


@given(
    st.lists(st.integers(0, 60 * 24 - 13), min_size=30, max_size=120, unique=True),
    st.lists(st.tuples(st.integers(-5 * 24, 60 * 24), st.integers(0, 200)), min_size=20, max_size=100),
    st.integers(1, 12),
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_where_a_range_is_cut_changes_no_byte(due: list[int], sent: list[tuple[int, int]], entities: int) -> None:
    inputs = delivered(due, sent)
    whole = SHOP.compute(inputs, (FIRST, LAST))
    asked = whole.select("order").sample(fraction=1, shuffle=True, seed=entities)
    told = retrieve(SHOP, inputs, asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spans, "_ENTITIES", entities)
        assume(len(spans.spans(inputs["shop/orders"].get_column("day"), FIRST, LAST, SHOP.lookback)) > 1)
        assert of_frame(SHOP.compute(inputs, (FIRST, LAST))) == of_frame(whole)
        assert retrieve(SHOP, inputs, asked).equals(told)


def test_rows_of_one_entity_are_refused_also_in_different_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_ENTITIES", 5)
    inputs = delivered(range(0, 60 * 24, 24), [])
    twice = inputs["shop/orders"].with_columns(order=pl.col("order").replace("order 1416", "order 0"))
    with pytest.raises(PointInTimeViolation, match="2 rows of shop/orders share a `order`"):
        SHOP.compute(inputs | {"shop/orders": twice}, (FIRST, LAST))


def test_spans_touch_cover_the_range_and_are_never_short() -> None:
    days = pl.Series("day", [FIRST + timedelta(days=n * n % 60) for n in range(400_000 // 2)] * 4)
    cut = spans.spans(days, FIRST, LAST, 5)
    assert len(cut) > 2
    assert (cut[0][0], cut[-1][1]) == (FIRST, LAST)
    assert all(after == before + timedelta(days=1) for (_, before), (after, _) in pairwise(cut))
    assert all((last - first).days + 1 >= 10 for first, last in cut)


@pytest.mark.parametrize(("last", "entities"), [(FIRST + timedelta(days=8), 10**6), (LAST, 300_000)])
def test_a_short_range_and_one_of_few_entities_stay_whole(last: date, entities: int) -> None:
    days = pl.Series("day", [FIRST], dtype=pl.Date).new_from_index(0, entities)
    assert spans.spans(days, FIRST, last, 5) == [(FIRST, last)]


def delivered(due: list[int] | range, sent: list[tuple[int, int]]) -> dict[str, pl.DataFrame]:
    """Give orders due, and parcels sent with what they weigh, at hours after the first midnight.

    Decisions in the hour before midnight are those of the day after.
    """
    start = NOON - 12 * HOUR
    made = orders(*((f"order {n}", "AB"[n % 2], start + hours * HOUR) for n, hours in enumerate(sorted(set(due)))))
    made = made.with_columns(order=pl.lit("order ") + ((pl.col("due_at") - start).dt.total_hours()).cast(pl.String))
    facts = [
        {
            "shop": "AB"[weight % 2],
            "sent_at": start + hours * HOUR,
            "weight": weight,
            "due_at": start + hours * HOUR - HOUR,
        }
        for hours, weight in dict(sent).items()
    ]
    return {"shop/orders": made, "shop/parcels": parcels(*facts)}
