"""A small plant: proposals of two days, and the node that decides about them, on a real lake and a real store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.contracts import Contract, load
from agentic_assets.decisions import DECISIONS
from agentic_assets.decisions.node import decision_node
from agentic_assets.home import Home
from agentic_assets.pipeline import Calendar, Cut, Engine, Graph, Node, Ordered, PartitionResult, Standing, by_day
from agentic_assets.policy.escalation import Resolution, Resolutions
from agentic_assets.policy.rollout import Control
from agentic_assets.store import Store
from agentic_assets.versions import Pin
from agentic_assets_tests.unit.decisions.cases import RULESET, SPEC, features, judged

__all__ = ["DAYS", "LIVE", "Plant", "contract_in"]

DAYS = ("2013-02-08", "2013-02-09")
_CALENDAR = Calendar("UTC", date(2013, 2, 8), date(2013, 2, 9))
_TYPES = {pl.String(): "string", pl.Date(): "date", pl.Datetime("us", "UTC"): "timestamp"}
LIVE = replace(SPEC, phase="live")


class Plant:
    """Proposals of two days, and the node that decides about them."""

    def __init__(self, folder: Path) -> None:
        self.home = Home.at(folder / "home")
        self.contract = contract_in(folder)
        self.engines: list[Engine] = []
        frame = features(12)
        kept = {"action", "score_bp", "confidence_bp", "benefit_cents", "cost_cents", "reason"}
        self.rows = judged(frame, legacy="inspect").select(
            "day", "decided_at", "entity", *sorted(kept), "input_digest", "model", "legacy_action"
        )

    def run(
        self, *orders: Control, spec: Spec = LIVE, answers: Sequence[Resolution] = ()
    ) -> dict[str, PartitionResult]:
        """Decide both days as another process would, under the orders of each day, after these answers."""
        engine = Engine(self.graph(orders, spec), self.home)
        self.engines.append(engine)
        Resolutions(engine.store).append(answers)
        engine.run(engine.graph["proposals/sentinel"], DAYS, run_id="run")
        made = engine.run(engine.graph["decisions/sentinel"], DAYS, run_id="run")
        return {result.partition: result for result in made}

    def graph(self, orders: Sequence[Control] = (), spec: Spec = LIVE) -> Graph:
        """Give the two nodes."""
        proposals = Node(
            asset="proposals/sentinel",
            group="proposals",
            cut=Cut.DAY,
            contract=None,
            raw_schema=dict(self.rows.schema),
            compute=lambda batch: by_day(self.rows, batch.partitions),
            code_version="1",
            pins=(spec.pin,),
        )
        decisions = decision_node(
            "decisions/sentinel",
            domain="plant",
            spec=spec,
            ruleset=RULESET,
            proposals="proposals/sentinel",
            contract=self.contract,
            controls=_ordered(orders),
        )
        return Graph(_CALENDAR, (proposals, decisions))

    def decided(self) -> pl.DataFrame:
        """Read what is published."""
        engine = self.engines[-1]
        files = [entry.file for entry in engine.manifest.current("decisions/sentinel").values()]
        return engine.lake.open("decisions/sentinel").scan_files(files).collect().sort("decided_at", "entity")


def _ordered(orders: Sequence[Control]) -> Ordered:
    def standing(_: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        found = {}
        for name in partitions:
            mine = tuple(one for one in orders if one.effective_from.date() <= date.fromisoformat(name))
            if mine:
                found[name] = Standing(tuple(Pin("control", one.id, "1", one.id) for one in mine), mine)
        return found

    return standing


def contract_in(folder: Path, without: str = "") -> Contract:
    """Write the contract of the decisions; `without` leaves a column out."""
    lines = [
        f"      - {{name: {name}, logicalType: {_TYPES.get(dtype, 'integer')}"
        + (f", physicalType: {'int32' if dtype == pl.Int32 else 'int64'}" if dtype.is_integer() else "")
        + (", primaryKey: true, primaryKeyPosition: 1}" if name == "decision_id" else "}")
        for name, dtype in DECISIONS.items()
        if name != without
    ]
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: plant\nname: sentinel\nversion: 1.0.0\nstatus: active\n"
    path = folder / "sentinel.odcs.yaml"
    path.write_text(head + "schema:\n  - name: sentinel\n    properties:\n" + "\n".join(lines) + "\n")
    return load(path)
