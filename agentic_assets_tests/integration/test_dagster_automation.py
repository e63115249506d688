"""What runs by itself: exactly what reads other data or is shaped by another release, and what a tick lost."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_daemon_cursor import AssetDaemonCursor
from dagster_shared.utils.warnings import BetaWarning

from agentic_assets.domains import load_domain
from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration import HomeResource, definitions_of, open_instance
from agentic_assets.orchestration.activating import announce
from agentic_assets.orchestration.automation import observing_sensor
from agentic_assets.orchestration.instance import Materialized, record
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.orchestration.launch import launch
from agentic_assets.orchestration.sweeping import sweep_job
from agentic_assets.pipeline import Cut, External, Manifest, State
from agentic_assets.pipeline.restorations import Restoration, Restorations
from agentic_assets.releases import Makers, Releases
from agentic_assets.store import Store
from agentic_assets_tests.edited import POLICY, edited, order
from agentic_assets_tests.homes import copied
from agentic_assets_tests.integration.deliveries import Deliveries

pytestmark = pytest.mark.slow

FIRST, SECOND = "2013-01-01", "2013-01-02"
POLICED = {"coordination/standby", "decisions/delay_risk", "decisions/turnaround"}
Requested = dict[str, set[str]]


@dataclass
class Automated:
    """A home in which two days ran, whose conditions are asked at one tick after another."""

    home: Home
    domain: Domain
    defs: dg.Definitions
    instance: dg.DagsterInstance
    cursor: AssetDaemonCursor | None = None

    def tick(self) -> Requested:
        """Give what the conditions request; '' stands for an asset without partitions."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BetaWarning)  # of Dagster about itself
            done = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = done.cursor
        found: Requested = {}
        for node in self.domain.graph.nodes:
            key = asset_key(node.asset)
            if done.get_num_requested(key):
                static = node.cut is Cut.STATIC
                found[node.asset] = {""} if static else {str(one) for one in done.get_requested_partitions(key)}
        return found

    def publish(self, asset: str, partition: str | None, version: str) -> None:
        code = self.domain.graph[asset].code_version[:16]
        made = Materialized(asset_key(asset), partition, version, code)
        record(self.instance, run_id="a", job_name="load", step_key="load", materializations=[made])

    def version(self, asset: str, partition: str | None) -> str:
        found = dg.AssetRecordsFilter(asset_key(asset), asset_partitions=[partition] if partition else None)
        [newest] = self.instance.fetch_materializations(found, limit=1).records
        assert newest.asset_materialization is not None
        assert newest.asset_materialization.tags is not None
        return newest.asset_materialization.tags["dagster/data_version"]

    def reading(self, asset: str) -> set[str]:
        return {node.asset for node in self.domain.graph.nodes if asset in {read.asset for read in node.inputs}}


@pytest.fixture(scope="module")
def shared(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Automated]:
    home = Home.at(copied(two_days, tmp_path_factory.mktemp("automated") / "home"))
    working = load_domain("departures")
    store = Store(home.store_url)
    releases = Releases(store, home.keys)
    releases.create(working, author="ada", reason="as it is")
    changed = edited(tmp_path_factory.mktemp("changed"), POLICY)
    releases.create(changed, author="bob", reason="a stricter policy")
    store.close()
    with open_instance(home) as instance:
        yield Automated(home, working, definitions_of(working), instance)


@pytest.fixture
def automated(shared: Automated) -> Automated:
    """Everything is handled when a test begins."""
    if shared.cursor is None:
        assert shared.tick() == {}
    shared.tick()
    return shared


def activate(automated: Automated, number: int, days: tuple[str, ...] | None = None) -> None:
    store = Store(automated.home.store_url)
    order(automated.home, store, number, days)
    store.close()
    announce(automated.domain, automated.home)


def test_what_is_made_again_with_the_same_version_starts_nothing(automated: Automated) -> None:
    automated.publish("sources/schedule", SECOND, automated.version("sources/schedule", SECOND))
    assert automated.tick() == {}


def test_a_corrected_day_of_a_source_starts_exactly_the_days_that_read_it(automated: Automated) -> None:
    automated.publish("sources/movements", SECOND, "late rows")
    requested = automated.tick()
    assert set(requested) == automated.reading("sources/movements")
    days = {asset: parts for asset, parts in requested.items() if automated.domain.graph[asset].cut is Cut.DAY}
    assert days == {asset: {SECOND} for asset in days}
    assert automated.tick() == {}


def test_a_new_release_with_another_policy_starts_exactly_what_it_judges_then_what_rests_on_that(
    automated: Automated,
) -> None:
    activate(automated, 1)
    assert automated.tick() == {}
    activate(automated, 2)
    assert automated.tick() == {asset: {FIRST, SECOND} for asset in POLICED}
    automated.publish("decisions/turnaround", FIRST, "judged by the stricter policy")
    behind = automated.reading("decisions/turnaround")
    assert automated.tick() == {asset: {FIRST} for asset in behind}
    activate(automated, 1)
    automated.tick()


def test_what_was_set_back_to_earlier_bytes_does_not_roll_forward(automated: Automated) -> None:
    activate(automated, 1)
    asset, store = "coordination/standby", Store(automated.home.store_url)
    back = Restoration(asset, FIRST, Manifest(store).current(asset)[FIRST].data_version, "a test", "ada")
    Restorations(store).record(back)
    activate(automated, 2)
    assert set(found(automated)[asset]) == {SECOND}
    Restorations(store).record(replace(back, data_version=""))
    assert set(found(automated)[asset]) == {FIRST, SECOND}
    store.close()
    activate(automated, 1)


def test_the_sweep_makes_what_was_ordered_for_a_day_of_which_no_tick_heard_and_nothing_that_people_keep(
    automated: Automated,
) -> None:
    """Conditions hear of what is in force in general only; the manifest knows of every partition."""
    activate(automated, 1)
    activate(automated, 2, (SECOND,))
    assert automated.tick() == {}
    assert {asset: set(days) for asset, days in found(automated).items()} == {asset: {SECOND} for asset in POLICED}

    swept = launch(sweep_job(automated.domain), "departures_sweeping", {}, automated.home)
    made = {one.partition for one in swept.outcome.of(State.PUBLISHED)}
    assert (swept.failure, made - {"", "2013-01"}) == ("", {SECOND})
    assert {one.asset for one in swept.outcome.of(State.PUBLISHED)} >= POLICED
    assert found(automated) == {}, "what people keep under r2 does not go back to r1 by itself"


def found(automated: Automated) -> dict[str, dict[str, str]]:
    makers = Makers(automated.domain, automated.home)
    try:
        return makers.stale()
    finally:
        makers.close()


def test_the_sensors_say_what_they_saw_and_start_a_run_only_where_something_is_stale(
    automated: Automated, two_days: Path, tmp_path: Path
) -> None:
    home = HomeResource(root=str(copied(two_days, tmp_path / "home")))
    context = dg.build_sensor_context(instance=automated.instance, resources={"home": home})
    sensors = {one.name: one for one in automated.defs.sensors or ()}
    swept = sensors["departures_sweep"]
    assert isinstance(swept, dg.SensorDefinition)
    told = swept(context)
    assert isinstance(told, dg.SkipReason)
    observed = sensors["departures_systems_of_record"]
    assert isinstance(observed, dg.SensorDefinition)
    seen = observed(context)
    assert isinstance(seen, dg.SensorResult)
    assert seen.asset_events == []


def test_a_changed_delivery_is_observed_once_and_the_others_are_not(tmp_path: Path) -> None:
    deliveries = Deliveries(tmp_path / "delivered", days=1)
    home = HomeResource(root=str(tmp_path / "home"))
    with dg.DagsterInstance.ephemeral() as instance:

        def observed() -> set[str]:
            """Observe with code that is loaded anew, as the UI does, and give the assets with another version."""
            sensor = observing_sensor(domain(deliveries.folder))
            seen = sensor(dg.build_sensor_context(instance=instance, resources={"home": home}))
            assert isinstance(seen, dg.SensorResult)
            for event in seen.asset_events:
                assert isinstance(event, dg.AssetObservation)
                instance.report_runless_asset_event(event)
            return {event.asset_key.to_user_string() for event in seen.asset_events}

        every = {asset_key(one.asset).to_user_string() for one in landed_by(domain(deliveries.folder))}
        assert observed() == every
        assert observed() == set()
        deliveries.change("airports", lambda rows: rows[1:])
        [airports] = {name for name in every if "airports" in name}
        assert observed() == {airports}
        assert observed() == set()


def landed_by(made: Domain) -> list[External]:
    return [source for node in made.graph.nodes for source in node.externals]


def test_the_sweep_starts_again_when_the_same_is_stale_once_more(two_days: Path, tmp_path: Path) -> None:
    home = Home.at(copied(two_days, tmp_path / "home"))
    now, changed = load_domain("departures"), edited(tmp_path / "changed", POLICY)
    store = Store(home.store_url)
    for made in (now, changed):
        Releases(store, home.keys).create(made, author="ada", reason="a test")
    with open_instance(home) as instance:
        context = dg.build_sensor_context(
            instance=instance, resources={"home": HomeResource(root=str(home.root))}, cursor=None
        )
        [swept] = [one for one in definitions_of(now).sensors or () if one.name == "departures_sweep"]
        assert isinstance(swept, dg.SensorDefinition)
        said = []
        for release in (1, 2, 2, 1, 2):
            order(home, store, release)
            said.append(type(swept(context)))
    store.close()
    asked, skipped = dg.RunRequest, dg.SkipReason
    assert said == [skipped, asked, skipped, skipped, asked]


def test_a_sweep_of_a_home_in_which_nothing_was_made_makes_nothing(tmp_path: Path) -> None:
    done = launch(sweep_job(load_domain("departures")), "departures_sweeping", {}, Home.at(tmp_path / "empty"))
    assert not done.failure
    assert not any(done.outcome.results.values())
