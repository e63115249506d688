"""Random small feature sets over random small inputs, for laws that hold for every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from agentic_assets.features import Declared, Entities, FeatureSet, Lookup, Published, Source, feature_set
from agentic_assets.features.kinds import (
    TODAY,
    Age,
    Around,
    Awaited,
    Count,
    CountIf,
    Derived,
    Kind,
    Known,
    Mean,
    Newest,
    Own,
    Previous,
    Rates,
    Total,
    Value,
    Windowed,
)

__all__ = ["Case", "cases"]

INSTANT = pl.Datetime("us", "UTC")
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
# Midnights that come twice, not at all, or an hour early; and a plain zone.
CLOCKS = {
    "UTC": date(2020, 6, 10),
    "America/New_York": date(2013, 11, 3),
    "America/Chicago": date(2013, 3, 10),
    "America/Sao_Paulo": date(2013, 10, 20),
    "America/Havana": date(2013, 11, 3),
}
LOOKBACK, REACH, DAYS = 5, 2, 2
KEYS = (("shop",), ("number",), (), ("shop", "number"), ("far",), ("shop", "far", "number"), ("order",), ("courier",))


@dataclass(frozen=True)
class Case:
    """A feature set, its inputs, and the days that are built."""

    definition: FeatureSet
    inputs: dict[str, pl.DataFrame]
    days: tuple[date, date]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Invent a case."""
    zone = draw(st.sampled_from(sorted(CLOCKS)))
    first = CLOCKS[zone] - draw(st.integers(0, 2)) * DAY
    days = (first, first + DAYS * DAY)
    lead = draw(st.sampled_from([HOUR, 3 * HOUR, timedelta(0), 20 * HOUR]))
    definition = _definition(draw, zone, lead)
    inputs = _inputs(draw, zone, days, lead)
    if definition.source("rated").known_at == "rated_at":  # then each must say when
        inputs["t/parcels"] = inputs["t/parcels"].with_columns(
            pl.col("rated_at").fill_null(datetime(2100, 1, 1, tzinfo=UTC))
        )
    return Case(definition, inputs, days)


def _definition(draw: st.DrawFn, zone: str, lead: timedelta) -> FeatureSet:
    moving = Source(
        "parcels",
        "t/parcels",
        "sent_at",
        columns=("shop", "number", "far", "order", "weight", "broken", "due_at", "price", "row"),
        derive={"heavy": pl.col("weight") > 2, "cents": (pl.col("price") * 100).round().cast(pl.Int64)},
        later={"rating": "rated_at"},
        tie=("row",),
        where=draw(st.sampled_from([None, pl.col("weight") != 1, pl.col("shop") == "A"])),
        look_up=Lookup("t/orders", on="order", columns=("courier",)),
    )
    sources = (
        moving,
        Source(
            "awaited",
            "t/parcels",
            "sent_at",
            columns=("shop", "number", "far", "order", "due_at"),
            look_up=Lookup("t/orders", on="order", columns=("courier",)),
        ),
        Source("rated", "t/parcels", "rated_at", columns=("shop", "number", "weight", "row"), tie=("row",))
        if draw(st.booleans())
        else Source("rated", "t/parcels", "sent_at", columns=("shop", "number", "weight", "row"), tie=("row",)),
        Source("plan", "t/orders", Published("due_at", DAY), columns=("shop", "number", "far")),
    )
    parts = tuple(draw(_part(number)) for number in range(draw(st.integers(1, 3))))
    return feature_set(
        name="invented",
        version="1.0.0",
        description="Anything that can be declared.",
        entities=Entities(
            "t/orders",
            "order",
            "due_at",
            lead,
            columns=("shop", "number", "far"),
            derive={"odd": pl.col("number") % 2 == 1},
            after_the_fact=("courier",),
        ),
        sources=sources,
        views=tuple(Declared(f"view {number}", (part,)) for number, part in enumerate(parts)),
        zone=zone,
        lookback=LOOKBACK,
        reach=REACH,
    )


spans = st.sampled_from([HOUR, 5 * HOUR, DAY, REACH * DAY])
moments = st.sampled_from(["decision", "day"])


def _part(number: int) -> st.SearchStrategy[Kind]:
    def name(what: str) -> str:
        return f"{what}_{number}"

    keys = st.sampled_from(KEYS)
    window = st.builds(
        Windowed,
        st.just("parcels"),
        keys,
        spans | st.just(TODAY),
        st.just(
            (
                Count(name("n"), "1", "Facts."),
                CountIf(name("broken"), "broken", "1", "Broken."),
                Mean(name("share"), "heavy", "1", "Heavy."),
                Total(name("weight"), "weight", "g", "Sum."),
                Total(name("price"), "cents", "eur", "Sum.", per=100),
                Mean(name("mean"), "weight", "g", "Mean."),
            )
        ),
        moments,
    )
    rated = st.builds(
        Windowed,
        st.just("rated"),
        st.sampled_from(KEYS[:4]),
        spans,
        st.just((Mean(name("mean"), "weight", "g", "Mean."),)),
        moments,
    )
    rates = st.builds(
        Rates,
        st.just(name("rate") + "_{days}d"),
        st.just("parcels"),
        st.sampled_from(["broken", "heavy"]),
        keys,
        st.sampled_from([(1,), (1, 2), (2, 1)]),
        st.sampled_from([(0, 1), (2, 20), (3, 3)]),
        st.just("In {days} days."),
        moments,
    )
    values = (
        Value(name("weight"), "weight", pl.Int32(), "g", "Weight."),
        Value(name("price"), "price", pl.Float64(), "eur", "Price."),
        Value(name("rating"), "rating", pl.Int32(), "1", "Rating, once given."),
        Value(name("heavy"), "heavy", pl.Boolean(), "1", "Heavy."),
        Age(name("age"), "due_at", "Age."),
        Derived(
            name("slack"),
            ("due_at", "weight"),
            (pl.col("event_at") - pl.col("due_at")).dt.total_minutes() + pl.col("weight"),
            pl.Int64(),
            "1",
            "Derived.",
        ),
    )
    newest = st.builds(
        lambda kind, by, within, age: kind(
            "parcels", by, within, values, max_age=age, dated=None if age is None else "due_at"
        ),
        st.sampled_from([Newest, Previous]),
        keys,
        spans,
        st.sampled_from([None, HOUR, 90 * TICK, DAY]),
    )
    awaited = st.builds(
        lambda by, at_most: Awaited(
            name("late"), "awaited", by, "due_at", at_most, "1", "late parcels", "they were due"
        ),
        keys,
        spans,
    )
    around = st.builds(
        lambda by, before, after: Around(name("near"), "plan", (*by, "day"), before, after, "1", "Due around."),
        st.sampled_from([(), ("shop",), ("number", "far")]),
        st.sampled_from([timedelta(0), HOUR, DAY]),
        st.sampled_from([timedelta(0), HOUR, 2 * DAY]),
    )
    known = st.just(
        Known(
            "plan",
            (
                Own(name("shop"), pl.String(), "1", "Shop.", pl.col("shop")),
                Own(name("odd"), pl.Boolean(), "1", "Odd.", pl.col("odd")),
                Own(name("weekday"), pl.Int8(), "1", "Weekday.", pl.col("day").dt.weekday()),
            ),
        )
    )
    return st.one_of(window, rated, rates, newest, awaited, around, known)


shops = st.sampled_from(["A", "B", "", None])
numbers = st.sampled_from([0, 1, 7, None])
far = st.sampled_from([-(2**62), 0, 2**62, 12, None])
ticks = st.sampled_from([timedelta(0), TICK, -TICK, 17 * timedelta(minutes=1)])


def _inputs(draw: st.DrawFn, zone: str, days: tuple[date, date], lead: timedelta) -> dict[str, pl.DataFrame]:
    local = ZoneInfo(zone)
    names = [f"o{number}" for number in range(draw(st.integers(0, 6) | st.integers(3, 6)))]
    orders: list[dict[str, Any]] = []
    for order in names:
        decided = _instant(draw, days[0], days[1], local)
        orders.append(
            {
                "order": order,
                "shop": draw(shops),
                "number": draw(numbers),
                "far": draw(far),
                "courier": draw(st.sampled_from(["x", "y", None])),
                "due_at": decided + lead,
                "day": _day(decided, local, eve=draw(st.booleans())),
            }
        )
    parcels: list[dict[str, Any]] = []
    for row in range(draw(st.integers(0, 14))):
        sent_at = _instant(draw, days[0] - 8 * DAY, days[1] + DAY, local)
        parcels.append(
            {
                "shop": draw(shops),
                "number": draw(numbers),
                "far": draw(far),
                "order": draw(st.sampled_from([*names, "gone", None])),
                "weight": draw(st.integers(-3, 5) | st.none()),
                "broken": draw(st.booleans() | st.none()),
                "price": draw(st.sampled_from([None, 0.1, 2.5, -7.0])),
                "due_at": sent_at + draw(st.sampled_from([-30, -3, -1, 0, 1, 50])) * HOUR + draw(ticks),
                "sent_at": sent_at,
                "rating": draw(st.integers(1, 5) | st.none()),
                "rated_at": None
                if (hours := draw(st.none() | st.integers(-2, 60))) is None
                else sent_at + hours * HOUR,
                "row": row,
                "day": sent_at.astimezone(local).date() - draw(st.sampled_from([0, 0, 0, 1, 2, 3, 4, -1])) * DAY,
            }
        )
    keys: dict[str, Any] = {"shop": pl.String, "number": pl.Int16, "far": pl.Int64, "due_at": INSTANT, "day": pl.Date}
    return {
        "t/orders": pl.DataFrame(orders, schema={"order": pl.String, "courier": pl.String, **keys}),
        "t/parcels": pl.DataFrame(
            parcels,
            schema={
                "order": pl.String,
                "weight": pl.Int32,
                "broken": pl.Boolean,
                "price": pl.Float64,
                "sent_at": INSTANT,
                "rating": pl.Int32,
                "rated_at": INSTANT,
                "row": pl.UInt32,
                **keys,
            },
        ),
    }


def _day(decided: datetime, local: ZoneInfo, *, eve: bool) -> date:
    """Give the day on which an instant lies, or the day after it where that begins within 24 hours."""
    day = decided.astimezone(local).date()
    next_midnight = datetime.combine(day + DAY, datetime.min.time(), local).astimezone(UTC)
    return day + DAY if eve and next_midnight - decided <= DAY else day


def _instant(draw: st.DrawFn, first: date, last: date, local: ZoneInfo) -> datetime:
    """Draw an instant, often on a full hour or at midnight, so that bounds and ties are met."""
    day = first + draw(st.integers(0, (last - first).days)) * DAY
    midnight = datetime.combine(day, datetime.min.time(), local).astimezone(UTC)
    return midnight + draw(st.integers(0, 23)) * HOUR + draw(ticks)
