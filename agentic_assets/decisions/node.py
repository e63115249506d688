"""An agent's decisions as an asset: propose, judge, record, for each day with the model of its month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from agentic_assets.agents import Agent, Spec, propose
from agentic_assets.contracts import Contract
from agentic_assets.decisions.decide import Setting, decide
from agentic_assets.errors import ConfigInvalid
from agentic_assets.features import FeatureSet
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, by_day
from agentic_assets.policy import RuleSet, judge
from agentic_assets.versions import Pin, of_code, of_json

__all__ = ["Serving", "decision_node"]


@dataclass(frozen=True)
class Serving:
    """What serves the days of one model: the agent, the model's pin, and what the policy and the baseline look at.

    `context(features)` gives the columns that rules may read beside the proposal; `legacy(features)` what the rule
    before would have done; both one row a feature row, in their order.
    """

    agent: Agent
    model: Pin
    context: Callable[[pl.DataFrame], pl.DataFrame]
    legacy: Callable[[pl.DataFrame], pl.Series]


def decision_node(
    asset: str,
    *,
    domain: str,
    spec: Spec,
    ruleset: RuleSet,
    feature_set: FeatureSet,
    features: str,
    models: tuple[str, ...],
    serve: Callable[[Batch, str], Serving],
    contract: Contract,
    code: tuple[Callable[..., object], ...],
) -> Node:
    """Give the node that decides about every row of `features`.

    `models` are monthly inputs; `serve(batch, day)` turns those of the day's month into what serves it. `code` are the
    agent's own functions: a change in them is another code version. Raises ConfigInvalid when the agent was made for
    another version of the feature set.
    """

    offered = f"{feature_set.name}@{feature_set.version}"
    if (spec.feature_set, spec.entity) != (offered, feature_set.entity):
        raise ConfigInvalid(
            f"agent {spec.id} reads {spec.feature_set} by `{spec.entity}`, and is given {offered} by "
            f"`{feature_set.entity}`",
            hint="give it the version that it was made for, or raise its own version together with the one it reads",
        )
    # Digested once: what is recorded must be what was loaded, even when somebody edits a file meanwhile.
    set_pin = feature_set.pin

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        decided: dict[str, pl.DataFrame] = {}
        for _, group in groupby(batch.partitions, key=lambda name: name[:7]):
            days = list(group)
            rows = pl.concat([batch.read(features, name) for name in days])
            serving = serve(batch, days[0])
            proposals = propose(serving.agent, rows)
            judged = judge(proposals.hstack(serving.context(rows)), ruleset)
            setting = Setting(domain, spec, ruleset, set_pin, serving.model, further=(contract.pin,))
            made = decide(rows, judged, setting, legacy_action=serving.legacy(rows))
            decided |= by_day(made, days)
            asked = {str(day): count for day, count in rows.group_by("day").len().iter_rows()}
            for name in days:
                batch.pin(name, setting.pins)
                _report(batch, name, decided[name], asked.get(name, 0), serving.model)
        return decided

    return Node(
        asset=asset,
        group="decisions",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_json([of_code(decision_node, *code), spec.pin.digest, ruleset.pin.digest]),
        inputs=(Input(features), *(Input(model) for model in models)),
        pins=(spec.pin, ruleset.pin, set_pin),
        checks=(Check("one_decision_per_entity", "Every row of features has exactly one decision."),),
        description=f"{spec.purpose}\n\nAgent `{spec.id}` ({spec.owner}, risk tier {spec.risk_tier}) proposes, policy "
        f"`{ruleset.id}` gives the verdict: {len(ruleset.rules)} rules, then {len(ruleset.quotas)} quotas. Every "
        "proposal is recorded, whatever became of it.",
        kinds=("polars", "lightgbm", "deltalake"),
        tags={"agent": spec.name, "version": spec.version, "risk_tier": spec.risk_tier},
        lineage=_lineage(features, models, feature_set),
        code=(*code, judge, decide),
    )


def _report(batch: Batch, partition: str, decided: pl.DataFrame, asked: int, model: Pin) -> None:
    batch.check(
        "one_decision_per_entity",
        partition,
        passed=decided.height == asked and decided.get_column("entity").n_unique() == asked,
        description=f"{decided.height:,} decisions about {asked:,} entities",
    )
    batch.report(
        partition,
        model=f"{model.name} ({model.digest[:12]})",
        by_action=_counts(decided, "effective_action"),
        by_verdict=_counts(decided, "verdict"),
        by_rule=_counts(decided.drop_nulls("rule"), "rule"),
    )


def _counts(frame: pl.DataFrame, column: str) -> list[dict[str, object]]:
    return frame.group_by(column).len("decisions").sort("decisions", column, descending=[True, False]).to_dicts()


def _lineage(features: str, models: tuple[str, ...], feature_set: FeatureSet) -> dict[str, list[tuple[str, str]]]:
    vector_columns = [(features, feature.name) for feature in feature_set.features]
    return {
        "entity": [(features, feature_set.entity)],
        "day": [(features, "day")],
        "decided_at": [(features, "decided_at")],
        "score_bp": [*vector_columns, *((model, "payload") for model in models[:1])],
        "input_digest": vector_columns,
    }
