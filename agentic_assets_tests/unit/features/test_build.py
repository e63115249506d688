from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features import AsOf, Published, View
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.features.shop import NOON, build, feature, orders, parcels, shop

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEATURES = (feature("parcels", pl.Int32()), feature("weight", pl.Float64()))
Making = Callable[[AsOf], View]


def counted(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(3 * DAY)
    return View("seen", {"parcels": window.count(), "weight": window.mean("weight")}, window.known_at)


def of_column(name: str) -> Making:
    def view(at: AsOf) -> View:
        return View("seen", {"parcels": at.entities.get_column(name).is_null()}, at.decided)

    return view


def test_every_entity_gets_exactly_one_row_also_without_any_fact() -> None:
    due = orders(*((f"o{n}", "A", NOON + n * HOUR) for n in range(5)))
    built = build(counted, FEATURES, parcels(), due)
    assert built.get_column("order").to_list() == due.get_column("order").to_list()
    assert built.get_column("parcels").to_list() == [0] * 5


def test_rows_come_sorted_by_decision_then_entity() -> None:
    due = orders(("b", "A", NOON), ("c", "A", NOON - HOUR), ("a", "A", NOON))
    assert build(counted, FEATURES, parcels(), due).get_column("order").to_list() == ["c", "a", "b"]


def test_a_day_without_entities_gives_an_empty_frame_of_the_same_schema() -> None:
    definition = shop(counted, *FEATURES)
    inputs = {"shop/orders": orders(), "shop/parcels": parcels()}
    assert definition.compute(inputs, (NOON.date(), NOON.date())).schema == definition.schema


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    definition = shop(counted, *FEATURES)
    with pytest.raises(ConfigInvalid, match="holds no day"):
        definition.compute({"shop/orders": orders(), "shop/parcels": parcels()}, (date(2020, 1, 2), date(2020, 1, 1)))


def test_what_is_recorded_after_the_fact_cannot_be_read_not_even_whether_it_is_null() -> None:
    with pytest.raises(PointInTimeViolation, match="reads a column that it may not see") as refused:
        build(of_column("courier"), FEATURES[:1], parcels())
    assert "`courier`" in str(refused.value)


def test_what_is_recorded_after_the_fact_can_select_facts() -> None:
    def by_courier(at: AsOf) -> View:
        window = at.by("parcels", "courier").window(DAY)
        return View("seen", {"parcels": window.count()}, window.known_at)

    source = {"columns": ("courier",), "derive": {}}
    sent = parcels({"sent_at": NOON}).with_columns(courier=pl.lit("A"))
    assert build(by_courier, FEATURES[:1], sent, source=source).get_column("parcels").to_list() == [1]


def test_a_column_that_the_entities_do_not_declare_cannot_be_read() -> None:
    due = orders(("one", "A", NOON)).with_columns(outcome=pl.lit(1))
    with pytest.raises(PointInTimeViolation, match="outcome"):
        build(of_column("outcome"), FEATURES[:1], parcels(), due)


def test_a_view_that_rests_on_something_later_than_the_decision_is_refused() -> None:
    def cheat(at: AsOf) -> View:
        return View("seen", {"parcels": pl.Series(np.ones(len(at.decided)))}, at.decided + 1)

    with pytest.raises(PointInTimeViolation, match="rests, in 1 of 1 rows, on facts not yet known"):
        build(cheat, FEATURES[:1], parcels())


def test_code_that_makes_other_columns_than_declared_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"lacking \[\], undeclared \['seen.weight'\]"):
        build(counted, FEATURES[:1], parcels())


@pytest.mark.parametrize("table", ["shop/orders", "shop/parcels"])
def test_a_missing_table_is_named(table: str) -> None:
    inputs = {"shop/orders": orders(), "shop/parcels": parcels()}
    del inputs[table]
    with pytest.raises(PointInTimeViolation, match=f"reads {table}, which is not among its inputs"):
        shop(counted, *FEATURES).compute(inputs, (NOON.date(), NOON.date()))


def test_facts_whose_known_at_is_not_delivered_are_refused() -> None:
    with pytest.raises(PointInTimeViolation, match="lacks `sent_at`"):
        build(counted, FEATURES, parcels({"sent_at": NOON}).drop("sent_at"))


def test_a_fact_that_does_not_say_when_it_became_known_is_refused() -> None:
    sent = parcels({"sent_at": NOON}).with_columns(sent_at=pl.lit(None, pl.Datetime("us", "UTC")))
    with pytest.raises(PointInTimeViolation, match="1 of 1 rows of shop/parcels have no `sent_at`"):
        build(counted, FEATURES, sent)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    sent = parcels({"sent_at": NOON}).with_columns(pl.col("sent_at").dt.replace_time_zone(None))
    with pytest.raises(PointInTimeViolation, match=r"is Datetime.*, so it cannot say when"):
        build(counted, FEATURES, sent)


def test_two_rows_of_one_entity_are_refused() -> None:
    due = orders(("one", "A", NOON), ("one", "B", NOON + HOUR))
    with pytest.raises(PointInTimeViolation, match="2 rows of shop/orders share a `order`"):
        build(counted, FEATURES, parcels(), due)


def test_an_entity_without_an_event_is_refused() -> None:
    due = orders(("one", "A", NOON)).with_columns(due_at=pl.lit(None, pl.Datetime("us", "UTC")))
    with pytest.raises(PointInTimeViolation, match="1 of 1 rows of shop/orders have no `due_at`"):
        build(counted, FEATURES, parcels(), due)


@pytest.mark.parametrize("day", [NOON.date() + DAY * 2, NOON.date() - DAY])
def test_an_entity_decided_far_outside_of_its_day_is_refused(day: date) -> None:
    with pytest.raises(PointInTimeViolation, match="before the eve of their day or after its end"):
        build(counted, FEATURES, parcels(), orders(("one", "A", NOON, day)))


def test_a_fact_counts_from_the_beginning_of_its_own_day_at_the_earliest() -> None:
    tomorrow = NOON.date() + DAY
    early = parcels({"sent_at": NOON - HOUR, "day": tomorrow})
    due = orders(("today", "A", NOON + HOUR), ("tomorrow", "A", NOON + DAY))
    assert build(counted, FEATURES, early, due).get_column("parcels").to_list() == [0, 1]


def test_a_fact_that_becomes_known_too_late_for_every_build_to_hold_it_is_left_out_by_every_build() -> None:
    day = NOON.date() - 2 * DAY
    # Lookback less reach is two days: known then or later, some builds of a day would hold the fact and some not.
    late = NOON.replace(hour=0)
    counts = [
        build(counted, FEATURES, parcels({"sent_at": sent_at, "day": day})).item(0, "parcels")
        for sent_at in (late - timedelta(microseconds=1), late)
    ]
    assert counts == [1, 0]


def test_facts_from_before_the_lookback_and_after_the_last_day_change_nothing() -> None:
    near = parcels({"sent_at": NOON - DAY})
    far = parcels({"sent_at": NOON - 30 * DAY}, {"sent_at": NOON + 30 * DAY}, {"sent_at": NOON - DAY})
    assert build(counted, FEATURES, near).equals(build(counted, FEATURES, far))


def test_published_facts_may_be_looked_at_around_the_event_but_only_those_of_the_day() -> None:
    definition = {"known_at": Published("due_at", DAY), "later": {}}

    def around(at: AsOf) -> View:
        window = at.by("parcels", "shop", "day").around(HOUR, HOUR)
        return View("seen", {"parcels": window.count(less=1)}, at.published("parcels"))

    midnight = NOON.replace(hour=0) + DAY
    events = [midnight - HOUR / 2, midnight - 1.5 * HOUR, midnight - 1.6 * HOUR, midnight]
    sent = parcels(*({"sent_at": event} for event in events))
    due = orders(("one", "A", midnight - HOUR / 2))
    row = build(around, FEATURES[:1], sent, due, source=definition).row(0, named=True)
    assert row["parcels"] == 1
    assert row["seen_known_at"] == midnight - 2 * DAY


@pytest.mark.parametrize("key", [("shop",), ("shop", "day")])
def test_facts_that_are_not_published_ahead_cannot_be_looked_at_around_the_event(key: tuple[str, ...]) -> None:
    def around(at: AsOf) -> View:
        return View("seen", {"parcels": at.by("parcels", *key).around(HOUR, HOUR).count()}, at.decided)

    with pytest.raises(PointInTimeViolation, match="sees what is not yet known"):
        build(around, FEATURES[:1], parcels({"sent_at": NOON}))


def test_a_fact_that_is_not_known_ahead_has_no_publication() -> None:
    def published(at: AsOf) -> View:
        return View("seen", {"parcels": pl.Series([1])}, at.published("parcels"))

    with pytest.raises(PointInTimeViolation, match="is not known ahead"):
        build(published, FEATURES[:1], parcels({"sent_at": NOON}))


def test_a_column_of_the_facts_that_is_not_declared_cannot_be_read() -> None:
    def undeclared(at: AsOf) -> View:
        window = at.by("parcels", "shop").window(HOUR)
        return View("seen", {"parcels": window.total("number")}, window.known_at)

    with pytest.raises(PointInTimeViolation, match="asked for `number`, which it does not declare"):
        build(undeclared, FEATURES[:1], parcels({"sent_at": NOON}))


instants = st.integers(-6 * 24, 6 * 24).map(lambda hours: NOON + hours * HOUR)
sent_rows: st.SearchStrategy[list[tuple[str, datetime, int, int]]] = st.lists(
    st.tuples(st.sampled_from("AB"), instants, st.integers(-3, 3), st.integers(1, 9)), min_size=1, max_size=25
)


@given(rows=sent_rows, shuffle=st.randoms(use_true_random=False), zone=st.sampled_from(["UTC", "America/New_York"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_day_alone_equals_its_part_of_a_range_and_row_order_changes_nothing(
    rows: list[tuple[str, datetime, int, int]], shuffle: Random, zone: str
) -> None:
    local = ZoneInfo(zone)
    facts = [
        {"shop": key, "sent_at": at, "day": (at + lag * DAY).astimezone(local).date(), "weight": weight}
        for key, at, lag, weight in rows
    ]
    due = [
        (f"{key}{n}", key, NOON + n * 7 * HOUR, (NOON + n * 7 * HOUR).astimezone(local).date())
        for n in range(-8, 9)
        for key in "AB"
    ]
    days = sorted({day for *_, day in due})
    definition = shop(counted, *FEATURES, zone=zone)
    whole = definition.compute({"shop/orders": orders(*due), "shop/parcels": parcels(*facts)}, (days[0], days[-1]))

    shuffle.shuffle(facts)
    shuffle.shuffle(due)
    again = definition.compute({"shop/orders": orders(*due), "shop/parcels": parcels(*facts)}, (days[0], days[-1]))
    assert of_frame(again) == of_frame(whole)
    for day in days:
        near = parcels(*facts).filter(pl.col("day").is_between(day - 5 * DAY, day))
        alone = definition.compute({"shop/orders": orders(*due), "shop/parcels": near}, (day, day))
        assert of_frame(alone) == of_frame(whole.filter(pl.col("day") == day))
