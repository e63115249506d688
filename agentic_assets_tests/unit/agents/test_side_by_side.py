"""Two versions of one agent stand in one graph, and whoever consumes them names one; the inventory lists both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from agentic_assets.agents import Spec, check_consumers
from agentic_assets.agents.inventory import INVENTORY, inventory, inventory_node
from agentic_assets.agents.node import PROPOSED, Serving, proposal_node
from agentic_assets.agents.rules import RuleAgent, load_rules
from agentic_assets.contracts import Contract, load
from agentic_assets.decisions import DECISIONS
from agentic_assets.decisions.node import decision_node
from agentic_assets.errors import ConfigInvalid
from agentic_assets.features import AsOf, View
from agentic_assets.home import Home
from agentic_assets.pipeline import STATIC, Batch, Calendar, Cut, Engine, Graph, Node, State
from agentic_assets.policy import load_ruleset
from agentic_assets_tests.unit.agents.rules.cases import rule, spec, table
from agentic_assets_tests.unit.features.shop import feature, shop
from agentic_assets_tests.unit.policy.cases import write as write_policy

_DAY = "2013-02-08"
_CALENDAR = Calendar("UTC", date(2013, 2, 1), date(2013, 2, 28))
_SEEN = {"order": pl.String(), "day": pl.Date(), "decided_at": pl.Datetime("us", "UTC"), "parcels": pl.Int32()}
_TYPES = {
    pl.Date: "date",
    pl.Datetime: "timestamp",
    pl.String: "string",
    pl.Int32: "integer",
    pl.Int64: "integer",
    pl.Boolean: "boolean",
}


def _counted(at: AsOf) -> View:
    window = at.by("parcels", "shop").window(timedelta(hours=2))
    return View("seen", {"parcels": window.count()}, window.known_at)


_SET = shop(_counted, feature("parcels", pl.Int32()), code=(_counted,))


def _contract(folder: Path, name: str, schema: Mapping[str, pl.DataType]) -> Contract:
    columns = [
        {"name": column, "logicalType": _TYPES[type(dtype)], "physicalType": str(dtype).lower().split("(")[0]}
        for column, dtype in schema.items()
    ]
    for column in columns:
        if column["logicalType"] in ("string", "date", "timestamp"):
            del column["physicalType"]
    content = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name,
        "name": name,
        "version": "1.0.0",
        "status": "active",
        "domain": "toy",
        "schema": [{"name": name, "logicalType": "object", "properties": columns}],
    }
    path = folder / f"{name}.odcs.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return load(path)


def _version(folder: Path, version: str, many: int) -> RuleAgent:
    source = {"feature_set": "shop@1.0.0", "entity": "order", "columns": {"parcels": "integer"}}
    declared = spec(folder, version=version, input=source, parameters={"many": many})
    rules = table(folder, rule("many", "parcels >= many"), agent=declared.id)
    return RuleAgent(declared, load_rules(rules, declared))


def _features(folder: Path) -> Node:
    at = datetime(2013, 2, 8, 12, tzinfo=UTC)
    rows = [("one", date(2013, 2, 8), at, 1), ("five", date(2013, 2, 8), at, 5), ("odd", date(2013, 2, 8), at, None)]
    frame = pl.DataFrame(rows, schema=_SEEN, orient="row")
    return Node(
        asset="features/shop",
        group="features",
        cut=Cut.DAY,
        contract=_contract(folder, "shop", _SEEN),
        compute=lambda batch: dict.fromkeys(batch.partitions, frame),
        code_version="1",
    )


def _proposals(folder: Path, asset: str, agent: RuleAgent) -> Node:
    def serve(_: Batch, __: str) -> Serving:
        return Serving(agent)

    return proposal_node(
        asset,
        spec=agent.spec,
        feature_set=_SET,
        features="features/shop",
        serve=serve,
        contract=_contract(folder, asset.partition("/")[2], PROPOSED),
        code=(),
        pins=(agent.table.pin,),
    )


def _decisions(folder: Path, asset: str, consumed: Spec, proposals: str) -> Node:
    reads = {"action": "string", "entity": "string", "day": "date", "score_bp": "integer"}
    policy = write_policy(folder, reads=reads, rules=[], quotas=[], actions=["none", "inspect", "stop"])
    content = yaml.safe_load(policy.read_text())
    content["rules"] = [
        {"id": "all", "when": "score_bp >= 0", "then": {"verdict": "warn", "message": "seen"}},
    ]
    policy.write_text(yaml.safe_dump(content))
    ruleset = load_ruleset(policy)
    contract = _contract(folder, asset.partition("/")[2], DECISIONS)
    return decision_node(asset, domain="toy", spec=consumed, ruleset=ruleset, proposals=proposals, contract=contract)


@pytest.fixture
def versions(tmp_path: Path) -> tuple[RuleAgent, RuleAgent]:
    return _version(tmp_path, "1.2.0", 2), _version(tmp_path, "1.3.0", 9)


@pytest.fixture
def engine(tmp_path: Path, versions: tuple[RuleAgent, RuleAgent]) -> Iterator[Engine]:
    old, new = versions
    nodes = (
        _features(tmp_path),
        _proposals(tmp_path, "proposals/old", old),
        _proposals(tmp_path, "proposals/new", new),
        inventory_node(
            "governance/agents", specs=(new.spec, old.spec), contract=_contract(tmp_path, "agents", INVENTORY)
        ),
    )
    made = Engine(Graph(_CALENDAR, nodes), Home.at(tmp_path / "home"))
    yield made
    made.store.close()


def _run(engine: Engine, asset: str, partition: str) -> pl.DataFrame:
    (result,) = engine.run(engine.graph[asset], (partition,), run_id="test")
    assert result.state is State.PUBLISHED, result.message
    return engine.lake.open(asset).scan([partition]).collect()


def test_each_version_proposes_by_its_own_rules_and_pins_itself(engine: Engine) -> None:
    _run(engine, "features/shop", _DAY)
    actions = {
        name: _run(engine, f"proposals/{name}", _DAY).select("entity", "action").rows() for name in ("old", "new")
    }
    assert actions["old"] == [("five", "stop"), ("odd", "none"), ("one", "none")]
    assert actions["new"] == [("five", "none"), ("odd", "none"), ("one", "none")]
    pinned = {name: engine.manifest.pins_of(engine.entries(f"proposals/{name}")[_DAY].pins) for name in ("old", "new")}
    found = {name: pins.named("agent") for name, pins in pinned.items()}
    assert {name: pin.version for name, pin in found.items() if pin} == {"old": "1.2.0", "new": "1.3.0"}


def test_the_inventory_lists_both_and_keeps_what_each_said(engine: Engine) -> None:
    rows = _run(engine, "governance/agents", STATIC)
    assert rows.get_column("agent").to_list() == ["sentinel@1.2.0", "sentinel@1.3.0"]
    assert set(engine.manifest.definitions("agent", "sentinel")) == {"1.2.0", "1.3.0"}


def test_versions_are_sorted_as_numbers(tmp_path: Path) -> None:
    specs = [spec(tmp_path, version=version) for version in ("1.10.0", "1.9.0", "0.1.0")]
    assert inventory(specs).get_column("version").to_list() == ["0.1.0", "1.9.0", "1.10.0"]


def test_a_consumer_gets_the_version_that_it_names(tmp_path: Path, versions: tuple[RuleAgent, RuleAgent]) -> None:
    old, new = versions
    made = (
        _features(tmp_path),
        _proposals(tmp_path, "proposals/old", old),
        _proposals(tmp_path, "proposals/new", new),
    )
    check_consumers(Graph(_CALENDAR, (*made, _decisions(tmp_path, "decisions/old", old.spec, "proposals/old"))))
    wrong = Graph(_CALENDAR, (*made, _decisions(tmp_path, "decisions/old", old.spec, "proposals/new")))
    with pytest.raises(
        ConfigInvalid, match=r"consumes agent sentinel@1\.2\.0, and proposals/new is made by sentinel@1"
    ):
        check_consumers(wrong)
