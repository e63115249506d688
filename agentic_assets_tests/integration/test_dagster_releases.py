"""The release in force in Dagster: what another one shapes is stale, and nothing else; what it replaced is linked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from agentic_assets.domains import load_domain
from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration import HomeResource, definitions_of, open_instance, run_load
from agentic_assets.orchestration.activating import announce
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.orchestration.releasing import tell_release
from agentic_assets.orchestration.rolling_back import run_rollback
from agentic_assets.pipeline import Cut
from agentic_assets.releases import InForce, Makers, Releases
from agentic_assets.store import Store
from agentic_assets_tests.edited import POLICY, edited, order
from agentic_assets_tests.homes import copied
from agentic_assets_tests.integration.dagster_instances import open_on, tuned

pytestmark = pytest.mark.slow

FIRST, SECOND = "2013-01-01", "2013-01-02"
PARTITIONS: dict[Cut, tuple[str | None, ...]] = {
    Cut.DAY: (FIRST, SECOND),
    Cut.MONTH: ("2013-01",),
    Cut.STATIC: (None,),
}
POLICED = {"coordination/standby", "decisions/delay_risk", "decisions/turnaround"}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Domain:
    """The domain with a policy of another version."""
    return edited(tmp_path_factory.mktemp("changed"), POLICY)


@dataclass(frozen=True)
class Place:
    """A home in which two days ran, with r1, which they were made by, and r2, which has another policy."""

    home: Home
    working: Domain

    def activate(self, number: int, partitions: Sequence[str] | None = None) -> tuple[str, ...]:
        """Put a release into force and give the assets that Dagster heard are shaped by something else now."""
        days = None if partitions is None else tuple(partitions)
        store = Store(self.home.store_url)
        try:
            order(self.home, store, number, days)
        finally:
            store.close()
        return announce(self.working, self.home)

    def load(self) -> None:
        """Make what the policy judges again, and nothing behind it."""
        only = {node.asset: (FIRST, SECOND) for node in self.working.graph.nodes if node.asset in POLICED}
        assert run_load(self.working, self.home, only=only).outcome.complete

    def stale(self, domain: Domain | None = None) -> set[tuple[str, str | None]]:
        """What Dagster calls stale once it has loaded a version of the domain; not what is stale through another."""
        graph = graph_of(domain or self.working)
        with open_instance(self.home) as instance:
            resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
            return {
                (node.asset, part)
                for node in (domain or self.working).graph.nodes
                for part in PARTITIONS[node.cut]
                if resolver.get_status(asset_key(node.asset), part).value != "FRESH"
            }

    def said(self, asset: str, partition: str) -> dict[str, Any]:
        """The metadata of the newest materialization of a partition."""
        with open_instance(self.home) as instance:
            found = dg.AssetRecordsFilter(asset_key(asset), asset_partitions=[partition])
            [record] = instance.fetch_materializations(found, limit=1).records
        assert record.asset_materialization is not None
        return {name: entry.value for name, entry in record.asset_materialization.metadata.items()}

    def version(self, asset: str, partition: str) -> str:
        makers = Makers(self.working, self.home)
        try:
            return makers.engine.entries(asset)[partition].data_version
        finally:
            makers.close()


_GRAPHS: dict[int, BaseAssetGraph[Any]] = {}


def graph_of(domain: Domain) -> BaseAssetGraph[Any]:
    if id(domain) not in _GRAPHS:
        _GRAPHS[id(domain)] = definitions_of(domain).resolve_asset_graph()
    return _GRAPHS[id(domain)]


@pytest.fixture(scope="module")
def place(two_days: Path, changed: Domain, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Shared by the tests of this module, each of which leaves it made by r1, as it found it."""
    made = Place(Home.at(copied(two_days, tmp_path_factory.mktemp("released") / "home")), load_domain("departures"))
    store = Store(made.home.store_url)
    releases = Releases(store, made.home.keys)
    releases.create(made.working, author="ada", reason="as it is")
    releases.create(changed, author="bob", reason="a stricter policy")
    store.close()
    return made


def everywhere(assets: set[str]) -> set[tuple[str, str | None]]:
    return {(asset, day) for asset in assets for day in (FIRST, SECOND)}


def test_after_a_run_nothing_is_stale_and_activating_what_it_was_made_by_changes_nothing(place: Place) -> None:
    assert place.stale() == set()
    assert place.activate(1) == ()
    assert place.stale() == set()


def test_activating_another_policy_makes_exactly_what_it_judges_stale_with_and_without_a_reload(
    place: Place, changed: Domain
) -> None:
    place.activate(1)
    assert set(place.activate(2)) == POLICED
    assert place.stale() == everywhere(POLICED)
    assert place.stale(changed) == everywhere(POLICED)


def test_going_back_before_anything_was_made_makes_it_fresh_again(place: Place) -> None:
    place.activate(2)
    place.activate(1)
    assert place.stale() == set()


def test_what_a_rollback_brings_back_makes_what_rests_on_it_fresh_without_running_and_names_what_it_replaced(
    place: Place, changed: Domain
) -> None:
    place.activate(1)
    before = place.version("decisions/delay_risk", SECOND)
    place.activate(2)
    place.load()
    left = place.stale(changed)
    assert left
    assert not left & everywhere(POLICED)
    between = place.version("decisions/delay_risk", SECOND)
    assert between != before

    done = run_rollback(place.working, place.home, to="r1", reason="too strict", by="ada")
    assert (done.failure, done.outcome.complete) == ("", True)
    assert set(done.outcome.results) == POLICED
    assert place.version("decisions/delay_risk", SECOND) == before
    assert place.stale() == set()
    said = place.said("decisions/delay_risk", SECOND)
    assert (said["release"], said["rolled_back_to"], said["reason"]) == ("r1", "r1", "too strict")
    assert said["from_version"] == between
    assert before[:16] in said["restores"]
    assert between[:16] in said["supersedes"]
    with open_instance(place.home) as instance:
        assert all(instance.get_run_by_id(said[name]) for name in ("superseded_run", "restored_run"))


def test_a_day_for_which_people_ordered_another_release_is_fresh_though_the_rest_moved_on(place: Place) -> None:
    place.activate(1)
    before = place.version("decisions/delay_risk", FIRST)
    place.activate(2)
    place.activate(1, [FIRST])
    place.load()
    assert place.version("decisions/delay_risk", FIRST) == before
    assert not place.stale() & everywhere(POLICED)
    assert place.said("decisions/delay_risk", FIRST)["release"] == "r1, ordered for this day"
    assert place.said("decisions/delay_risk", SECOND)["release"] == "r2"
    place.activate(1)
    place.load()


def test_a_step_that_was_loaded_before_an_activation_counts_as_made_by_what_is_in_force(
    place: Place, changed: Domain
) -> None:
    place.activate(2)
    [asset] = [
        one
        for one in definitions_of(place.working).assets or ()
        if isinstance(one, dg.AssetsDefinition) and asset_key("coordination/standby") in one.keys
    ]
    home = {"home": HomeResource(root=str(place.home.root))}
    with open_instance(place.home) as instance:
        assert dg.materialize([asset], instance=instance, partition_key=SECOND, resources=home).success
    assert ("coordination/standby", SECOND) not in place.stale() | place.stale(changed)
    assert ("coordination/standby", FIRST) in place.stale()
    place.activate(1)
    place.load()


def test_on_postgres_dagster_hears_once_of_what_changed(place: Place, tmp_path: Path, fresh_postgres_url: str) -> None:
    store = Store(place.home.store_url)
    with open_on(tmp_path / "dagster", tuned(fresh_postgres_url)) as instance:
        told = []
        for number in (1, 1, 2, 2, 1):
            order(place.home, store, number)
            told.append(set(tell_release(instance, InForce(place.working, place.home, store))))
    store.close()
    assert told == [{node.asset for node in place.working.graph.nodes}, set(), POLICED, set(), POLICED]
