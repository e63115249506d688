"""An agent's proposals as an asset: one row a row of features, with what the policy may look at beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from agentic_assets.agents.feeding import check_feed, fed
from agentic_assets.agents.proposals import PROPOSALS, Agent, propose
from agentic_assets.agents.spec import Spec
from agentic_assets.agents.vector import row_digests
from agentic_assets.contracts import Contract
from agentic_assets.errors import PartitionRefused
from agentic_assets.features import FeatureSet
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, by_day
from agentic_assets.versions import Pin, Pins, of_code, of_json

__all__ = ["PROPOSED", "Serving", "proposal_node"]

PROPOSED = pl.Schema(
    {
        "day": pl.Date(),
        "decided_at": pl.Datetime("us", "UTC"),
        **PROPOSALS,
        "input_digest": pl.String(),
        "model": pl.String(),
        "legacy_action": pl.String(),
    }
)
"""The columns that the proposals of every agent have; the columns that its policy reads stand after them.

`input_digest` proves what the agent was shown, `model` names what scored (null where nothing did), `legacy_action` is
what the rule before would have done (null where there was none).
"""


@dataclass(frozen=True)
class Serving:
    """What serves some days: the agent, the model's pin, and what the policy and the baseline look at.

    `context(features)` gives the columns that rules may read beside the proposal; `legacy(features)` what the rule
    before would have done; both one row a feature row, in their order.
    """

    agent: Agent
    context: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    model: Pin | None = None
    legacy: Callable[[pl.DataFrame], pl.Series] | None = None


def proposal_node(
    asset: str,
    *,
    spec: Spec,
    feature_set: FeatureSet,
    features: str,
    serve: Callable[[Batch, str], Serving],
    contract: Contract,
    code: tuple[Callable[..., object], ...],
    models: tuple[str, ...] = (),
    pins: tuple[Pin, ...] = (),
) -> Node:
    """Give the node that asks the agent about every row of `features`.

    `models` are monthly inputs; `serve(batch, day)` turns those of the day's month into what serves it. `code` are the
    agent's own functions: a change in them is another code version. `pins` are further versions that shape it, such as
    a rule table. Raises ConfigInvalid when the agent was made for another version of the feature set.
    """
    check_feed(spec, feature_set)
    # Digested once: what is recorded must be what was loaded, even when somebody edits a file meanwhile.
    fixed = (spec.pin, feature_set.pin, *pins)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        made: dict[str, pl.DataFrame] = {}
        for _, group in groupby(batch.partitions, key=lambda name: name[:7]):
            days = list(group)
            rows = pl.concat([batch.read(features, name) for name in days])
            serving = serve(batch, days[0])
            proposed = _proposed(rows, serving, spec)
            made |= by_day(proposed, days)
            asked = {str(day): count for day, count in rows.group_by("day").len().iter_rows()}
            for name in days:
                if serving.model is not None:
                    batch.pin(name, Pins.of(*fixed, serving.model, contract.pin))
                _report(batch, name, made[name], asked.get(name, 0), serving.model)
        return made

    return Node(
        asset=asset,
        group="proposals",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_json([of_code(proposal_node, *code), spec.pin.digest, [pin.digest for pin in pins]]),
        inputs=(Input(features), *(Input(model) for model in models)),
        pins=fixed,
        checks=(Check("one_proposal_per_entity", "Every row of features has exactly one proposal."),),
        description=f"{spec.purpose}\n\nAgent `{spec.id}` ({spec.owner}, kind {spec.kind}, risk tier {spec.risk_tier}) "
        "proposes and has no effect: its policy decides what becomes of it.",
        kinds=("polars", *(("lightgbm",) if models else ()), "deltalake"),
        tags={"agent": spec.name, "version": spec.version, "risk_tier": spec.risk_tier},
        lineage=_lineage(features, models, feature_set, spec),
        code=(*code, propose),
    )


def _proposed(rows: pl.DataFrame, serving: Serving, spec: Spec) -> pl.DataFrame:
    proposals = propose(serving.agent, rows)
    shown = row_digests(fed(rows, spec).drop(spec.entity, "day", "decided_at", strict=False))
    model = None if serving.model is None else f"{serving.model.name}#{serving.model.digest[:12]}"
    none = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    legacy = none if serving.legacy is None else serving.legacy(rows)
    context = pl.DataFrame() if serving.context is None else serving.context(rows)
    context = context.drop(*PROPOSED, strict=False)
    for what, height in (("legacy actions", legacy.len()), ("rows of context", context.height or rows.height)):
        if height != rows.height:
            raise PartitionRefused(f"agent {spec.id}: {height:,} {what} for {rows.height:,} rows of features")
    frame = proposals.with_columns(
        rows.get_column("day"),
        rows.get_column("decided_at"),
        shown,
        # A model is trained anew under the same version: its digest tells which one it was.
        pl.lit(model, dtype=pl.String).alias("model"),
        legacy.alias("legacy_action"),
    ).select(*PROPOSED)
    # In the order of time, whatever the order of the features: quotas and leases are granted along it.
    return pl.concat([frame, context], how="horizontal").sort("decided_at", "entity")


def _report(batch: Batch, partition: str, proposed: pl.DataFrame, asked: int, model: Pin | None) -> None:
    batch.check(
        "one_proposal_per_entity",
        partition,
        passed=proposed.height == asked and proposed.get_column("entity").n_unique() == asked,
        description=f"{proposed.height:,} proposals about {asked:,} entities",
    )
    counted = proposed.group_by("action").len("proposals").sort("proposals", "action", descending=[True, False])
    named = {} if model is None else {"model": f"{model.name} ({model.digest[:12]})"}
    batch.report(partition, by_action=counted.to_dicts(), **named)


def _lineage(
    features: str, models: tuple[str, ...], feature_set: FeatureSet, spec: Spec
) -> dict[str, list[tuple[str, str]]]:
    every = [feature.name for feature in feature_set.features]
    vector = [(features, name) for name in every if not spec.columns or name in spec.columns]
    return {
        "entity": [(features, feature_set.entity)],
        "day": [(features, "day")],
        "decided_at": [(features, "decided_at")],
        "action": vector,
        "score_bp": [*vector, *((model, "payload") for model in models[:1])],
        "input_digest": vector,
    }
