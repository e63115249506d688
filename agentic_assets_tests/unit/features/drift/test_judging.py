"""Days are steady, have drifted, or were fed by broken data: each as it was planted, with the reason in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.definition import Published
from agentic_assets.features.drift import DRIFT, INCIDENT, STEADY, UNJUDGED, Settings, judge
from agentic_assets.features.drift.node import rows_of
from agentic_assets_tests.unit.features.drift.watched import SETTINGS, WATCHED, Day, days, judged, stretch_of, usual

LONG = 60

Change = Callable[[Day], object]


def sky_stops(part: float = 1.0) -> Change:
    def change(day: Day) -> None:
        day.ages["sky"][day.share(part)] += 1_000

    return change


def vanishes(name: str, part: float = 1.0) -> Change:
    def change(day: Day) -> None:
        day.columns[name] = day.columns[name].astype(object)
        day.columns[name][day.share(part)] = None

    return change


def sentinel(name: str, value: float, part: float = 1.0) -> Change:
    def change(day: Day) -> None:
        day.columns[name][day.share(part)] = value

    return change


def storm(day: Day) -> None:
    day.columns["waiting"] *= 6
    day.columns["refused"][day.share(0.6)] = 1
    day.columns["delay"] = np.where(np.arange(day.rows) % 4 == 0, day.columns["delay"] + 90, np.nan)
    day.columns["rain"] += 0.3


def both(*changes: Change) -> Change:
    def change(day: Day) -> None:
        for one in changes:
            one(day)

    return change


def test_a_usual_day_is_steady() -> None:
    assert judged(days(LONG)).verdict == STEADY


def test_days_of_the_same_rows_do_not_diverge_and_are_steady() -> None:
    same = [usual(1) for _ in range(LONG)]
    stretch = stretch_of(same)
    assert np.nanmax(stretch.value[stretch.places("psi", "age")]) < SETTINGS.psi_floor
    assert {judge(WATCHED, stretch, day, SETTINGS).verdict for day in range(30, LONG)} == {STEADY}


def test_few_days_are_not_judged_and_say_what_is_lacking() -> None:
    found = judged(days(12))
    assert found.verdict == UNJUDGED
    assert "of the 7 earlier days" in found.reason


def test_a_day_that_is_not_published_is_not_judged() -> None:
    made = days(LONG)
    made[-1] = None
    assert judged(made).verdict == UNJUDGED


def test_a_feed_that_stops_is_an_incident_that_names_its_view() -> None:
    found = judged(days(LONG, {-1: sky_stops()}))
    assert found.verdict == INCIDENT
    assert found.reason.startswith(
        "view sky stopped: its newest fact is older than on any day of the weeks before in 100 % of the rows"
    )
    assert "operations as usual" in found.reason


def test_a_feed_that_stops_for_some_rows_only_is_an_incident_still() -> None:
    assert judged(days(LONG, {-1: sky_stops(0.3)})).verdict == INCIDENT


def test_a_feed_that_is_late_for_a_few_rows_is_none() -> None:
    assert judged(days(LONG, {-1: sky_stops(0.05)})).verdict == STEADY


def test_a_feature_that_is_suddenly_null_is_an_incident() -> None:
    found = judged(days(LONG, {-1: vanishes("temperature")}))
    assert found.verdict == INCIDENT
    assert "view sky broke: `temperature` null in up to 100 % of the rows, before in at most 0 %" in found.reason


def test_a_word_that_is_suddenly_null_is_one_too() -> None:
    assert judged(days(LONG, {-1: vanishes("wind", 0.5)})).verdict == INCIDENT


def test_what_stays_broken_stays_an_incident_on_the_days_after() -> None:
    made = days(LONG, {number: vanishes("temperature") for number in (-5, -4, -3, -2, -1)})
    assert {judged(made, day=LONG - back).verdict for back in range(1, 6)} == {INCIDENT}


def test_a_sentinel_in_place_of_a_number_is_an_incident() -> None:
    found = judged(days(LONG, {-1: sentinel("temperature", -9_999)}))
    assert found.verdict == INCIDENT
    assert "`temperature` far outside of the weeks before in up to 100 % of the rows" in found.reason


def test_on_a_day_of_few_rows_extremes_are_no_incident() -> None:
    made = days(LONG, {-1: sentinel("rain", 99.0)})
    rows = usual(0).rows
    assert judged(made, replace(SETTINGS, rows=rows)).verdict == INCIDENT
    assert judged(made, replace(SETTINGS, rows=rows + 1)).verdict == STEADY


def test_what_is_known_by_the_calendar_cannot_stop() -> None:
    made = days(LONG, {-1: sky_stops()})
    stretch = stretch_of(made)
    timetable = tuple(
        replace(source, known_at=Published(event="day", before=timedelta(days=1))) if source.name == "sky" else source
        for source in WATCHED.sources
    )
    assert judge(WATCHED, stretch, LONG - 1, SETTINGS).verdict == INCIDENT
    assert judge(replace(WATCHED, sources=timetable), stretch, LONG - 1, SETTINGS).verdict == STEADY


def test_the_coldest_day_so_far_is_weather_and_no_incident() -> None:
    def cold(day: Day) -> None:
        day.columns["temperature"] -= 12

    assert judged(days(LONG, {-1: cold})).verdict == STEADY


def test_a_storm_is_drift_although_values_vanish_in_it() -> None:
    found = judged(days(LONG, {-1: storm}))
    assert found.verdict == DRIFT
    assert "`waiting` is" in found.reason
    assert "`refused` is" in found.reason


def test_a_feed_that_stops_in_a_storm_is_an_incident_and_both_are_told() -> None:
    found = judged(days(LONG, {-1: both(storm, sky_stops())}))
    assert found.verdict == INCIDENT
    assert "view sky stopped" in found.reason
    assert "`waiting` is" in found.reason


def test_where_the_feed_of_the_operations_stops_nobody_claims_that_they_are_as_usual() -> None:
    def stops(day: Day) -> None:
        day.ages["road"] += 1_000

    found = judged(days(LONG, {-1: stops}))
    assert found.verdict == INCIDENT
    assert "what operations are like cannot be seen" in found.reason


def test_a_mean_below_its_usual_range_is_good_news() -> None:
    def quiet(day: Day) -> None:
        day.columns["waiting"][::3] -= np.minimum(day.columns["waiting"][::3], 1)

    found = judged(days(LONG, {-1: quiet}))
    assert "`waiting` is" not in found.reason
    assert found.verdict == STEADY


def test_so_many_moved_distributions_as_declared_are_drift_without_any_mean() -> None:
    def moves(day: Day) -> None:
        day.columns["temperature"] -= 9
        day.columns["rain"] += 0.2
        day.columns["delay"] += 15
        day.columns["wind"] = day.columns["wind"][::-1].copy()
        day.columns["wind"][day.columns["wind"] == "n"] = "s"

    made = days(LONG, {-1: moves})
    assert judged(made).verdict == DRIFT
    assert judged(made, replace(SETTINGS, many=1.0)).verdict == STEADY


def test_a_usual_year_is_steady_on_nearly_all_days() -> None:
    stretch = stretch_of(days(200))
    verdicts = [judge(WATCHED, stretch, day, SETTINGS).verdict for day in range(30, 200)]
    assert INCIDENT not in verdicts
    assert verdicts.count(DRIFT) < 0.15 * len(verdicts)


@settings(derandomize=True, max_examples=12, deadline=None)
@given(st.data())
def test_a_day_judged_alone_has_the_rows_and_the_verdict_that_it_has_within_a_range(data: st.DataObject) -> None:
    many = SETTINGS.back + 12
    made = days(many)
    changes = st.sampled_from([storm, sky_stops(), vanishes("wind"), sentinel("rain", 99.0), sky_stops(0.4)])
    for number in data.draw(st.lists(st.integers(20, many - 1), max_size=5, unique=True)):
        day = made[number]
        assert day is not None
        data.draw(changes)(day)
    for number in data.draw(st.lists(st.integers(0, many - 2), max_size=6)):
        made[number] = None
    number = data.draw(st.integers(many - 6, many - 1))
    ranged = stretch_of(made)
    alone = stretch_of([None] * (number - SETTINGS.back) + made[number - SETTINGS.back : number + 1])
    both_rows = [
        rows_of(
            stretch, [judge(WATCHED, stretch, day, SETTINGS) for day in range(len(stretch.days))], [ranged.days[number]]
        )
        for stretch in (ranged, alone)
    ]
    assert both_rows[0].equals(both_rows[1])


def test_the_order_of_the_rows_of_a_day_changes_nothing() -> None:
    made, turned = days(LONG), days(LONG)
    for day in turned:
        assert day is not None
        for of in (day.columns, day.ages):
            of.update({name: values[::-1] for name, values in of.items()})
    assert stretch_of(made).value.tobytes() == stretch_of(turned).value.tobytes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"least": 0},
        {"least": 61},
        {"reference": 6},
        {"bins": 1},
        {"psi_quantile": 0.0},
        {"mean_quantile": 1.2},
        {"many": 0.0},
        {"burst": 0.5},
        {"psi_floor": 0.0},
        {"rows": 0},
        {"drift": "fatal"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigInvalid, match="drift"):
        Settings(**wrong)  # type: ignore[arg-type]
