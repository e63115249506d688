"""The Dagster assets, one partition at a time, do what the historical load does for a range."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import HomeResource, definitions_of, run_load
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.pipeline import Cut, Node
from agentic_assets_tests.integration.deliveries import Deliveries, Rows

KINDS = dg.AssetsDefinition | dg.SourceAsset
DAY, MONTH = "2013-01-02", "2013-01"


def materialize(made: Domain, home: Home, nodes: Sequence[Node], partition: str | None) -> dg.ExecuteInProcessResult:
    """Materialize the assets of some nodes in one run, as the UI's button does."""
    assets = [asset for asset in definitions_of(made).assets or () if isinstance(asset, KINDS)]
    return dg.materialize(
        assets,
        selection=[asset_key(node.asset) for node in nodes],
        partition_key=partition,
        resources={"home": HomeResource(root=str(home.root))},
        raise_on_error=False,
    )


def versions(made: Domain, home: Home, partitions: dict[Cut, str]) -> dict[str, str]:
    reading = Reading(made, home)
    try:
        return {node.asset: reading.entry(node.asset, partitions[node.cut]).data_version for node in made.graph.nodes}
    finally:
        reading.close()


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path / "deliveries")


def test_every_asset_materialized_by_itself_has_the_version_of_the_range(
    deliveries: Deliveries, tmp_path: Path
) -> None:
    made = domain(deliveries.folder)
    ranged, single = Home.at(tmp_path / "ranged"), Home.at(tmp_path / "single")
    assert run_load(made, ranged, since=date(2013, 1, 1), until=date(2013, 1, 2)).outcome.complete
    static = [node for node in made.graph.nodes if node.cut is Cut.STATIC]
    assert materialize(made, single, static, None).success
    learned = ("sources", "features", "outcomes")
    judged = {node.asset for node in made.graph.nodes if node.group in learned}
    daily = [node for node in made.graph.nodes if node.cut is Cut.DAY]
    early = [n for n in daily if n.group in learned or (n.group == "quality" and n.inputs[0].asset in judged)]
    late = [node for node in daily if node not in early]
    for day in ("2013-01-01", DAY):  # the day before is looked back on
        assert materialize(made, single, early, day).success
    assert materialize(made, single, [node for node in made.graph.nodes if node.cut is Cut.MONTH], MONTH).success
    for day in ("2013-01-01", DAY):
        result = materialize(made, single, late, day)
        assert result.success
        assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())
    assert materialize(made, single, [made.graph["quality/data_docs"]], None).success
    partitions = {Cut.STATIC: "", Cut.MONTH: MONTH, Cut.DAY: DAY}
    assert versions(made, single, partitions) == versions(made, ranged, partitions)


def test_a_refused_partition_fails_its_step_shows_the_rules_and_stops_what_is_downstream(
    deliveries: Deliveries, tmp_path: Path
) -> None:
    def damage(rows: Rows) -> Rows:
        for row in rows:
            if row["day"] == "2":
                row["distance"] = "far"
        return rows

    deliveries.change("flights", damage)
    made, home = domain(deliveries.folder), Home.at(tmp_path / "home")
    assert materialize(made, home, [node for node in made.graph.nodes if node.cut is Cut.STATIC], None).success
    wanted = [made.graph[name] for name in ("sources/schedule", "sources/weather", "features/departure_delay")]
    result = materialize(made, home, wanted, DAY)
    assert not result.success
    published = {tuple(event.asset_key.path) for event in result.get_asset_materialization_events() if event.asset_key}
    assert published == {("sources", "weather")}
    [refused] = [found for found in result.get_asset_check_evaluations() if not found.passed]
    assert refused.asset_key == asset_key("sources/schedule")
    assert refused.blocking
    assert "nothing was published" in (refused.description or "")
    assert refused.metadata["rows_published"].value == 0
    assert "quarantine" in refused.metadata
