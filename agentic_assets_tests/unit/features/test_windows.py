from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features import AsOf, View
from agentic_assets_tests.unit.features.shop import NOON, build, feature, orders, parcels

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)

FEATURES = (
    feature("parcels", pl.Int32()),
    feature("weight", pl.Float64()),
    feature("broken", pl.Int32()),
    feature("breakage", pl.Float64()),
)


def last_two_hours(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(2 * HOUR)
    columns = {
        "parcels": window.count(),
        "weight": window.mean("weight"),
        "broken": window.total("broken"),
        "breakage": window.rate("broken", (1, 10)),
    }
    return View("seen", columns, window.known_at)


def seen(*rows: dict[str, Any]) -> dict[str, Any]:
    return build(last_two_hours, FEATURES, parcels(*rows)).row(0, named=True)


def test_a_fact_that_becomes_known_at_the_very_decision_enters() -> None:
    assert seen({"sent_at": NOON})["parcels"] == 1


def test_a_fact_that_becomes_known_a_microsecond_after_the_decision_does_not_enter() -> None:
    assert seen({"sent_at": NOON + TICK})["parcels"] == 0


def test_a_window_leaves_out_the_instant_at_which_it_begins() -> None:
    assert seen({"sent_at": NOON - 2 * HOUR})["parcels"] == 0
    assert seen({"sent_at": NOON - 2 * HOUR + TICK})["parcels"] == 1


def test_only_facts_of_the_same_key_enter() -> None:
    assert seen({"sent_at": NOON, "shop": "B"}, {"sent_at": NOON})["parcels"] == 1


def test_a_fact_without_a_key_enters_nowhere() -> None:
    assert seen({"sent_at": NOON, "shop": None}, {"sent_at": NOON})["parcels"] == 1


def test_an_entity_without_a_key_sees_no_facts() -> None:
    due = orders(("one", "A", NOON + HOUR)).with_columns(shop=pl.lit(None, pl.String))
    row = build(last_two_hours, FEATURES, parcels({"sent_at": NOON}), due).row(0, named=True)
    assert (row["parcels"], row["weight"], row["seen_known_at"]) == (0, None, None)


def test_a_mean_is_null_over_nothing_and_skips_what_is_not_given() -> None:
    assert seen()["weight"] is None
    assert seen({"sent_at": NOON, "weight": None})["weight"] is None
    assert seen({"sent_at": NOON, "weight": None}, {"sent_at": NOON, "weight": 3})["weight"] == 3.0


def test_a_rate_starts_from_its_prior() -> None:
    assert seen()["breakage"] == 0.1
    assert seen({"sent_at": NOON, "broken": True})["breakage"] == 2 / 11


def test_the_proof_is_the_newest_fact_of_the_window() -> None:
    row = seen({"sent_at": NOON - HOUR}, {"sent_at": NOON - TICK}, {"sent_at": NOON + TICK})
    assert row["seen_known_at"] == NOON - TICK


def test_today_begins_at_local_midnight_and_ends_at_the_decision() -> None:
    def today(at: AsOf) -> View:
        window = at.by("parcels", "shop").today()
        return View("seen", {"parcels": window.count()}, window.known_at)

    midnight = datetime(2020, 6, 10, 4, tzinfo=NOON.tzinfo)  # of New York
    sent = [midnight - TICK, midnight, NOON, NOON + TICK]
    local = {"day": midnight.date()}
    row = build(
        today, FEATURES[:1], parcels(*({"sent_at": moment, **local} for moment in sent)), zone="America/New_York"
    ).row(0, named=True)
    # The first became known before its own day begins there, so it counts from then on.
    assert row["parcels"] == 3


def test_today_is_empty_for_a_decision_before_the_day_begins() -> None:
    def today(at: AsOf) -> View:
        window = at.by("parcels", "shop").today()
        return View("seen", {"parcels": window.count()}, window.known_at)

    midnight = NOON.replace(hour=0)
    due = orders(("one", "A", midnight + HOUR / 2))
    sent = parcels({"sent_at": midnight - HOUR}, {"sent_at": midnight + TICK})
    assert build(today, FEATURES[:1], sent, due).get_column("parcels").to_list() == [0]


def test_a_daily_window_ends_when_the_day_begins() -> None:
    def daily(at: AsOf) -> View:
        window = at.daily("parcels", "shop").window(2 * HOUR)
        return View("seen", {"parcels": window.count()}, window.known_at)

    midnight = NOON.replace(hour=0)
    sent = parcels({"sent_at": midnight - HOUR}, {"sent_at": midnight}, {"sent_at": midnight + TICK})
    row = build(daily, FEATURES[:1], sent).row(0, named=True)
    assert (row["parcels"], row["seen_known_at"]) == (2, midnight)


def test_a_window_longer_than_the_reach_is_refused() -> None:
    def too_long(at: AsOf) -> View:
        window = at.by("parcels", "shop").window(timedelta(days=3) + TICK)
        return View("seen", {"parcels": window.count()}, window.known_at)

    with pytest.raises(PointInTimeViolation, match="longer than the reach of 3 days"):
        build(too_long, FEATURES[:1], parcels({"sent_at": NOON}))


def test_sums_are_refused_over_doubles_whose_order_would_matter() -> None:
    sent = parcels({"sent_at": NOON}).with_columns(pl.col("weight").cast(pl.Float64))
    with pytest.raises(ConfigInvalid, match="sums are formed over integers and Booleans only"):
        build(last_two_hours, FEATURES, sent)


def test_keys_of_different_types_are_refused() -> None:
    sent = parcels({"sent_at": NOON}).with_columns(shop=pl.lit(1, pl.Int32))
    with pytest.raises(ConfigInvalid, match="key `shop` is Int32"):
        build(last_two_hours, FEATURES, sent)


def test_sums_over_no_key_at_all_take_every_fact() -> None:
    def everywhere(at: AsOf) -> View:
        window = at.by("parcels").window(2 * HOUR)
        return View("seen", {"parcels": window.count()}, window.known_at)

    sent = parcels({"sent_at": NOON, "shop": "B"}, {"sent_at": NOON, "shop": None})
    assert build(everywhere, FEATURES[:1], sent).get_column("parcels").to_list() == [2]


@given(
    sent=st.lists(st.tuples(st.sampled_from("AB"), st.integers(-300, 60), st.integers(-5, 5) | st.none()), max_size=30),
    due=st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 90)), min_size=1, max_size=10),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_windows_hold_what_a_loop_over_all_facts_finds(
    sent: list[tuple[str, int, int | None]], due: list[tuple[str, int]]
) -> None:
    minute = timedelta(minutes=1)
    facts = parcels(*({"shop": shop, "sent_at": NOON + at * minute, "weight": weight} for shop, at, weight in sent))
    asked = orders(*((f"{n:02}", shop, NOON + HOUR + at * minute) for n, (shop, at) in enumerate(due)))
    built = build(last_two_hours, FEATURES, facts, asked).sort("order")
    for row, (shop, at) in zip(built.to_dicts(), due, strict=True):
        found = [(moment, weight) for key, moment, weight in sent if key == shop and at - 120 < moment <= at]
        weights = [weight for _, weight in found if weight is not None]
        assert row["parcels"] == len(found)
        assert row["weight"] == (sum(weights) / len(weights) if weights else None)
        assert row["seen_known_at"] == (NOON + max(found)[0] * minute if found else None)
