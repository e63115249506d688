"""The monthly versions that decisions rest on: the trained model, and the legacy table that it is measured against."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.domains.departures import legacy
from agentic_assets.domains.departures.models import (
    RECIPE,
    TRAINING_MONTHS,
    cut_of,
    frame_of,
    train_month,
    train_months,
)
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Window
from agentic_assets.versions import of_code

__all__ = ["legacy_node", "model_node"]

_BEFORE = Window(back=TRAINING_MONTHS, before_only=True)


def model_node(asset: str, *, features: str, outcomes: str, contract: Contract) -> Node:
    """Give the node that trains each month's model on outcomes known before the month."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        def read(month: str) -> tuple[pl.DataFrame, pl.DataFrame]:
            return batch.read(features, month), batch.read(outcomes, month)

        made = {}
        for month, artefact in train_months(batch.partitions, read).items():
            made[month] = frame_of(artefact, month)
            row = made[month].drop("payload").row(0, named=True)
            batch.report(month, **{name: value for name, value in row.items() if isinstance(value, int | float | str)})
            batch.check(
                "quality",
                month,
                passed=row["auc_holdout"] is None or row["auc_holdout"] >= _LEAST_AUC,
                description=artefact.reason or f"AUC {row['auc_holdout']:.3f} on the hold-out, at least {_LEAST_AUC}",
            )
        return made

    return Node(
        asset=asset,
        group="models",
        cut=Cut.MONTH,
        contract=contract,
        compute=compute,
        code_version=of_code(train_months),
        inputs=(Input(features, _BEFORE), Input(outcomes, _BEFORE)),
        pins=(RECIPE.pin,),
        checks=(
            Check("quality", f"The hold-out AUC is at least {_LEAST_AUC}, where there is a model.", blocking=False),
        ),
        kinds=("lightgbm", "deltalake"),
        code=(train_month,),
        lineage={"payload": [(features, name) for name in RECIPE.features] + [(outcomes, "disrupted")]},
    )


_LEAST_AUC = 0.75


def legacy_node(asset: str, *, features: str, outcomes: str, contract: Contract) -> Node:
    """Give the node that counts the legacy table of each month from outcomes known before it."""

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        return {
            month: legacy.legacy_table(
                batch.read(features, month).select("flight_id", "carrier", "origin", "hour"),
                batch.read(outcomes, month).select("flight_id", "disrupted", "outcome_known_at"),
                month=month,
                cut=cut_of(month),
            )
            for month in batch.partitions
        }

    return Node(
        asset=asset,
        group="models",
        cut=Cut.MONTH,
        contract=contract,
        compute=compute,
        code_version=of_code(legacy),
        inputs=(Input(features, _BEFORE), Input(outcomes, _BEFORE)),
        kinds=("polars", "deltalake"),
        code=(legacy.legacy_table,),
        lineage={"rate_bp": [(outcomes, "disrupted"), (features, "carrier"), (features, "origin"), (features, "hour")]},
    )
