"""A feature set as an asset: each day built from that day and the days it may look back on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.features.card import card
from agentic_assets.features.declaring import Coded
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.purity import reached
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Window, by_day
from agentic_assets.versions import Definition
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["FeatureNode", "feature_node"]


@dataclass(frozen=True)
class FeatureNode(Node):
    """The asset that publishes a feature set, with the set: it is found though no agent may decide on it."""

    feature_set: FeatureSet = field(kw_only=True)


def feature_node(asset: str, feature_set: FeatureSet, *, contract: Contract) -> FeatureNode:
    """Give the node that builds a feature set; one row out for each entity is checked on every partition."""

    pin = feature_set.pin

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        inputs = {name: _read(batch, name, (*columns, feature_set.day)) for name, columns in feature_set.reads.items()}
        days = [date.fromisoformat(name) for name in batch.partitions]
        built = by_day(feature_set.compute(inputs, (min(days), max(days))), batch.partitions, feature_set.day)
        entities = inputs[feature_set.entities.table].group_by(feature_set.day).len()
        asked = {str(day): count for day, count in entities.iter_rows()}
        for name, frame in built.items():
            wanted = asked.get(name, 0)
            batch.check(
                "one_row_per_entity",
                name,
                passed=frame.height == wanted and frame.get_column(feature_set.entity).n_unique() == wanted,
                description=f"{frame.height:,} rows for {wanted:,} entities",
            )
            lookback = batch.entries(feature_set.inputs[0], name)
            batch.report(name, lookback_days=len(lookback) - 1)
        return built

    return FeatureNode(
        feature_set=feature_set,
        asset=asset,
        group="features",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=pin.digest,
        inputs=tuple(Input(name, Window(back=feature_set.lookback)) for name in feature_set.inputs),
        pins=(pin,),
        definitions=(Definition(pin, canonical_json(card(feature_set))),),
        checks=(Check("one_row_per_entity", "Every entity of the day has exactly one row."),),
        description=f"{feature_set.description}\n\nPoint-in-time correct: nothing that became known after `decided_at` "
        f"enters, and each view's `_known_at` column says when its newest fact became known. Reads "
        f"{feature_set.lookback} days back.",
        kinds=("polars", "pandera", "deltalake"),
        tags={"feature_set": feature_set.name, "version": feature_set.version},
        lineage={
            feature.name: [tuple(source.rsplit(".", 1)) for source in feature.sources]  # type: ignore[misc]
            for feature in feature_set.features
        },
        code=(
            *(
                made
                for view in feature_set.views
                if isinstance(view, Coded)
                for made in reached(view.make).functions[:1]
            ),
            FeatureSet.compute,
        ),
    )


def _read(batch: Batch, table: str, columns: Iterable[str]) -> pl.DataFrame:
    """Read those of the columns that there are; which of them must be there, `compute` says."""
    schema = batch.lake.open(table).schema
    return batch.read(table, columns=[name for name in dict.fromkeys(columns) if name in schema])
