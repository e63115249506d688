"""The proofs of a feature set: they hold for an honest one, and each names what a leaking one does."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from agentic_assets.features import AsOf, Coded, Declared, FeatureSet, View
from agentic_assets.features.kinds import (
    TODAY,
    Age,
    Awaited,
    Count,
    CountIf,
    Mean,
    Newest,
    Rates,
    Total,
    Value,
    Windowed,
)
from agentic_assets.features.proofs import Proof, oracle, prove
from agentic_assets.testing import assert_proved
from agentic_assets_tests.unit.features.shop import DAY, NOON, PARCELS, feature, orders, parcels, shop

HOUR = timedelta(hours=1)
FIRST = DAY - timedelta(days=1)
DAYS = (FIRST, DAY)
SENT = parcels(
    *(
        {
            "shop": "AB"[number % 2],
            "sent_at": NOON - timedelta(hours=60) + number * timedelta(minutes=47),
            "due_at": NOON - timedelta(hours=60) + number * timedelta(minutes=31),
            "weight": number * 7 % 11,
            "broken": number % 3 == 0,
            "rating": number % 5,
            "rated_at": NOON - timedelta(hours=60) + number * timedelta(minutes=90),
        }
        for number in range(100)
    )
)
DUE = orders(
    *((f"order {number}", "ABC"[number % 3], NOON - 20 * HOUR + number * timedelta(minutes=53)) for number in range(33))
)
INPUTS = {"shop/orders": DUE, "shop/parcels": SENT}
PARTS = (
    Windowed(
        "parcels",
        ("shop",),
        TODAY,
        (
            Count("sent_today", "parcels", "Sent."),
            CountIf("broken_today", "broken", "parcels", "Broken."),
            Mean("weight_today", "weight", "g", "Mean."),
        ),
    ),
    Windowed("parcels", (), 5 * HOUR, (Total("weight_5h", "weight", "kg", "Sum.", per=1000),)),
    Rates("broken_{days}d", "parcels", "broken", ("shop",), (1, 2), (1, 10), "In {days} days."),
    Newest(
        "parcels",
        ("shop",),
        24 * HOUR,
        (Value("rating", "rating", pl.Int32(), "stars", "Once given."), Age("age", "due_at", "Age.")),
        max_age=HOUR,
        dated="due_at",
    ),
    Awaited("late", "parcels", ("shop",), "due_at", 24 * HOUR, "parcels", "late parcels", "they were due"),
)


def honest() -> FeatureSet:
    view = Declared("seen", PARTS)
    template = shop(lambda at: View("seen", {}, at.decided), feature("x", pl.Int32()))
    return replace(template, views=(view,), features=view.features(template.entities, {"parcels": PARCELS}))


def leaking(view: Coded) -> FeatureSet:
    return replace(honest(), views=(view,), features=view.described)


def broken(definition: FeatureSet) -> dict[str, Proof]:
    return {proof.law: proof for proof in prove(definition, INPUTS, DAYS) if not proof.passed}


def test_every_law_holds_for_an_honest_definition() -> None:
    proofs = prove(honest(), INPUTS, DAYS, sample=33)
    assert [(proof.law, proof.passed) for proof in proofs] == [
        ("one_row_per_entity", True),
        ("equals_brute_force", True),
        ("future_changes_nothing", True),
        ("a_day_alone_equals_the_range", True),
        ("row_order_changes_nothing", True),
        ("after_the_fact_only_selects", True),
    ]
    assert min(proof.compared for proof in proofs) >= 10
    assert_proved(honest(), INPUTS, DAYS)


def test_a_view_that_looks_at_the_whole_day_is_caught_by_a_planted_future() -> None:
    def whole_day(at: AsOf) -> View:
        weights = at.facts("parcels").column("weight")
        total = pl.Series(np.full(len(at.decided), weights.sum()), dtype=pl.Int64)
        return View("whole", {"total": total}, at.decided)

    found = broken(leaking(Coded("whole", whole_day, (feature("total", pl.Int64(), view="whole"),))))
    assert found["future_changes_nothing"].differing > 0
    assert "`total` of 'order" in found["future_changes_nothing"].example


def test_a_view_that_depends_on_the_order_of_rows_is_caught() -> None:
    def first_row(at: AsOf) -> View:
        first = at.facts("parcels").column("weight")[0]
        return View("first", {"first": pl.Series([first] * len(at.decided), dtype=pl.Int32)}, at.decided)

    found = broken(leaking(Coded("first", first_row, (feature("first", pl.Int32(), view="first"),))))
    assert "row_order_changes_nothing" in found


def test_a_view_that_depends_on_the_range_is_caught() -> None:
    def numbered(at: AsOf) -> View:
        numbers = pl.Series(np.arange(len(at.decided)), dtype=pl.Int32)
        return View("numbered", {"number": numbers}, at.decided)

    found = broken(leaking(Coded("numbered", numbered, (feature("number", pl.Int32(), view="numbered"),))))
    assert found["a_day_alone_equals_the_range"].differing == found["a_day_alone_equals_the_range"].compared


def test_a_kind_that_errs_is_caught_by_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Count, "over", lambda self, window: window.count() + 1)
    found = broken(honest())
    assert [*found] == ["equals_brute_force"]
    assert "`sent_today`" in found["equals_brute_force"].example


def test_a_definition_that_cannot_be_built_breaks_its_laws_with_the_reason() -> None:
    def ahead(at: AsOf) -> View:
        return View("ahead", {"n": pl.Series([1] * len(at.decided), dtype=pl.Int32)}, at.decided + 1)

    with pytest.raises(Exception, match="not yet known"):
        prove(leaking(Coded("ahead", ahead, (feature("n", pl.Int32(), view="ahead"),))), INPUTS, DAYS)


def test_an_assertion_names_every_broken_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Count, "over", lambda self, window: window.count() + 1)
    with pytest.raises(AssertionError, match="breaks 1 laws:\n  - equals_brute_force: 33 of 33 rows differ"):
        assert_proved(honest(), INPUTS, DAYS)


def test_the_oracle_names_entities_that_are_not_there() -> None:
    with pytest.raises(Exception, match="1 of 2 entities are not in shop/orders"):
        oracle(honest(), INPUTS, pl.Series(["order 1", "nobody"]))


def test_a_day_without_entities_proves_nothing_and_breaks_nothing() -> None:
    empty = date(2020, 6, 1)
    assert all(proof.passed for proof in prove(honest(), INPUTS, (empty, empty)))
