"""Feature sets declared by kind: each kind gives what the engine gives when it is asked by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features import AsOf, Coded, Declared, FeatureSet, Source, View, feature_set
from agentic_assets.features.kinds import (
    TODAY,
    Age,
    Awaited,
    Count,
    CountIf,
    Derived,
    Kind,
    Mean,
    Newest,
    Rates,
    Total,
    Value,
    Windowed,
)
from agentic_assets_tests.unit.features.shop import NOON, PARCELS, feature, orders, parcels, shop

HOUR = timedelta(hours=1)
SENT = parcels(
    {"sent_at": NOON - 30 * HOUR, "weight": 9, "broken": True},
    {"sent_at": NOON - 3 * HOUR, "weight": 4, "broken": True},
    {"sent_at": NOON - HOUR, "weight": 2, "rating": 5, "rated_at": NOON + HOUR},
)
DUE = orders(("one", "A", NOON + HOUR), ("two", "B", NOON + HOUR))


def declared(*parts: Kind, sources: tuple[Source, ...] = (PARCELS,), **changes: object) -> FeatureSet:
    return feature_set(
        name="shop",
        version="1.0.0",
        description="Orders of a shop.",
        entities=shop(lambda at: View("seen", {}, at.decided), feature("x", pl.Int32())).entities,
        sources=sources,
        views=(Declared("seen", parts),),
        zone="UTC",
        lookback=5,
        reach=3,
        **changes,  # type: ignore[arg-type]
    )


def built(*parts: Kind, sent: pl.DataFrame = SENT) -> Mapping[str, object]:
    inputs = {"shop/orders": DUE, "shop/parcels": sent}
    return declared(*parts).compute(inputs, (NOON.date(), NOON.date())).row(0, named=True)


def test_a_window_counts_totals_and_averages_what_became_known_in_it() -> None:
    made = built(
        Windowed(
            "parcels",
            by=("shop",),
            span=4 * HOUR,
            aggregates=(
                Count("sent", "parcels", "Sent."),
                CountIf("broke", "broken", "parcels", "Broken."),
                Total("weight", "weight", "g", "All."),
                Total("weight_kg", "weight", "kg", "All.", per=1000),
                Mean("mean", "weight", "g", "Mean."),
            ),
        )
    )
    assert {name: made[name] for name in ("sent", "broke", "weight", "weight_kg", "mean")} == {
        "sent": 2,
        "broke": 1,
        "weight": 6,
        "weight_kg": 0.006,
        "mean": 3.0,
    }
    assert made["seen_known_at"] == NOON - HOUR


def test_today_begins_with_the_day() -> None:
    assert built(Windowed("parcels", ("shop",), TODAY, (Count("sent", "parcels", "Sent."),)))["sent"] == 2


def test_rates_are_made_for_each_span_of_days_and_start_from_the_prior() -> None:
    rates = Rates("broken_{days}d", "parcels", "broken", ("shop",), (1, 2), (1, 10), "In {days} days.", "decision")
    made = built(rates)
    assert made["broken_1d"] == 2 / 12
    assert made["broken_2d"] == 3 / 13
    assert [each.description for each in declared(rates).features] == ["In 1 days.", "In 2 days."]


def test_the_newest_fact_gives_values_ages_and_what_is_derived_from_them() -> None:
    made = built(
        Newest(
            "parcels",
            ("shop",),
            within=24 * HOUR,
            values=(
                Value("last_weight", "weight", pl.Int32(), "g", "Weight."),
                Value("last_rating", "rating", pl.Int32(), "stars", "Rating, once given."),
                Age("last_age", "due_at", "Age."),
                Derived(
                    "last_lead",
                    ("due_at", "weight"),
                    ((pl.col("decided_at") - pl.col("due_at")).dt.total_minutes() * pl.col("weight")).cast(pl.Int32),
                    pl.Int32(),
                    "min g",
                    "Product.",
                ),
            ),
        )
    )
    assert (made["last_weight"], made["last_rating"], made["last_age"], made["last_lead"]) == (2, None, 60, 120)


def test_a_derived_value_cannot_hide_the_instants_of_the_entity() -> None:
    source = replace(PARCELS, derive={"event_at": pl.col("due_at")})
    derived = Derived("d", ("event_at",), pl.col("event_at"), pl.Datetime("us", "UTC"), "", "Hidden.")
    with pytest.raises(ConfigInvalid, match="derive it under another name"):
        declared(Newest("parcels", ("shop",), HOUR, (derived,)), sources=(source,))


def test_values_of_a_fact_that_is_too_old_are_withheld_while_its_age_goes_on() -> None:
    made = built(
        Newest(
            "parcels",
            ("shop",),
            within=24 * HOUR,
            max_age=HOUR / 2,
            dated="due_at",
            values=(Value("w", "weight", pl.Int32(), "g", "Weight."), Age("age", "due_at", "Age.")),
        )
    )
    assert (made["w"], made["age"]) == (None, 60)


def test_what_is_awaited_gives_its_number_and_its_wait() -> None:
    awaited = Awaited(
        "late", "parcels", ("shop",), "due_at", 24 * HOUR, "parcels", "parcels that are late", "they were due"
    )
    waiting = parcels({"sent_at": NOON + HOUR, "due_at": NOON - HOUR})
    made = built(awaited, sent=waiting)
    assert (made["late"], made["late_minutes"]) == (1, 60.0)


def test_the_sources_of_a_feature_are_found_through_derived_and_later_columns() -> None:
    source = replace(PARCELS, derive={"heavy": pl.col("weight") > 3})
    window = Windowed("parcels", ("shop",), HOUR, (CountIf("heavies", "heavy", "parcels", "Heavy."),))
    newest = Newest("parcels", ("shop",), HOUR, (Value("rating", "rating", pl.Int32(), "stars", "Rating."),))
    [heavies, rating] = declared(window, newest, sources=(source,)).features
    assert heavies.sources == ("shop/parcels.shop", "shop/parcels.sent_at", "shop/parcels.weight")
    assert rating.sources == (
        "shop/parcels.shop",
        "shop/parcels.sent_at",
        "shop/parcels.rating",
        "shop/parcels.rated_at",
    )


def test_a_part_that_takes_facts_from_no_declared_source_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="takes facts from 'letters', which no source declares"):
        declared(Windowed("letters", ("shop",), HOUR, (Count("n", "letters", "All."),)))


def test_a_declaration_without_known_at_is_refused() -> None:
    window = Windowed("parcels", ("shop",), HOUR, (Count("n", "parcels", "All."),))
    with pytest.raises(PointInTimeViolation, match="does not declare when its facts become known"):
        declared(window, sources=(replace(PARCELS, known_at=None),))


def test_a_coded_view_stands_beside_declared_ones_under_the_same_checks() -> None:
    def ahead(at: AsOf) -> View:
        return View("ahead", {"n": pl.Series([1] * len(at.decided), dtype=pl.Int32)}, at.decided + 1)

    coded = Coded("ahead", ahead, (feature("n", pl.Int32(), view="ahead"),))
    window = Declared("seen", (Windowed("parcels", ("shop",), HOUR, (Count("m", "parcels", "All."),)),))
    both = replace(
        declared(*window.parts),
        features=(*window.features(declared(*window.parts).entities, {"parcels": PARCELS}), *coded.described),
        views=(window, coded),
    )
    with pytest.raises(PointInTimeViolation, match="view 'ahead' rests"):
        both.compute({"shop/orders": DUE, "shop/parcels": SENT}, (NOON.date(), NOON.date()))


def test_a_coded_view_may_not_describe_features_of_another() -> None:
    coded = Coded("ahead", lambda at: View("ahead", {}, at.decided), (feature("n", pl.Int32(), view="seen"),))
    with pytest.raises(ConfigInvalid, match="describes features of other views: n"):
        coded.features(declared(Windowed("parcels", ("shop",), HOUR, ())).entities, {})


@pytest.mark.parametrize(
    "other",
    [
        Windowed("parcels", ("shop",), 2 * HOUR, (Count("n", "parcels", "All."),)),
        Windowed("parcels", (), HOUR, (Count("n", "parcels", "All."),)),
        Windowed("parcels", ("shop",), HOUR, (CountIf("n", "broken", "parcels", "All."),)),
        Windowed("parcels", ("shop",), HOUR, (Count("n", "parcels", "All."),), moment="day"),
    ],
)
def test_the_digest_changes_with_every_part_of_a_declaration_but_not_with_its_words(other: Windowed) -> None:
    one = Windowed("parcels", ("shop",), HOUR, (Count("n", "parcels", "All."),))
    said = Windowed("parcels", ("shop",), HOUR, (Count("n", "boxes", "In other words."),))
    assert declared(one).digest == declared(said).digest != declared(other).digest


def test_a_derived_expression_counts_in_the_digest() -> None:
    def of(plus: int) -> str:
        derived = Derived("d", ("weight",), pl.col("weight") + plus, pl.Int32(), "g", "Sum.")
        return declared(Newest("parcels", ("shop",), HOUR, (derived,))).digest

    assert of(1) != of(2)


def test_a_day_alone_has_the_bytes_that_it_has_in_a_range() -> None:
    days = [date(2020, 6, 9), date(2020, 6, 10)]
    due = orders(*((f"o{day}", "A", datetime.combine(day, NOON.timetz())) for day in days))
    defined = declared(Windowed("parcels", ("shop",), 24 * HOUR, (Mean("m", "weight", "g", "Mean."),)))
    inputs = {"shop/orders": due, "shop/parcels": SENT}
    whole = defined.compute(inputs, (days[0], days[1]))
    for day in days:
        assert defined.compute(inputs, (day, day)).equals(whole.filter(pl.col("day") == day))
