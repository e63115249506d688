"""Drift of the real features, through the real engine: a storm, a feed that ended, and what each may hold back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner, Result

import agentic_assets.domains
from agentic_assets.cli import cli
from agentic_assets.domains.departures import domain, graph
from agentic_assets.domains.departures.feature_sets import WATCHED
from agentic_assets.evidence import Domain
from agentic_assets.features.drift import DRIFT, INCIDENT, STEADY, UNJUDGED
from agentic_assets.features.drift.settings import Severity
from agentic_assets.home import Home
from agentic_assets.orchestration import definitions_of, open_instance, run_load
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.pipeline import Cut, Engine, PartitionResult, State

pytestmark = pytest.mark.slow

FEATURES, ASSET, PROPOSALS = "features/departure_delay", "features/departure_delay_drift", "proposals/turnaround"
MORNINGS = "features/station_morning_drift"
STORM, AFTER, LAST_WEATHER, NO_WEATHER = "2013-02-08", "2013-02-09", "2013-12-30", "2013-12-31"


def days() -> tuple[str, ...]:
    """Three weeks, without which nothing is judged, up to the storm; and again up to the end of the weather."""
    calendar = domain().graph.calendar
    return (
        *calendar.days(date(2013, 1, 15), date(2013, 2, 9)),
        *calendar.days(date(2013, 12, 6), date(2013, 12, 31)),
    )


def assets_of(made: Domain) -> dict[dg.AssetKey, dg.AssetsDefinition]:
    """Give the assets of a domain that can be made, by key."""
    found = [one for one in definitions_of(made).assets or () if isinstance(one, dg.AssetsDefinition)]
    return {key: one for one in found for key in one.keys}


def with_policy(*, drift: Severity = "warning", incident: Severity = "warning") -> Domain:
    """Give the domain with other severities than its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(graph, "WATCHED", replace(WATCHED, drift=drift, incident=incident))
        return domain()


@dataclass(frozen=True)
class Watched:
    """A home in which the features of some weeks are published and judged, with warnings only."""

    home: Home
    rows: pl.DataFrame

    def verdict(self, day: str) -> str:
        [verdict] = self.rows.filter(pl.col("day") == date.fromisoformat(day)).get_column("verdict").unique()
        return str(verdict)

    def reason(self, day: str) -> str:
        [reason] = self.rows.filter(pl.col("day") == date.fromisoformat(day)).get_column("reason").unique()
        return str(reason)

    def statistic(self, day: str, feature: str, measure: str = "psi") -> Mapping[str, Any]:
        chosen = {"feature": feature, "measure": measure}
        return self.rows.filter(pl.col("day") == date.fromisoformat(day)).row(
            by_predicate=pl.all_horizontal(pl.col(name) == value for name, value in chosen.items()), named=True
        )

    def make(self, made: Domain, only: Mapping[str, Sequence[str]], *, refresh: bool = False) -> list[PartitionResult]:
        """Make some partitions; give what became of those of the last asset named."""
        outcome = run_load(made, self.home, only=only, refresh=refresh).outcome
        return list(outcome.results[list(only)[-1]])

    def propose(self, made: Domain, *names: str) -> dict[str, PartitionResult]:
        """Judge days again under a policy, then let an agent propose on them, which reads these features alone."""
        return {result.partition: result for result in self.make(made, {ASSET: names, PROPOSALS: names})}

    def check(self, day: str) -> dg.AssetCheckEvaluation:
        """Give the newest verdict on a day as Dagster keeps it."""
        with open_instance(self.home) as instance:
            key = dg.AssetCheckKey(asset_key(ASSET), "drift")
            records = instance.event_log_storage.get_asset_check_execution_history(key, limit=200)
        events = [record.event.dagster_event for record in records if record.event]
        found = [event.event_specific_data for event in events if event]
        return next(one for one in found if isinstance(one, dg.AssetCheckEvaluation) and one.partition == day)

    def agentic(self, made: Domain, *arguments: str) -> Result:
        """Run the command in this process, on a domain with a policy of its own."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(agentic_assets.domains, "load_domain", lambda name: made)
            environ = {"AGENTIC_HOME": str(self.home.root), "AGENTIC_USER": "ada"}
            return CliRunner().invoke(cli, list(arguments), env=environ)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    made, home = domain(), Home.at(tmp_path_factory.mktemp("home"))
    whole = [node.asset for node in made.graph.nodes if node.cut is Cut.STATIC and node.asset != "quality/data_docs"]
    daily = ["sources/schedule", "sources/movements", "sources/weather"]
    judges = [f"quality/{asset.rpartition('/')[2]}" for asset in daily]
    only = dict.fromkeys(whole, ("",)) | dict.fromkeys([*daily, *judges, FEATURES, ASSET], days())
    only |= dict.fromkeys(["sources/mornings", "features/station_morning", MORNINGS], days())
    assert run_load(made, home, only=only).outcome.complete
    engine = Engine(made.graph, home)
    try:
        entries = engine.entries(ASSET)
        rows = engine.lake.open(ASSET).scan_files([entry.file for entry in entries.values()]).collect()
    finally:
        engine.store.close()
    return Watched(home, rows)


def test_the_february_storm_is_drift_and_its_cancellations_say_so(watched: Watched) -> None:
    for day in (STORM, AFTER):
        assert watched.verdict(day) == DRIFT
        assert "`origin_cancelled_2h` is" in watched.reason(day)
        assert watched.statistic(day, "origin_cancelled_2h", "mean")["times"] > 2


def test_the_end_of_the_weather_is_an_incident_that_names_its_view_and_no_drift(watched: Watched) -> None:
    assert watched.verdict(NO_WEATHER) == INCIDENT
    assert watched.reason(NO_WEATHER).startswith("view weather stopped: its newest fact is older than on any day")
    assert "operations as usual" in watched.reason(NO_WEATHER)
    assert watched.statistic(NO_WEATHER, "weather_known_at", "age")["times"] > 100


def test_no_other_day_is_an_incident_and_most_judged_days_are_steady(watched: Watched) -> None:
    by_day = watched.rows.unique("day")
    assert by_day.filter(pl.col("verdict") == INCIDENT).get_column("day").to_list() == [date(2013, 12, 31)]
    judged = by_day.filter(pl.col("verdict") != UNJUDGED)
    assert judged.filter(pl.col("verdict") == STEADY).height > 0.5 * judged.height


def test_of_three_rows_a_day_the_end_of_the_weather_is_told_too_and_a_wet_day_is_none(watched: Watched) -> None:
    engine = Engine(domain().graph, watched.home)
    try:
        files = [entry.file for entry in engine.entries(MORNINGS).values()]
        rows = engine.lake.open(MORNINGS).scan_files(files).select("day", "verdict").unique().collect()
    finally:
        engine.store.close()
    verdicts = dict(rows.iter_rows())
    assert [str(day) for day, verdict in verdicts.items() if verdict == INCIDENT] == [NO_WEATHER]
    assert verdicts[date.fromisoformat(AFTER)] == DRIFT  # at five in the morning the day before is what is known


def test_a_day_judged_again_alone_gives_the_same_bytes(watched: Watched) -> None:
    made = domain()
    engine = Engine(made.graph, watched.home)
    before = engine.entries(ASSET)[STORM].data_version
    engine.store.close()
    [again] = watched.make(made, {ASSET: [STORM]}, refresh=True)
    assert again.entry is not None
    assert again.entry.data_version == before


def test_a_verdict_that_warns_holds_nothing_and_dagster_shows_a_warning(watched: Watched) -> None:
    assert (WATCHED.drift, WATCHED.incident) == ("warning", "warning")
    proposed = watched.propose(domain(), STORM, NO_WEATHER)
    assert [result.stands for result in proposed.values()] == [True, True]
    found = watched.check(NO_WEATHER)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    listed = json.loads(watched.agentic(domain(), "quality", "list", "--asset", FEATURES, "--json").stdout)
    states = {one["partition"]: one["state"] for one in listed["partitions"] if one["judge"] == ASSET}
    assert (states[STORM], states[NO_WEATHER]) == ("warned", "warned")


def test_an_incident_of_severity_error_holds_that_day_until_a_person_accepts_it(watched: Watched) -> None:
    made = with_policy(incident="error")
    proposed = watched.propose(made, STORM, LAST_WEATHER, NO_WEATHER)
    states = {day: result.state for day, result in proposed.items()}
    assert states[NO_WEATHER] is State.BLOCKED
    assert State.BLOCKED not in (states[STORM], states[LAST_WEATHER])
    message = proposed[NO_WEATHER].message
    assert f"{FEATURES} {NO_WEATHER} is held by {ASSET}: incident: view weather stopped" in message
    assert f"agentic quality accept {FEATURES} {NO_WEATHER}" in message
    found = watched.check(NO_WEATHER)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)

    listed = json.loads(watched.agentic(made, "quality", "list", "--held", "--json").stdout)
    assert [(one["asset"], one["partition"]) for one in listed["partitions"]] == [(FEATURES, NO_WEATHER)]
    shown = watched.agentic(made, "quality", "show", FEATURES, NO_WEATHER).stdout
    assert f"held, by {ASSET}" in " ".join(shown.split())
    assert "weather_known_at" in shown
    said = ("--by", "kim", "--reason", "the feed is known to end here")
    accepted = watched.agentic(made, "quality", "accept", FEATURES, NO_WEATHER, *said, "--json")
    assert accepted.exit_code == 0, accepted.stderr
    assert json.loads(accepted.stdout)["verdict"].startswith("incident: view weather stopped")

    assert watched.propose(made, NO_WEATHER)[NO_WEATHER].stands
    found = watched.check(NO_WEATHER)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "accepted by kim" in str(found.description)
    shown = json.loads(watched.agentic(made, "quality", "show", FEATURES, NO_WEATHER, "--json").stdout)
    assert (shown["state"], shown["acceptance"]["identity"]) == ("accepted", "kim")


def test_drift_of_severity_error_holds_the_storm(watched: Watched) -> None:
    made = with_policy(drift="error")
    proposed = watched.propose(made, STORM, LAST_WEATHER)
    assert {day: result.stands for day, result in proposed.items()} == {STORM: False, LAST_WEATHER: True}
    assert f"{FEATURES} {STORM} is held by {ASSET}: drift: `origin_late_2h` is" in proposed[STORM].message


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_in_dagster_proposals_stand_behind_a_verdict_that_may_hold(severity: Severity) -> None:
    assets = assets_of(with_policy(incident=severity))
    [check] = [spec for spec in assets[asset_key(ASSET)].check_specs if spec.name == "drift"]
    behind = asset_key(ASSET) in {dep.asset_key for spec in assets[asset_key(PROPOSALS)].specs for dep in spec.deps}
    assert (check.blocking, behind) == (severity == "error", severity == "error")


def test_each_materialization_carries_a_picture_that_says_what_it_shows(watched: Watched) -> None:
    with open_instance(watched.home) as instance:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=asset_key(ASSET), asset_partitions=[NO_WEATHER]), limit=1
        ).records
    [event] = [record.event_log_entry.asset_materialization for record in records]
    assert event is not None
    content = event.metadata["last_days"].value
    assert isinstance(content, str)
    drawn = base64.b64decode(content.partition("base64,")[2].rstrip(")")).decode()
    root = ElementTree.fromstring(drawn)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert f"{NO_WEATHER} is an incident" in str(title.text)
    assert "<script" not in drawn
