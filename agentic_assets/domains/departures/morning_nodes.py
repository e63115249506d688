"""The nodes about the airports' mornings: which there are, what is known of them, and the proofs of it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.domains.departures.feature_sets import STATION_MORNING
from agentic_assets.domains.departures.mornings import mornings
from agentic_assets.features.node import feature_node
from agentic_assets.features.proofs.node import proof_node
from agentic_assets.pipeline import Batch, Cut, Input, Node, by_day
from agentic_assets.versions import of_code

__all__ = ["FEATURES", "morning_nodes"]

MORNINGS, FEATURES = "sources/mornings", "features/station_morning"
_PROOFS, _SCHEDULE = "features/station_morning_proofs", "sources/schedule"


def morning_nodes(contracts: Mapping[str, Contract]) -> tuple[Node, ...]:
    """Give the nodes, in the order of the data path."""
    return (
        _morning_node(contracts["mornings"]),
        feature_node(FEATURES, STATION_MORNING, contract=contracts["station_morning"]),
        proof_node(_PROOFS, STATION_MORNING, features=FEATURES, contract=contracts["station_morning_proofs"]),
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
