"""Bad deliveries and bad questions, as tables: each is refused with what to do next, or gives what is stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from agentic_assets.errors import AgenticError
from agentic_assets.features import Declared, Entities, FeatureSet, Source, feature_set
from agentic_assets.features.kinds import TODAY, Count, CountIf, Mean, Newest, Rates, Value, Windowed
from agentic_assets.features.retrieval import retrieve
from agentic_assets.versions import of_frame

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
FALL, SPRING = date(2013, 11, 3), date(2013, 3, 10)  # of 25 hours, 01:00 to 02:00 twice; of 23 hours, no 02:00 to 03:00
INSTANT = pl.Datetime("us", "UTC")
LOCAL = pl.Datetime("us")
Changes = Mapping[str, Any]
Change = Callable[[pl.DataFrame], Any]


CALL_COLUMNS = ("call", "stand", "called_at", "people", "urgent")
SEEN = (
    Windowed("calls", ("stand",), TODAY, (Count("calls_today", "calls", "Today."),)),
    Windowed(
        "calls",
        ("stand",),
        2 * HOUR,
        (Mean("people_2h", "people", "people", "Mean."), CountIf("urgent_2h", "urgent", "calls", "Urgent.")),
    ),
    Rates("urgent_{days}d", "calls", "urgent", ("stand",), (2,), (1, 10), "In {days} days."),
    Newest("calls", ("stand",), 5 * HOUR, (Value("last_people", "people", pl.Int32(), "people", "Of the last."),)),
)


def the_set(
    rides: Mapping[str, Any] = MappingProxyType({}), calls: Mapping[str, Any] = MappingProxyType({})
) -> FeatureSet:
    """Rides from a taxi stand, each decided an hour before it begins, over the calls that came in."""
    entities = Entities("taxi/rides", "ride", "begins_at", HOUR, columns=("stand",))
    source = Source("calls", "taxi/calls", "called_at", CALL_COLUMNS, tie=("call",))
    return feature_set(
        name="rides",
        version="1.0.0",
        description="Rides from a stand.",
        entities=replace(entities, **rides),
        sources=(replace(source, **calls),),
        views=(Declared("calls", SEEN),),
        zone="America/New_York",
        lookback=5,
        reach=3,
    )


def rides_on(day: date) -> pl.DataFrame:
    """Give a ride for each hour of the day, at stand A, B and C in turn."""
    first = datetime.combine(day, datetime.min.time(), NEW_YORK).astimezone(UTC)
    last = datetime.combine(day + timedelta(days=1), datetime.min.time(), NEW_YORK).astimezone(UTC)
    hours = (last - first) // HOUR
    return pl.DataFrame(
        [(f"{day}/{n:02d}", "ABC"[n % 3], first + n * HOUR, day) for n in range(hours)],
        schema={"ride": pl.String, "stand": pl.String, "begins_at": INSTANT, "day": pl.Date},
        orient="row",
    )


def calls_before(day: date) -> pl.DataFrame:
    """Give a call every 25 minutes of the day and the two before it."""
    first = datetime.combine(day - timedelta(days=2), datetime.min.time(), NEW_YORK).astimezone(UTC)
    made = [(n, "AB"[n % 2], first + n * timedelta(minutes=25), n % 5, n % 7 == 0) for n in range(170)]
    return pl.DataFrame(
        [(*call, call[2].astimezone(NEW_YORK).date()) for call in made],
        schema={
            "call": pl.Int64,
            "stand": pl.String,
            "called_at": INSTANT,
            "people": pl.Int32,
            "urgent": pl.Boolean,
            "day": pl.Date,
        },
        orient="row",
    )


RIDES, CALLS = rides_on(FALL), calls_before(FALL)
INPUTS = {"taxi/rides": RIDES, "taxi/calls": CALLS}
ASKED = RIDES.select("ride").gather([3, 20, 7])


def built(definition: FeatureSet | None = None, /, **inputs: Any) -> pl.DataFrame:
    return (definition or the_set()).compute({**INPUTS, **inputs}, (FALL, FALL))


def got(asked: Any = ASKED, definition: FeatureSet | None = None, /, **inputs: Any) -> pl.DataFrame:
    return retrieve(definition or the_set(), {**INPUTS, **inputs}, asked)


def refusal(call: Callable[[], object]) -> AgenticError:
    """Give the error of a call: one that people can read, with what to do next, of a bounded length."""
    with pytest.raises(AgenticError) as raised:
        call()
    error = raised.value
    assert error.hint
    assert len(str(error)) < 700
    assert "Error" not in str(error)
    return error


col = pl.col


def without(name: str) -> Change:
    return lambda table: table.drop(name)


def as_type(name: str, dtype: Any) -> Change:
    return lambda table: table.with_columns(col(name).cast(dtype))


# What is wrong with a table: (table, change, words of the error)
DELIVERIES: dict[str, tuple[str, Change, str]] = {
    "the rides have no key": (
        "rides",
        without("ride"),
        "taxi/rides lacks `ride`, which feature set rides",
    ),
    "the rides have no moment": ("rides", without("begins_at"), "taxi/rides lacks `begins_at`"),
    "the rides have no day": ("rides", without("day"), "taxi/rides lacks `day`"),
    "the rides lack a column": ("rides", without("stand"), "taxi/rides lacks `stand`"),
    "a table without columns": ("rides", lambda t: pl.DataFrame(), "lacks `ride`, `day`, `begins_at`, `stand`"),
    "a plan that is not collected": ("rides", lambda t: t.lazy(), "the input taxi/rides is a polars LazyFrame"),
    "rows of dicts": ("calls", lambda t: t.to_dicts(), "the input taxi/calls is a builtins list"),
    "a key that is a number": (
        "rides",
        lambda t: t.with_columns(ride=1),
        "`ride` of taxi/rides is Int32",
    ),
    "a ride twice": ("rides", lambda t: pl.concat([t, t]), "rows of taxi/rides share a `ride`"),
    "a moment as text": (
        "rides",
        as_type("begins_at", pl.String),
        "`begins_at` of taxi/rides",
    ),
    "a moment without zone": (
        "rides",
        as_type("begins_at", LOCAL),
        "cannot say when to decide",
    ),
    "a moment in local time": (
        "rides",
        lambda t: t.with_columns(col("begins_at").dt.convert_time_zone("America/New_York")),
        "is Datetime.*America/New_York.*, so it cannot say when to decide",
    ),
    "a day as text": ("rides", as_type("day", pl.String), "`day` of taxi/rides is String"),
    "a day left empty": ("calls", lambda t: t.with_columns(day=None), "`day` of taxi/calls is Null"),
    "some days left empty": (
        "calls",
        lambda t: t.with_columns(day=pl.when(col("call") > 9).then("day")),
        "10 of 170 rows of taxi/calls have no `day`",
    ),
    "the calls do not say when": ("calls", without("called_at"), "taxi/calls lacks `called_at`"),
    "calls lack a column": ("calls", without("people"), "taxi/calls lacks `people`"),
    "calls at an empty instant": (
        "calls",
        lambda t: t.with_columns(called_at=pl.when(col("call") != 99).then("called_at")),
        "1 of 170 rows of taxi/calls have no `called_at`: when were they known",
    ),
    "calls at a local time": (
        "calls",
        as_type("called_at", LOCAL),
        "cannot say when a fact",
    ),
    "calls at a text": ("calls", as_type("called_at", pl.String), "is String, so it cannot"),
    "calls at a day": ("calls", as_type("called_at", pl.Date), "is Date, so it cannot say"),
    "a sum of text": ("calls", as_type("people", pl.String), "`people` of source 'calls'"),
    "a sum of doubles": (
        "calls",
        as_type("people", pl.Float64),
        "over integers and Booleans",
    ),
    "a rate of numbers": (
        "calls",
        as_type("urgent", pl.Int8),
        "count where a Boolean",
    ),
    "keys of two types": ("calls", lambda t: t.with_columns(stand=7), "key `stand` is Int32 in source 'calls'"),
    "a key that is a double": (
        "rides",
        lambda t: t.with_columns(stand=1.5),
        "keys are text, integers, dates",
    ),
    "a call twice, and nothing orders them": (
        "calls",
        lambda t: pl.concat([t, t]),
        "facts of source 'calls' .* share stand and the instant .* which of them is the newest is undefined",
    ),
}


@pytest.mark.parametrize("what", DELIVERIES)
def test_a_bad_delivery_is_refused_by_a_build_and_by_retrieval_alike(what: str) -> None:
    table, change, said = DELIVERIES[what]
    bad = {f"taxi/{table}": change(INPUTS[f"taxi/{table}"])}
    for call in (lambda: built(**bad), lambda: got(**bad)):
        assert pl.Series([refusal(call).what]).str.contains(said).item(), refusal(call).what


def test_a_table_that_is_not_there_is_named() -> None:
    inputs = {"taxi/rides": RIDES}
    for call in (lambda: the_set().compute(inputs, (FALL, FALL)), lambda: retrieve(the_set(), inputs, ASKED)):
        assert "reads taxi/calls, which is not among its inputs" in refusal(call).what


@pytest.mark.parametrize("days", [("2013-11-03", "2013-11-03"), (datetime(2013, 11, 3), FALL), (FALL, SPRING)])  # noqa: DTZ001
def test_a_range_of_days_that_is_none_is_refused(days: Any) -> None:
    assert "range" in refusal(lambda: the_set().compute(INPUTS, days)).what


def shuffled(table: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([table[1::2].reverse(), table[::2]])


# What looks bad and is not: (table, change, what it gives beside the good delivery)
STATED: dict[str, tuple[str, Change, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "unsorted calls give the same bytes": ("calls", shuffled, lambda good: good),
    "unsorted rides give the same bytes": ("rides", shuffled, lambda good: good),
    "columns that nobody declared change nothing": ("calls", lambda t: t.with_columns(x=1), lambda good: good),
    "a call at an empty stand belongs to no stand": (
        "calls",
        lambda t: pl.concat([t, t.with_columns(stand=pl.lit(None, pl.String))]),
        lambda good: good,
    ),
    "a ride from an empty stand has no calls": (
        "rides",
        lambda t: t.with_columns(stand=pl.when(col("stand") != "A").then("stand")),
        lambda good: good.with_columns(
            pl.when(stand_of(good) != "A").then(name).otherwise(empty(good, name)).alias(name) for name in NOTHING
        ),
    ),
    "no calls at all are counted as none": (
        "calls",
        lambda t: t.clear(),
        lambda good: good.with_columns(
            pl.lit(nothing, good.schema[name]).alias(name) for name, nothing in NOTHING.items()
        ),
    ),
    "a call that is known only after every decision changes nothing": (
        "calls",
        lambda t: pl.concat([t, t.with_columns(called_at=pl.lit(datetime(2013, 11, 5, tzinfo=UTC), INSTANT))]),
        lambda good: good,
    ),
    "calls of days before the lookback change nothing": (
        "calls",
        lambda t: pl.concat([t, t.with_columns(col("day") - timedelta(days=9))]),
        lambda good: good,
    ),
    "values that are empty are left out of a mean, and the newest fact stays the newest": (
        "calls",
        lambda t: t.with_columns(people=pl.lit(None, pl.Int32)),
        lambda good: good.with_columns(people_2h=pl.lit(None, pl.Float64), last_people=pl.lit(None, pl.Int32)),
    ),
}
NOTHING: dict[str, Any] = {
    "calls_today": 0,
    "people_2h": None,
    "urgent_2h": 0,
    "urgent_2d": 0.1,
    "last_people": None,
    "calls_known_at": None,
}


def empty(made: pl.DataFrame, name: str) -> pl.Expr:
    return pl.lit(NOTHING[name], made.schema[name])


def stand_of(made: pl.DataFrame) -> pl.Expr:
    return col("ride").replace_strict(RIDES.get_column("ride"), RIDES.get_column("stand"))


@pytest.mark.parametrize("what", STATED)
def test_a_delivery_that_only_looks_bad_gives_what_is_stated(what: str) -> None:
    table, change, states = STATED[what]
    given = {f"taxi/{table}": change(INPUTS[f"taxi/{table}"])}
    assert of_frame(built(**given)) == of_frame(states(built()))
    expected = ASKED.join(states(built()), on="ride", how="left", maintain_order="left")
    assert of_frame(got(**given).select(expected.columns)) == of_frame(expected)


def test_a_call_delivered_twice_is_counted_twice_until_its_contract_makes_it_unique() -> None:
    twice = pl.concat([CALLS, CALLS.with_columns(col("call") + 1_000)])
    good, made = built(), built(**{"taxi/calls": twice})
    assert made.get_column("calls_today").to_list() == [2 * n for n in good.get_column("calls_today")]
    assert made.get_column("people_2h").equals(good.get_column("people_2h"))
    assert made.get_column("last_people").equals(good.get_column("last_people"))


def test_a_call_that_arrives_late_is_seen_from_its_arrival_on_and_by_nobody_who_decided_before() -> None:
    ride = f"{FALL}/20"
    moment = RIDES.filter(col("ride") == ride).item(0, "begins_at")
    late = CALLS.head(1).with_columns(
        stand=pl.lit("C"), called_at=pl.lit(moment - 3 * HOUR, INSTANT), day=pl.lit(FALL - timedelta(days=1))
    )
    asked = pl.DataFrame({"ride": [ride] * 3, "decided_at": [moment - n * HOUR for n in (4, 3, 2)]})
    seen = got(asked, **{"taxi/calls": pl.concat([CALLS, late])})
    assert seen.get_column("calls_today").to_list() == [0, 1, 1]
    assert seen.get_column("calls_known_at").to_list() == [None, moment - 3 * HOUR, moment - 3 * HOUR]


def test_a_call_that_arrives_too_late_for_a_day_built_alone_is_left_out_of_every_build() -> None:
    """Later than `lookback - reach` days after its own day began."""
    first = datetime.combine(FALL - timedelta(days=2), datetime.min.time(), NEW_YORK).astimezone(UTC)
    counts = []
    for arrives in (first + timedelta(days=2) - HOUR, first + timedelta(days=2) + HOUR):
        late = CALLS.head(1).with_columns(stand=pl.lit("C"), called_at=pl.lit(arrives, INSTANT))
        made = built(the_set(), **{"taxi/calls": late})
        counts.append(made.get_column("urgent_2d").max())
    assert counts == [2 / 11, 1 / 10]


LOCAL_TIMES: dict[str, tuple[datetime, str]] = {
    "a local time that comes twice on 3 November": (datetime(2013, 11, 3, 1, 30), "is ambiguous"),  # noqa: DTZ001
    "a local time that 10 March does not have": (datetime(2013, 3, 10, 2, 30), "is non-existent"),  # noqa: DTZ001
}


@pytest.mark.parametrize("what", LOCAL_TIMES)
@pytest.mark.parametrize("table", ["rides", "calls"])
def test_local_times_that_are_no_instant_are_named_where_a_set_would_derive_one(what: str, table: str) -> None:
    local, said = LOCAL_TIMES[what]
    derive = {"at": col("local").dt.replace_time_zone("America/New_York")}
    definition = (
        the_set(rides={"columns": ("stand", "local"), "derive": derive})
        if table == "rides"
        else the_set(calls={"columns": (*CALL_COLUMNS, "local"), "derive": derive})
    )
    changed = {f"taxi/{table}": INPUTS[f"taxi/{table}"].with_columns(local=pl.lit(local))}
    for call in (lambda: built(definition, **changed), lambda: got(ASKED, definition, **changed)):
        error = refusal(call)
        assert f"datetime '{local}' {said} in time zone 'America/New_York'" in error.what
        assert f"taxi/{table}" in error.what or "the entities asked about" in error.what


def test_both_half_past_ones_of_3_november_are_moments_of_their_own() -> None:
    """At 01:30 summer time and an hour later at 01:30 winter time, other calls are known."""
    both = [datetime(2013, 11, 3, 1, 30, fold=fold, tzinfo=NEW_YORK).astimezone(UTC) for fold in (0, 1)]
    asked = pl.DataFrame({"ride": [f"{FALL}/03"] * 2, "decided_at": both})
    local = asked.with_columns(col("decided_at").dt.convert_time_zone("America/New_York"))
    made = got(local)
    assert made.get_column("decided_at").dt.epoch("s").diff().to_list() == [None, 3600]
    assert made.get_column("calls_known_at").n_unique() == 2
    assert of_frame(got(asked).drop("decided_at")) == of_frame(made.drop("decided_at"))


@pytest.mark.parametrize(("day", "hours"), [(FALL, 25), (SPRING, 23)])
def test_a_day_on_which_clocks_change_counts_from_its_first_to_its_last_hour(day: date, hours: int) -> None:
    rides = rides_on(day).with_columns(stand=pl.lit("A"))
    calls = calls_before(day).with_columns(stand=pl.lit("A"))
    made = the_set().compute({"taxi/rides": rides, "taxi/calls": calls}, (day, day))
    today = calls.filter(col("day") == day).get_column("called_at")
    assert made.height == hours
    assert made.get_column("calls_today").to_list() == [
        (today <= moment).sum() for moment in made.get_column("decided_at")
    ]


NOW = datetime(2013, 11, 3, 12, tzinfo=UTC)
KEY = ASKED.item(0, "ride")

# What is asked: (rows, words of the error)
QUESTIONS: dict[str, tuple[Any, str]] = {
    "a plan that is not collected": (ASKED.lazy(), "what is asked about is a polars LazyFrame"),
    "a list of keys": ([KEY], "what is asked about is a builtins list"),
    "no columns": (pl.DataFrame(), "named by `ride`, which is not among the columns .there are none."),
    "another key": (pl.DataFrame({"id": [KEY]}), "named by `ride`, which is not among the columns `id`"),
    "an empty key": (pl.DataFrame({"ride": [KEY, None]}), "1 of 2 rows name no entity, e.g. row 2"),
    "a list as key": (pl.DataFrame({"ride": [[KEY]]}), "`ride` is List.String., which names no entity"),
    "a double as key": (pl.DataFrame({"ride": [1.5]}), "`ride` is Float64, which names no entity"),
    "an unknown ride": (pl.DataFrame({"ride": [KEY, "x"]}), "1 of 2 entities are not in taxi/rides, e.g. 'x'"),
    "a number as key": (pl.DataFrame({"ride": [7]}), "1 of 1 entities are not in taxi/rides, e.g. '7'"),
    "a local moment": (pl.DataFrame({"ride": [KEY], "decided_at": [NOW.replace(tzinfo=None)]}), "in which time zone"),
    "a moment as text": (pl.DataFrame({"ride": [KEY], "decided_at": [str(NOW)]}), "`decided_at` is String"),
    "a day as moment": (pl.DataFrame({"ride": [KEY], "decided_at": [FALL]}), "`decided_at` is Date"),
    "a moment of next year": (
        pl.DataFrame({"ride": [KEY, KEY], "decided_at": [NOW, NOW + timedelta(days=400)]}),
        "1 of 2 rows ask as of a moment .* e.g. '2013-11-03/03' of 2013-11-03 at 2014-12-08T12:00Z",
    ),
    "columns named as features": (
        ASKED.with_columns(calls_today=1, calls_known_at=2),
        "`calls_today`, `calls_known_at`",
    ),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_question_that_cannot_be_meant_is_refused(what: str) -> None:
    asked, said = QUESTIONS[what]
    error = refusal(lambda: got(asked))
    assert pl.Series([error.what]).str.contains(said).item(), error.what


# What is asked, and rows of ASKED whose features come out
ANSWERED: dict[str, tuple[pl.DataFrame, list[int]]] = {
    "no rows": (ASKED.clear(), []),
    "no rows of no type": (pl.DataFrame({"ride": []}), []),
    "a ride three times, one row out for each": (ASKED[[1, 0, 1, 1]], [1, 0, 1, 1]),
    "a moment left empty is the ride's own": (ASKED.with_columns(decided_at=pl.lit(None, INSTANT)), [0, 1, 2]),
    "an empty column of moments": (ASKED.with_columns(decided_at=None), [0, 1, 2]),
    "a key of few values": (ASKED.with_columns(col("ride").cast(pl.Categorical)), [0, 1, 2]),
    "columns of the asker's own": (ASKED.with_columns(label=1, stand=pl.lit("Z"), day=pl.lit("today")), [0, 1, 2]),
}


@pytest.mark.parametrize("what", ANSWERED)
def test_a_question_that_only_looks_bad_is_answered_row_for_row(what: str) -> None:
    asked, rows = ANSWERED[what]
    features = [feature.name for feature in the_set().features]
    made = got(asked)
    assert made.height == asked.height
    assert of_frame(made.select(features)) == of_frame(got()[rows].select(features))
    own = [name for name in asked.columns if name != "decided_at"]
    assert made.select(own).equals(asked.select(own))
