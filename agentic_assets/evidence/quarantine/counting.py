"""Count the whole quarantine, and name the partitions that were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from agentic_assets.contracts.gating.quarantine import MASK
from agentic_assets.evidence.quarantine.places import hidden_columns, is_pending, node_of, partitions_of, rulings_on
from agentic_assets.evidence.quarantine.records import Count, Standing
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Node, Refusals, Ruling, Rulings, Verdict
from agentic_assets.pipeline.rulings import in_force

__all__ = ["standing_of"]


def standing_of(
    reading: Reading, *, asset: str | None = None, partition: str | None = None, rule: str | None = None
) -> Standing:
    """Count what is in quarantine, narrowed to an asset, a partition and a rule that rows break."""
    graph = reading.domain.graph
    nodes = graph.nodes if asset is None else (node_of(reading, asset),)
    refusals, rulings = Refusals(reading.store), Rulings(reading.store)
    counts: list[Count] = []
    refused: list[Mapping[str, Any]] = []
    blocked: dict[str, int] = {}
    pending: list[Mapping[str, str]] = []
    for node in nodes:
        made, hidden = rulings.of(node.asset), hidden_columns(reading, node)
        standing = refusals.standing(node.asset)
        for name, frame in partitions_of(reading, node, partition).items():
            counts += _counted(node, name, _matching(frame, rule), in_force(made.get(name, ())), hidden)
        for name, refusal in standing.items():
            if partition not in (None, name):
                continue
            if refusal.state == "refused":
                refused.append(asdict(refusal))
            else:
                blocked[node.asset] = blocked.get(node.asset, 0) + 1
        pending += [
            {"asset": node.asset, "partition": name}
            for name in made
            if partition in (None, name) and is_pending(reading, node, name, made[name], standing.get(name))
        ]
    return Standing(tuple(counts), tuple(refused), blocked, tuple(pending))


def _matching(frame: pl.DataFrame, rule: str | None) -> pl.DataFrame:
    if rule is None:
        return frame
    return frame.filter(pl.concat_str(pl.lit(", "), "rules", pl.lit(", ")).str.contains(f", {rule}, ", literal=True))


def _counted(
    node: Node, partition: str, frame: pl.DataFrame, standing: Sequence[Ruling], hidden: frozenset[str]
) -> list[Count]:
    ruled = rulings_on(frame, standing)
    dropped = pl.Series([one is not None and one.verdict is Verdict.DROP for one in ruled], dtype=pl.Boolean)
    marked = frame.with_columns(dropped=dropped)
    grouped = marked.group_by("rule", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("dropped").sum(), pl.col("source_row", "column", "value").first()
    )
    return [
        Count(
            asset=node.asset,
            partition=partition,
            rule=str(row["rule"]),
            rows=row["rows"],
            open=row["rows"] - row["dropped"],
            dropped=row["dropped"],
            example_row=row["source_row"],
            example_value=MASK if row["column"] in hidden and row["value"] is not None else row["value"],
        )
        for row in grouped.iter_rows(named=True)
    ]
