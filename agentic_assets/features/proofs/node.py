"""The proofs of a feature set as an asset: each month, every law on its last days, with what was compared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.proofs import laws
from agentic_assets.features.proofs.laws import LAWS, Proof, prove
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Window
from agentic_assets.versions import of_code, of_json

__all__ = ["proof_node"]

_SAID = {
    "one_row_per_entity": "Every entity has exactly one row.",
    "equals_brute_force": "Sampled entities, computed by filtering the facts one by one, give the same values.",
    "future_changes_nothing": "Another future planted after a moment changes no row that was decided before it.",
    "a_day_alone_equals_the_range": "A day built alone has the bytes that it has in a range.",
    "row_order_changes_nothing": "Inputs in another order give the same bytes.",
    "after_the_fact_only_selects": "Other names for what is recorded after the fact, and names where it is null, "
    "change nothing.",
}
_DAYS = 5
_SAMPLE = 40


def proof_node(asset: str, feature_set: FeatureSet, *, features: str, contract: Contract) -> Node:
    """Give the node that proves a feature set on the last five days of each month; `features` is its own asset."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return {month: _proved(batch, month) for month in batch.partitions}

    def _proved(batch: Batch, month: str) -> pl.DataFrame:
        made = [name for name in batch.entries(features, month) if name[:7] == month][-_DAYS:]
        proofs: tuple[Proof, ...] = ()
        if made:
            inputs = {name: batch.read(name, month) for name in feature_set.inputs}
            days = (date.fromisoformat(made[0]), date.fromisoformat(made[-1]))
            proofs = prove(feature_set, inputs, days, sample=_SAMPLE)
        for law in LAWS:
            found = next((proof for proof in proofs if proof.law == law), None)
            batch.check(law, month, passed=found is None or found.passed, description=_told(found))
        batch.report(month, days=f"{made[0]} to {made[-1]}" if made else "none published yet")
        return pl.DataFrame(
            [(month, proof.law, proof.passed, proof.compared, proof.differing, proof.example) for proof in proofs],
            schema=contract.schema,
            orient="row",
        )

    pin = feature_set.pin
    return Node(
        asset=asset,
        group="features",
        cut=Cut.MONTH,
        contract=contract,
        compute=compute,
        code_version=of_json([pin.digest, of_code(laws)]),
        inputs=(Input(features), *(Input(name, Window(back=1)) for name in feature_set.inputs)),
        pins=(pin,),
        checks=tuple(Check(law, _SAID[law]) for law in LAWS),
        description=f"What `{feature_set.name}@{feature_set.version}` promises, proved on the last {_DAYS} published "
        f"days of each month: {_SAMPLE} entities by brute force, a planted future, a day alone, rows in another order.",
        kinds=("polars",),
        tags={"feature_set": feature_set.name, "version": feature_set.version},
        code=(prove,),
    )


def _told(proof: Proof | None) -> str:
    if proof is None:
        return "no day of the month is published"
    if proof.passed:
        return f"{proof.compared:,} rows compared, all equal"
    return f"{proof.differing:,} of {proof.compared:,} rows differ, e.g. {proof.example}"
