"""Scores and operating figures as assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.outcomes.kpis import daily_kpis
from agentic_assets.pipeline import Batch, Cut, Input, Node, by_day
from agentic_assets.versions import of_code

__all__ = ["kpi_node", "score_node"]


def score_node(
    asset: str,
    *,
    decisions: str,
    outcomes: str,
    score: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame],
    contract: Contract,
    description: str,
) -> Node:
    """Give the node that scores each day's decisions against what became of it, beside the baselines."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return by_day(score(batch.read(decisions), batch.read(outcomes)), batch.partitions)

    return Node(
        asset=asset,
        group="scorecards",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(score_node, score),
        inputs=(Input(decisions), Input(outcomes)),
        kinds=("polars", "deltalake"),
        description=description,
        lineage={
            "acted": [(decisions, "effective_action")],
            "true_positives": [(decisions, "effective_action"), (outcomes, "disrupted")],
            "net_saved_cents": [(decisions, "effective_action"), (outcomes, "loss_cents")],
        },
        code=(score,),
    )


def kpi_node(
    asset: str,
    *,
    decisions: str,
    outcomes: str,
    sealed: str,
    outbox: str,
    entity: str,
    idle: str,
    contract: Contract,
) -> Node:
    """Give the node that counts, per day, what the operators of an agent answer for."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        decided = batch.read(decisions)
        done = batch.read(outbox).filter(pl.col("state") == "done")
        found = daily_kpis(
            decided,
            outcomes=batch.read(outcomes).select(pl.col(entity).alias("entity")),
            sealed=_sealed(decided, batch.read(sealed)),
            executed=done.select("decision_id"),
            pins=("pins", "input_digest"),
            idle=idle,
        )
        return by_day(found, batch.partitions)

    return Node(
        asset=asset,
        group="scorecards",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_code(kpi_node),
        inputs=(Input(decisions), Input(outcomes), Input(sealed), Input(outbox)),
        kinds=("polars", "deltalake"),
        lineage={
            "complete": [(decisions, "pins"), (outcomes, entity), (sealed, "size")],
            "undelivered": [(outbox, "state")],
        },
        code=(daily_kpis,),
    )


def _sealed(decided: pl.DataFrame, checkpoints: pl.DataFrame) -> pl.DataFrame:
    # A day counts when its sealed tree has as many leaves as the day has decisions; that they are the same records is
    # what the ledger's own check has verified.
    counts = decided.group_by("day").len("decisions")
    whole = checkpoints.join(counts, on="day").filter(pl.col("size") == pl.col("decisions"))
    return decided.join(whole, on="day", how="semi").select("decision_id")
