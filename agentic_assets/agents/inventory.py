"""The inventory of agents as an asset: one row a version, so that whoever asks finds every agent in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agentic_assets.agents.card import definition
from agentic_assets.agents.spec import Spec
from agentic_assets.contracts import Contract
from agentic_assets.pipeline import STATIC, Batch, Cut, Node
from agentic_assets.versions import of_code, of_json

__all__ = ["INVENTORY", "inventory", "inventory_node"]

INVENTORY = pl.Schema(
    {
        "agent": pl.String(),
        "name": pl.String(),
        "version": pl.String(),
        "kind": pl.String(),
        "owner": pl.String(),
        "author": pl.String(),
        "purpose": pl.String(),
        "risk_tier": pl.String(),
        "review_by": pl.Date(),
        "phase": pl.String(),
        "reads": pl.String(),
        "columns": pl.String(),
        "actions": pl.String(),
        "resources": pl.String(),
        "digest": pl.String(),
    }
)
"""`phase` is the one that an agent is born in; lists are written with commas."""


def inventory(specs: Sequence[Spec]) -> pl.DataFrame:
    """Give one row a version of an agent, sorted by name and version."""
    rows = [
        {
            "agent": spec.id,
            **{name: getattr(spec, name) for name in ("name", "version", "kind", "owner", "author", "purpose")},
            "risk_tier": spec.risk_tier,
            "review_by": spec.review_by,
            "phase": spec.phase,
            "reads": spec.feature_set,
            "columns": ", ".join(spec.columns) or "the whole set",
            "actions": ", ".join(spec.actions),
            "resources": ", ".join(spec.resources) or None,
            "digest": spec.pin.digest,
        }
        for spec in sorted(specs, key=lambda spec: spec.order)
    ]
    return pl.DataFrame(rows, schema=INVENTORY)


def inventory_node(asset: str, *, specs: Sequence[Spec], contract: Contract) -> Node:
    """Give the node that lists the agents of a domain; what each version says is kept with it."""
    # One version of each name can be pinned; the others are told apart by the definitions.
    newest = {spec.name: spec.pin for spec in sorted(specs, key=lambda spec: spec.order)}

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return {STATIC: inventory(specs)}

    return Node(
        asset=asset,
        group="governance",
        cut=Cut.STATIC,
        contract=contract,
        compute=compute,
        code_version=of_json([of_code(inventory_node), [spec.pin.digest for spec in specs]]),
        pins=tuple(newest.values()),
        definitions=tuple(definition(spec) for spec in specs),
        description="Every agent of the domain: what it is for, who answers for it, what it reads and may propose, how "
        "much harm it can do, and until when it may be live without another review.",
        kinds=("polars", "deltalake"),
        code=(inventory,),
    )
