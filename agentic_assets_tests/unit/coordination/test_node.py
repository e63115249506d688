"""From the proposals of several agents to who gets a unit, through the engine; and what decisions make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.agents import Spec
from agentic_assets.agents.node import PROPOSED
from agentic_assets.contracts import Contract, load
from agentic_assets.coordination import AS_IF_BINDING, SETTLED
from agentic_assets.coordination.bidding import bids_of, pools
from agentic_assets.coordination.node import Bidder, award_node
from agentic_assets.decisions import DECISIONS
from agentic_assets.decisions.node import decision_node
from agentic_assets.errors import ConfigInvalid, PartitionRefused
from agentic_assets.home import Home
from agentic_assets.language import parse_amount
from agentic_assets.pipeline import Calendar, Cut, Engine, Graph, Node, Ordered, PartitionResult, Standing, by_day
from agentic_assets.policy import Resource, RuleSet, Settle, Type, Verdict
from agentic_assets.policy.escalation import Resolution, Resolutions
from agentic_assets.policy.rollout import Control, Kind
from agentic_assets.store import Store
from agentic_assets.versions import Pin
from agentic_assets_tests.unit.decisions.cases import RULESET, SPEC

_DAYS = ("2013-02-08", "2013-02-09")
_CALENDAR = Calendar("UTC", date(2013, 2, 8), date(2013, 2, 9))
_READS = {**RULESET.reads, "benefit_cents": Type.INTEGER, "cost_cents": Type.INTEGER}
_CREWS = Resource(
    id="crews",
    action="stop",
    capacity=2,
    per=("day",),
    utility=parse_amount("benefit_cents - cost_cents", _READS, where="test"),
    settle=Settle("lease", 60),
    verdict=Verdict.TRANSFORM,
    message="no crew is left",
    to="inspect",
)
_POLICY = replace(RULESET, reads=_READS, quotas=(), resources=(_CREWS,))
_SENTINEL = replace(SPEC, phase="live", resources={"crews": "stop"})
_WATCHER = replace(_SENTINEL, name="watcher", version="1.0.0")
_TYPES = {pl.String(): "string", pl.Date(): "date", pl.Datetime("us", "UTC"): "timestamp", pl.Boolean(): "boolean"}


def _contract(folder: Path, name: str, schema: Mapping[str, pl.DataType], key: str) -> Contract:
    lines = [
        f"      - {{name: {column}, logicalType: {_TYPES.get(dtype, 'integer')}"
        + (f", physicalType: {'int32' if dtype == pl.Int32 else 'int64'}" if dtype.is_integer() else "")
        + (", primaryKey: true, primaryKeyPosition: 1}" if column == key else "}")
        for column, dtype in schema.items()
    ]
    count = "    quality: [{type: library, metric: rowCount, mustBeGreaterOrEqualTo: 0}]\n"
    head = f"apiVersion: v3.1.0\nkind: DataContract\nid: plant-{name}\nname: {name}\nversion: 1.0.0\nstatus: active\n"
    path = folder / f"{name}.odcs.yaml"
    path.write_text(f"{head}schema:\n  - name: {name}\n{count}    properties:\n" + "\n".join(lines) + "\n")
    return load(path)


def _row(
    machine: str, benefit: int, minute: int, *, day: int = 8, action: str = "stop", legacy: str | None = None
) -> dict[str, object]:
    at = datetime(2013, 2, day, 6, tzinfo=UTC) + timedelta(minutes=minute)
    return {
        "day": at.date(),
        "decided_at": at,
        "entity": machine,
        "action": action,
        "score_bp": 5_000,
        "confidence_bp": 9_000,
        "benefit_cents": benefit,
        "cost_cents": 100,
        "reason": "test",
        "input_digest": "0" * 32,
        "legacy_action": legacy,
    }


class Plant:
    """What two agents proposed, and the nodes behind it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.at(folder / "home")
        self.folder = folder
        self.engines: list[Engine] = []

    def run(
        self,
        proposed: Mapping[str, Sequence[dict[str, object]]],
        *orders: Control,
        specs: Sequence[Spec] = (_SENTINEL, _WATCHER),
        answers: Sequence[Resolution] = (),
        together: bool = True,
    ) -> dict[str, PartitionResult]:
        """Settle and decide both days, as one batch or one after the other."""
        frames = {name: pl.DataFrame(list(proposed.get(name, ())), schema=PROPOSED) for name in (s.name for s in specs)}
        proposals = [_proposals(spec, frames[spec.name]) for spec in specs]
        bidders = [
            Bidder(
                spec,
                f"proposals/{spec.name}",
                _POLICY,
                _ordered(spec, orders),
            )
            for spec in specs
        ]
        schema = {"day": pl.Date(), **SETTLED, AS_IF_BINDING: pl.Boolean()}
        award = award_node(
            "coordination/crews",
            domain="plant",
            resource="crews",
            bidders=bidders,
            contract=_contract(self.folder, "crews", schema, "bid_id"),
        )
        decisions = [
            decision_node(
                f"decisions/{spec.name}",
                domain="plant",
                spec=spec,
                ruleset=_POLICY,
                proposals=f"proposals/{spec.name}",
                contract=_contract(self.folder, spec.name, DECISIONS, "decision_id"),
                awards={"crews": "coordination/crews"},
                controls=_ordered(spec, orders),
            )
            for spec in specs
        ]
        nodes = (*proposals, award, *decisions)
        engine = Engine(Graph(_CALENDAR, nodes), self.home)
        self.engines.append(engine)
        Resolutions(engine.store).append(answers)
        for days in (_DAYS,) if together else ((day,) for day in _DAYS):
            results = {}
            for node in nodes:
                made = engine.run(node, days, run_id="run")
                assert all(result.entry is not None for result in made), [result.message for result in made]
                if node is award:
                    results = {result.partition: result for result in made}
        return results

    def read(self, asset: str) -> pl.DataFrame:
        """Read what is published."""
        engine = self.engines[-1]
        files = [entry.file for entry in engine.manifest.current(asset).values()]
        return engine.lake.open(asset).scan_files(files).collect()

    def told(self) -> dict[tuple[str, str], tuple[str, bool]]:
        """Give reason and AS_IF_BINDING of each bid, by the agent's name and the machine."""
        rows = self.read("coordination/crews").select("agent", "entity", "reason", AS_IF_BINDING).rows()
        return {(agent.partition("@")[0], entity): (reason, wished) for agent, entity, reason, wished in rows}

    def done(self, agent: str) -> dict[str, str]:
        """Give the effective action of each machine."""
        return dict(self.read(f"decisions/{agent}").select("entity", "effective_action").iter_rows())


def _proposals(spec: Spec, frame: pl.DataFrame) -> Node:
    return Node(
        asset=f"proposals/{spec.name}",
        group="proposals",
        cut=Cut.DAY,
        contract=None,
        raw_schema=dict(frame.schema),
        compute=lambda batch: by_day(frame, batch.partitions),
        code_version=str(frame.hash_rows().sum()),
        pins=(spec.pin,),
    )


def _ordered(spec: Spec, orders: Sequence[Control]) -> Ordered:
    mine = tuple(order for order in orders if order.agent in (spec.name, "*"))

    def standing(_: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        pins = tuple(Pin("control", order.id, "1", order.id) for order in mine)
        return {name: Standing(pins, mine) for name in partitions} if mine else {}

    return standing


def _stop(agent: str) -> Control:
    return Control(
        domain="plant",
        agent=agent,
        action="*",
        kind=Kind.STOP,
        effective_from=datetime(2013, 2, 1, tzinfo=UTC),
        identity="ada",
        role="duty_manager",
        reason="it repeats itself",
        number=1,
    )


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Two agents that have not bid yet."""
    made = Plant(tmp_path)
    yield made
    for engine in made.engines:
        engine.store.close()


def test_agents_compete_for_one_resource_and_the_losers_are_recorded(plant: Plant) -> None:
    results = plant.run(
        {
            "sentinel": [_row("a", 500, 0), _row("b", 300, 1), _row("idle", 900, 2, action="none")],
            "watcher": [_row("c", 400, 2), _row("d", 100, 3)],
        }
    )
    assert plant.told() == {
        ("sentinel", "a"): ("granted", True),
        ("sentinel", "b"): ("preempted", False),
        ("watcher", "c"): ("granted", True),
        ("watcher", "d"): ("worthless", False),
    }
    lost = plant.read("coordination/crews").filter(pl.col("entity") == "b").row(0, named=True)
    assert (lost["lost_to_cents"], lost["unit"], lost["held_until"].minute) == (300, 2, 2)
    assert plant.done("sentinel") == {"a": "stop", "b": "inspect", "idle": "none"}
    assert plant.done("watcher") == {"c": "stop", "d": "inspect"}
    checks = {check.name: check.passed for check in results[_DAYS[0]].checks if check.name != "contract"}
    assert checks["within_capacity"]
    assert checks["one_unit_an_entity"]


def test_two_agents_that_bid_for_one_machine_get_one_unit(plant: Plant) -> None:
    plant.run({"sentinel": [_row("a", 500, 0)], "watcher": [_row("a", 400, 1), _row("b", 300, 2)]})
    assert plant.told() == {
        ("sentinel", "a"): ("granted", True),
        ("watcher", "a"): ("served", False),
        ("watcher", "b"): ("granted", True),
    }


def test_an_agent_in_shadow_takes_nothing_and_its_decisions_say_what_it_would_have_done(plant: Plant) -> None:
    shadow = replace(_WATCHER, phase="shadow")
    plant.run(
        {"sentinel": [_row("a", 500, 0), _row("b", 300, 1)], "watcher": [_row("c", 900, 2)]}, specs=(_SENTINEL, shadow)
    )
    assert plant.told()["watcher", "c"] == ("not_binding", True)
    assert plant.done("sentinel") == {"a": "stop", "b": "stop"}
    decided = plant.read("decisions/watcher").row(0, named=True)
    assert (decided["judged_action"], decided["effective_action"], decided["phase"]) == ("stop", "none", "shadow")


def test_when_an_agent_is_stopped_the_rule_before_takes_what_is_left_and_no_more(plant: Plant) -> None:
    proposed = {
        "sentinel": [_row(name, 500, minute, legacy="stop") for minute, name in enumerate("abc")],
        "watcher": [_row("z", 400, 30)],
    }
    plant.run(proposed)
    assert plant.done("sentinel") == {"a": "stop", "b": "stop", "c": "inspect"}
    plant.run(proposed, _stop("sentinel"))
    told = plant.told()
    assert told["sentinel", "a"] == ("not_binding", True)
    assert told["fallback:sentinel", "a"] == ("granted", True)
    assert told["fallback:sentinel", "b"] == ("preempted", False)
    assert told["watcher", "z"] == ("granted", True)
    assert plant.done("sentinel") == {"a": "stop", "b": "inspect", "c": "inspect"}
    assert plant.done("watcher") == {"z": "stop"}


def _allowing(decided: dict[str, object]) -> Resolution:
    return Resolution(
        domain="plant",
        agent=_SENTINEL.id,
        day=str(decided["day"]),
        entity=str(decided["entity"]),
        decision_id=str(decided["decision_id"]),
        verdict=Verdict.ALLOW,
        action="stop",
        identity="ada",
        role="foreman",
        reason="it smokes",
    )


@pytest.mark.parametrize("others", [1, 2])
def test_what_a_person_allows_takes_a_unit_that_is_left_and_never_that_of_another(plant: Plant, others: int) -> None:
    unsure = _row("u", 9_000, 0) | {"confidence_bp": 100}
    proposed = {"sentinel": [unsure, *(_row(f"m{place}", 500, 5 + place) for place in range(others))]}
    plant.run(proposed)
    before = plant.done("sentinel")
    escalated = plant.read("decisions/sentinel").filter(pl.col("verdict") == "escalate").to_dicts()
    assert [row["entity"] for row in escalated] == ["u"]
    plant.run(proposed, answers=(_allowing(escalated[0]),))
    left = others < _CREWS.capacity
    assert plant.done("sentinel") == before | {"u": "stop" if left else "inspect"}
    reason = plant.told()["people:sentinel", "u"][0]
    decided = plant.read("decisions/sentinel").filter(pl.col("entity") == "u").row(0, named=True)
    assert (reason, decided["verdict"], decided["rule"]) == (
        ("granted", "allow", "unsure") if left else ("no_units", "transform", "crews")
    )
    assert decided["supersedes"] == escalated[0]["decision_id"]
    units = plant.read("coordination/crews").filter("granted").get_column("unit").to_list()
    assert sorted(units) == [1, 2]


def test_days_made_one_by_one_are_as_days_made_together(plant: Plant, tmp_path: Path) -> None:
    # One machine stands in both days: what it got on the first must not count on the second.
    proposed = {"sentinel": [_row("a", 500, 0), _row("a", 500, 0, day=9), _row("b", 300, 1), _row("b", 300, 0, day=9)]}
    plant.run(proposed)
    other = Plant(tmp_path / "other")
    other.run(proposed, together=False)
    by_key = ("day", "bid_id")
    together, apart = (one.read("coordination/crews").sort(by_key) for one in (plant, other))
    other.engines[-1].store.close()
    assert together.equals(apart)
    assert together.get_column("granted").to_list() == [True] * 4


def test_a_proposal_that_the_guardrails_stop_bids_for_nothing(plant: Plant) -> None:
    unsure = _row("a", 500, 0) | {"confidence_bp": 100}
    plant.run({"sentinel": [unsure, _row("b", 300, 1)]})
    assert plant.told() == {("sentinel", "b"): ("granted", True)}


def test_a_day_without_bids_is_published_empty(plant: Plant) -> None:
    plant.run({})
    assert plant.read("coordination/crews").is_empty()


def _bidder(spec: Spec, ruleset: RuleSet) -> Bidder:
    return Bidder(spec, f"proposals/{spec.name}", ruleset)


@pytest.mark.parametrize(
    ("bidders", "told"),
    [
        ([_bidder(_SENTINEL, replace(_POLICY, resources=()))], "do not all say the same about the resource crews"),
        (
            [
                _bidder(_SENTINEL, _POLICY),
                _bidder(_WATCHER, replace(_POLICY, name="other", resources=(replace(_CREWS, capacity=3),))),
            ],
            "policies other@2.0.0, plant@2.0.0 do not all say the same",
        ),
        (
            [_bidder(_SENTINEL, replace(_POLICY, resources=(replace(_CREWS, per=("action",)),)))],
            "resource crews is counted per action, and settled day by day",
        ),
        ([_bidder(replace(_SENTINEL, resources={}), _POLICY)], "bids for crews, which its spec does not name"),
    ],
)
def test_what_cannot_be_settled_together_is_refused_when_the_graph_is_built(
    tmp_path: Path, bidders: list[Bidder], told: str
) -> None:
    contract = _contract(tmp_path, "crews", {"day": pl.Date(), **SETTLED}, "bid_id")
    with pytest.raises(ConfigInvalid, match=told):
        award_node("coordination/crews", domain="plant", resource="crews", bidders=bidders, contract=contract)


def test_pools_never_share_a_name() -> None:
    shared = replace(_CREWS, per=("site", "day"))
    sites = ["a/b", "a%2Fb", None, "%00", "a"]
    rows = pl.DataFrame({"site": sites, "day": ["2013-02-08"] * 5})
    names = rows.select(pools(shared)).to_series().to_list()
    assert names[0] == "crews/a%2Fb/2013-02-08"
    assert len(set(names)) == 5


def test_a_null_utility_offers_nothing_and_one_past_exactness_is_refused() -> None:
    rows = pl.DataFrame([_row("a", 500, 0)]).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("benefit_cents"), pl.lit(value=True).alias("binding")
    )
    assert bids_of(rows, _CREWS, "sentinel@1.2.0").item(0, "utility_cents") == 0
    with pytest.raises(PartitionRefused, match=r"1 of 1 bids for crews offer 2\*\*53 cents or more, e.g. a"):
        bids_of(rows.with_columns(pl.lit(2**60).alias("benefit_cents")), _CREWS, "sentinel@1.2.0")
