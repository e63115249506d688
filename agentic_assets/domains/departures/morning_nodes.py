"""The nodes about the airports' mornings: which there are, what is known of them, and what is decided about them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.agents.llm import llm_node
from agentic_assets.contracts import Contract
from agentic_assets.decisions.node import decision_node
from agentic_assets.domains.departures import station_brief
from agentic_assets.domains.departures.deciding import NAME, log_of
from agentic_assets.domains.departures.feature_sets import MORNINGS_WATCHED, STATION_MORNING
from agentic_assets.domains.departures.mornings import mornings
from agentic_assets.features.drift import drift_node
from agentic_assets.features.node import feature_node
from agentic_assets.features.proofs.node import proof_node
from agentic_assets.ledger.node import ledger_node
from agentic_assets.pipeline import Batch, Calendar, Cut, Input, Node, by_day
from agentic_assets.policy.rollout import Orders
from agentic_assets.versions import of_code

__all__ = ["DECISIONS", "DRIFT", "FEATURES", "LEDGER", "PROPOSALS", "brief_nodes", "morning_nodes"]

MORNINGS, FEATURES, DRIFT = "sources/mornings", "features/station_morning", "features/station_morning_drift"
PROPOSALS, DECISIONS, LEDGER = "proposals/station_brief", "decisions/station_brief", "governance/station_brief_ledger"
_PROOFS, _SCHEDULE = "features/station_morning_proofs", "sources/schedule"


def morning_nodes(contracts: Mapping[str, Contract]) -> tuple[Node, ...]:
    """Give the nodes, in the order of the data path."""
    return (
        _morning_node(contracts["mornings"]),
        feature_node(FEATURES, STATION_MORNING, contract=contracts["station_morning"]),
        drift_node(
            DRIFT,
            STATION_MORNING,
            features=FEATURES,
            contract=contracts["station_morning_drift"],
            settings=MORNINGS_WATCHED,
        ),
        proof_node(_PROOFS, STATION_MORNING, features=FEATURES, contract=contracts["station_morning_proofs"]),
    )


def brief_nodes(contracts: Mapping[str, Contract], calendar: Calendar) -> tuple[Node, ...]:
    """Give the assets of the agent `station_brief`."""
    spec = station_brief.spec()
    return (
        llm_node(
            PROPOSALS,
            station_brief.agent,
            feature_set=STATION_MORNING,
            features=FEATURES,
            contract=contracts["station_brief_proposals"],
            code=(station_brief.situations, station_brief.objection),
            context=station_brief.context,
        ),
        decision_node(
            DECISIONS,
            domain=NAME,
            spec=spec,
            ruleset=station_brief.policy(),
            proposals=PROPOSALS,
            contract=contracts["station_brief"],
            controls=Orders(NAME, spec, calendar, STATION_MORNING.entities.lead),
        ),
        ledger_node(
            LEDGER, decisions=DECISIONS, origin=log_of(spec.name), contract=contracts["station_brief_checkpoints"]
        ),
    )


def _morning_node(contract: Contract) -> Node:
    """Give the node that lists the mornings of each day."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return by_day(mornings(batch.read(_SCHEDULE)), batch.partitions)

    return Node(
        asset=MORNINGS,
        group="sources",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(mornings),
        inputs=(Input(_SCHEDULE),),
        description="Each airport's morning at 05:00 local time, for every day on which a departure is scheduled.",
        kinds=("polars", "deltalake"),
        lineage={
            "morning_id": [(_SCHEDULE, "day"), (_SCHEDULE, "origin")],
            "day": [(_SCHEDULE, "day")],
            "origin": [(_SCHEDULE, "origin")],
            "opens_at": [(_SCHEDULE, "day")],
        },
        code=(mornings,),
    )
