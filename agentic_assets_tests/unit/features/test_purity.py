"""Views by code: what they may not reach is refused when the set is defined, and what cannot be seen is proved."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from numpy.random import default_rng

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features import AsOf, Coded, Declared, FeatureSet, View, feature_set
from agentic_assets.features.kinds import Count, Windowed
from agentic_assets.features.proofs import prove
from agentic_assets_tests.unit.features.shop import DAY, NOON, PARCELS, feature, orders, parcels, shop

HOUR = timedelta(hours=1)
RATES = pl.DataFrame({"shop": ["A"], "rate": [3]})
LAZY = RATES.lazy()
TABLES = {"rates": {"today": RATES}}
FILE = Path("rates.csv")
SPANS = (HOUR, 2 * HOUR)
LAST = 0
MAKE = Callable[[AsOf], Any]


def set_of(make: MAKE) -> FeatureSet:
    return feature_set(
        name="shop",
        version="1.0.0",
        description="Orders of a shop.",
        entities=shop(lambda at: View("coded", {}, at.decided), feature("n", pl.Int32(), view="coded")).entities,
        sources=(PARCELS,),
        views=(Coded("coded", make, (feature("n", pl.Int32(), view="coded"),)),),
        zone="UTC",
        lookback=5,
        reach=3,
    )


def counted(at: AsOf, span: timedelta = HOUR) -> View:
    window = at.by("parcels", "shop").window(span)
    return View("coded", {"n": window.count()}, window.known_at)


def through_a_helper(at: AsOf) -> View:
    return helper(at)


def helper(at: AsOf) -> View:
    return counted(at, SPANS[len(RATES) % 2])


def imported_within(at: AsOf) -> View:
    from urllib.request import urlopen

    return View(urlopen("http://localhost").read(), {}, at.decided)


def pandas_within(at: AsOf) -> View:
    import pandas as pd

    return View("coded", {"n": pd.read_csv("rates.csv")}, at.decided)


def kept_from_build_to_build(at: AsOf) -> View:
    global LAST  # noqa: PLW0603
    LAST = len(at.decided)
    return counted(at)


@cache
def remembered() -> float:
    return time.time()


class Rated:
    held: ClassVar = RATES

    def __call__(self, at: AsOf) -> View:
        return counted(at, HOUR * self.held.height)


@dataclass(frozen=True)
class With:
    frame: pl.DataFrame

    def make(self, at: AsOf) -> View:
        return counted(at)


def by_default(at: AsOf, frame: pl.DataFrame = RATES) -> View:
    return given(frame, at)


def given(frame: pl.DataFrame, at: AsOf) -> View:
    return counted(at, HOUR * frame.height)


def closing_over(value: object) -> MAKE:
    return lambda at: (value, counted(at))[1]


IMPURE: dict[str, tuple[MAKE, str]] = {
    "a global frame": (lambda at: RATES, r"`RATES`: a polars DataFrame, which is there whatever was known"),
    "a global plan": (lambda at: LAZY.collect(), "`LAZY`: a polars LazyFrame"),
    "a frame in a global table of tables": (
        lambda at: TABLES["rates"],
        r"`TABLES\['rates'\]\['today'\]`: a polars Data",
    ),
    "a frame that it closes over": (closing_over(RATES), "`value`: a polars DataFrame"),
    "a series that it closes over": (closing_over(RATES.get_column("rate")), "`value`: a polars Series"),
    "an array that it closes over": (closing_over(np.arange(3)), "`value`: a numpy ndarray"),
    "a frame among its defaults": (by_default, "`a default value`: a polars DataFrame"),
    "a frame bound to it": (partial(given, RATES), "a polars DataFrame"),
    "a frame of its object": (With(RATES).make, r"frame`: a polars DataFrame"),
    "a frame of its class": (Rated(), r"`\.Rated\.held`: a polars DataFrame"),
    "a frame through a helper": (
        through_a_helper,
        r"`RATES`: a polars .* \(through_a_helper -> helper, test_purity",
    ),
    "a frame in a comprehension": (lambda at: [RATES for _ in at.decided], "`RATES`"),
    "the clock": (lambda at: datetime.now(), r"`datetime\.now`: the clock"),  # noqa: DTZ005
    "the calendar": (lambda at: date.today(), r"`date\.today`: the clock"),  # noqa: DTZ011
    "the clock by another way": (lambda at: time.time(), r"`time`: the clock"),
    "the clock through what is remembered": (lambda at: remembered(), r"`time`: the clock.* -> remembered"),
    "a CSV file": (lambda at: pl.read_csv("rates.csv"), r"`pl\.read_csv`: a file or a database"),
    "a scan": (lambda at: pl.scan_parquet("rates"), r"`pl\.scan_parquet`: a file"),
    "SQL over whatever is there": (lambda at: pl.sql("select 1"), r"`pl\.sql`: whatever frames have that name"),
    "an array's file": (lambda at: np.load("rates.npy"), r"`np\.load`: a file"),
    "another library's file": (pandas_within, r"`pandas\.read_csv`: a file"),
    "an open file": (lambda at: open("rates.csv"), "`open`: a file"),  # noqa: SIM115
    "a path": (lambda at: FILE.read_text(), r"`FILE`: a file"),
    "the environment": (lambda at: os.environ["RATE"], "`os`: a file"),
    "the network": (imported_within, r"`urllib\.request`: a file, a database or the network"),
    "chance": (lambda at: random.random(), "`random`: chance"),
    "chance by numpy": (lambda at: default_rng(1).normal(), "`default_rng`: chance"),
    "a shuffle": (lambda at: at.facts("parcels").column("weight").shuffle(), r"`\.shuffle`: chance"),
    "a number that differs from run to run": (lambda at: hash("A"), "`hash`: a number that differs"),
    "hidden code": (lambda at: eval("1"), "`eval`: code that cannot be looked into"),
    "every module there is": (lambda at: sys.modules["os"], "`sys`: code that cannot be looked into"),
    "what it kept": (kept_from_build_to_build, "`LAST`: a global that it changes"),
}


@pytest.mark.parametrize("what", IMPURE)
def test_a_view_by_code_that_reaches_beyond_what_it_is_given_is_refused_when_it_is_defined(what: str) -> None:
    make, said = IMPURE[what]
    with pytest.raises(PointInTimeViolation, match=f"the code of view 'coded' reaches .*{said}") as refused:
        set_of(make)
    assert "declare a Source with its known_at" in str(refused.value.hint)
    assert len(str(refused.value)) < 700


def spanning(span: timedelta) -> MAKE:
    return lambda at: counted(at, span)


PURE: dict[str, MAKE] = {
    "a plain function": counted,
    "a span that it closes over": spanning(HOUR),
    "a span bound to it": partial(counted, span=HOUR),
    "constants, polars and numpy": lambda at: View(
        "coded",
        {"n": pl.select(pl.lit(np.full(len(at.decided), len(SPANS)))).to_series().cast(pl.Int32)},
        np.minimum(at.decided, at.begins),
    ),
}


@pytest.mark.parametrize("what", PURE)
def test_a_view_by_code_over_what_it_is_given_is_built(what: str) -> None:
    inputs = {"shop/orders": orders(("one", "A", NOON + HOUR)), "shop/parcels": parcels({"sent_at": NOON})}
    assert set_of(PURE[what]).compute(inputs, (DAY, DAY)).height == 1


def test_a_frame_that_takes_a_name_after_the_set_was_defined_is_refused_when_it_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    definition = set_of(lambda at: AFTERWARDS)  # type: ignore[name-defined]  # noqa: F821
    monkeypatch.setitem(globals(), "AFTERWARDS", RATES)
    inputs = {"shop/orders": orders(("one", "A", NOON)), "shop/parcels": parcels()}
    with pytest.raises(PointInTimeViolation, match="`AFTERWARDS`: a polars DataFrame"):
        definition.compute(inputs, (DAY, DAY))


@dataclass(frozen=True)
class Rating(Count):
    """A count of a user's own, that looks into a global frame."""

    def over(self, window: Any) -> pl.Series:
        return super().over(window) * RATES.height


def test_a_kind_of_the_users_own_is_looked_into_as_well() -> None:
    view = Declared("coded", (Windowed("parcels", ("shop",), HOUR, (Rating("n", "parcels", "All."),)),))
    entities = set_of(counted).entities
    with pytest.raises(PointInTimeViolation, match="`RATES`: a polars DataFrame"):
        replace(set_of(counted), views=(view,), features=view.features(entities, {"parcels": PARCELS}))


def test_what_cannot_be_seen_is_caught_by_the_proofs() -> None:
    """A container that is filled while views are made: nothing about the code tells what will be in it."""
    seen: list[int] = []

    def counting(at: AsOf) -> View:
        seen.append(len(at.decided))
        return View("coded", {"n": pl.Series([len(seen)] * len(at.decided), dtype=pl.Int32)}, at.decided)

    due = orders(*((f"order {number}", "A", NOON + number * HOUR) for number in range(-20, 5)))
    inputs = {"shop/orders": due, "shop/parcels": parcels({"sent_at": NOON})}
    broken = {
        proof.law for proof in prove(set_of(counting), inputs, (DAY - timedelta(days=1), DAY)) if not proof.passed
    }
    assert {"a_day_alone_equals_the_range", "row_order_changes_nothing", "future_changes_nothing"} <= broken


def test_the_digest_changes_with_what_a_view_by_code_closes_over_and_with_its_helpers() -> None:
    def by_helper(span: timedelta) -> MAKE:
        return lambda at: counted(at, span) if span else helper_of(at)

    digests = {set_of(make).digest for make in (spanning(HOUR), spanning(2 * HOUR), by_helper(HOUR))}
    assert len(digests) == 3
    assert set_of(partial(counted, span=HOUR)).digest != set_of(partial(counted, span=2 * HOUR)).digest
    assert set_of(spanning(HOUR)).digest == set_of(spanning(HOUR)).digest


def with_defaults(first: timedelta, second: timedelta) -> MAKE:
    def make(at: AsOf, one: timedelta = first, two: timedelta = second) -> View:
        return counted(at, one + two)

    return make


def of_two(first: MAKE, second: MAKE) -> MAKE:
    return lambda at: (first(at), second(at))[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_defaults(HOUR, 2 * HOUR), with_defaults(2 * HOUR, 2 * HOUR)),
        (of_two(spanning(HOUR), spanning(2 * HOUR)), of_two(spanning(2 * HOUR), spanning(2 * HOUR))),
    ],
    ids=["two defaults", "two closures of a factory"],
)
def test_the_digest_tells_every_value_that_stands_behind_one_name(one: MAKE, other: MAKE) -> None:
    assert set_of(one).digest != set_of(other).digest


ORIGINS = frozenset({"EWR", "JFK", "LGA", "BOS", "ORD", ("a", frozenset({"b", "c", "d"}))})


def over_a_set(at: AsOf) -> View:
    return counted(at, HOUR * len(ORIGINS))


def test_the_digest_is_the_same_in_a_process_that_hashes_otherwise() -> None:
    names = f"from {__name__} import over_a_set, set_of"
    other = subprocess.run(
        [sys.executable, "-c", f"{names}; print(set_of(over_a_set).digest)"],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert other.stdout.strip() == set_of(over_a_set).digest


counts = RATES  # a global of a name that views give to variables of their own


def with_a_variable_that_inner_code_captures(at: AsOf) -> View:
    counts = counted(at)

    def inner() -> View:
        return counts

    return inner()


def with_an_argument_that_inner_code_captures(at: AsOf, counts: timedelta = HOUR) -> View:
    def inner() -> View:
        return counted(at, counts)

    return inner()


def with_a_clock_that_inner_code_captures(at: AsOf) -> View:
    import datetime as held

    def inner() -> View:
        return counted(at, HOUR * held.datetime.now().hour)  # noqa: DTZ005

    return inner()


def test_a_variable_that_inner_code_captures_is_no_global_of_that_name() -> None:
    assert set_of(with_a_variable_that_inner_code_captures).digest
    assert set_of(with_an_argument_that_inner_code_captures).digest


def test_what_is_kept_in_a_variable_that_inner_code_captures_is_followed() -> None:
    with pytest.raises(PointInTimeViolation, match=r"`datetime\.datetime\.now`: the clock"):
        set_of(with_a_clock_that_inner_code_captures)


def helper_of(at: AsOf) -> View:
    return counted(at)
