"""Two versions of a feature set: side by side in the lake, and an agent that reads the one it was made for."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import Contract, load
from agentic_assets.domains.departures import deciding, graph
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.errors import ConfigInvalid
from agentic_assets.features import Declared, Entities, FeatureSet, feature_set
from agentic_assets.features.kinds import Count, Windowed
from agentic_assets.features.node import feature_node
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Node, State, by_day
from agentic_assets_tests.unit.features.shop import PARCELS
from agentic_assets_tests.unit.features.test_proofs import DAYS, INPUTS

CALENDAR = Calendar("UTC", date(2020, 6, 1), date(2020, 6, 10))
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
name: What is known of an order
version: {version}
status: active
domain: shop
team: {{name: shop}}
schema:
  - name: shop
    logicalType: object
    quality:
      - {{id: days-may-be-empty, metric: rowCount, mustBeGreaterOrEqualTo: 0}}
    properties:
      - {{name: order, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: day, logicalType: date, required: true}}
      - {{name: decided_at, logicalType: timestamp, required: true}}
      - {{name: sent, logicalType: integer, physicalType: int32, required: true}}
      - {{name: seen_known_at, logicalType: timestamp}}
"""


def versioned(version: str, hours: int) -> FeatureSet:
    window = Windowed("parcels", ("shop",), timedelta(hours=hours), (Count("sent", "parcels", "Parcels sent."),))
    entities = Entities("shop/orders", "order", "due_at", timedelta(hours=1), ("shop",), after_the_fact=("courier",))
    return feature_set(
        name="shop",
        version=version,
        description="Orders of a shop.",
        entities=entities,
        sources=(PARCELS,),
        views=(Declared("seen", (window,)),),
        zone="UTC",
        lookback=5,
        reach=3,
    )


def source(name: str) -> Node:
    frame = INPUTS[name]

    def compute(batch: Batch) -> dict[str, pl.DataFrame]:
        return by_day(frame, batch.partitions)

    return Node(name, "sources", Cut.DAY, None, compute, "1", raw_schema=dict(frame.schema))


def contract(folder: Path, version: str) -> Contract:
    path = folder / f"shop-{version}.odcs.yaml"
    path.write_text(CONTRACT.format(version=version))
    return load(path)


def test_two_versions_stand_side_by_side_and_a_change_of_one_leaves_the_other_alone(tmp_path: Path) -> None:
    first, second = versioned("1.0.0", 5), versioned("2.0.0", 9)
    nodes = (
        source("shop/orders"),
        source("shop/parcels"),
        feature_node("features/shop", first, contract=contract(tmp_path, "1.0.0")),
        feature_node("features/shop_v2", second, contract=contract(tmp_path, "2.0.0")),
    )
    engine = Engine(Graph(CALENDAR, nodes), Home.at(tmp_path / "home"))
    days = CALENDAR.days()
    for node in nodes:
        assert {result.state for result in engine.run(node, days, run_id="first")} == {State.PUBLISHED}
    for definition, asset in ((first, "features/shop"), (second, "features/shop_v2")):
        entries = engine.manifest.current(asset, [str(day) for day in DAYS])
        rows = engine.lake.open(asset).scan_files([entry.file for entry in entries.values()]).collect()
        assert rows.equals(definition.compute(INPUTS, DAYS))
        pins = engine.manifest.pins_of(entries[str(DAYS[1])].pins)
        assert definition.pin in list(pins)

    newer = feature_node("features/shop_v2", versioned("2.1.0", 8), contract=contract(tmp_path, "2.0.0"))
    again = Engine(Graph(CALENDAR, (*nodes[:3], newer)), Home.at(tmp_path / "home"))
    assert {result.state for result in again.run(nodes[2], days, run_id="second")} == {State.UNCHANGED}
    assert {result.state for result in again.run(newer, days, run_id="second")} == {State.PUBLISHED}
    assert [*again.manifest.definitions("feature_set", "shop")] == ["1.0.0", "2.0.0", "2.1.0"]
    engine.store.close()
    again.store.close()


def test_an_agent_is_not_given_another_version_than_it_was_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "DEPARTURE_DELAY", replace(DEPARTURE_DELAY, version="1.1.0"))
    with pytest.raises(ConfigInvalid, match=r"reads departure_delay@1\.0\.0 .* is given departure_delay@1\.1\.0"):
        graph.domain()
