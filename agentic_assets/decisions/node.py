"""An agent's decisions as an asset: judge its proposals, put the rollout gate behind, and record what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.agents.node import PROPOSED
from agentic_assets.contracts import Contract
from agentic_assets.coordination.granting import SETTLED_FOR, allowed_without, granted_to, within_awards
from agentic_assets.decisions.decide import DECISIONS, Setting, decide
from agentic_assets.decisions.overriding import answered
from agentic_assets.errors import ConfigInvalid
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Ordered, Standing, by_day, together
from agentic_assets.policy import Resource, RuleSet, judge
from agentic_assets.policy.escalation import Answers, Resolution
from agentic_assets.policy.rollout import Control, Gate, Stage, roll_out
from agentic_assets.versions import Pin, Pins, of_code, of_json

__all__ = ["decision_node"]


def decision_node(
    asset: str,
    *,
    domain: str,
    spec: Spec,
    ruleset: RuleSet,
    proposals: str,
    contract: Contract,
    awards: Mapping[str, str] | None = None,
    controls: Ordered | None = None,
) -> Node:
    """Give the node that decides about every proposal of an agent.

    `awards` names, for each resource of the policy, the asset that settles its bids (`coordination.node`). `controls`
    gives, of each partition, the orders of people and of the circuit breaker: stops and stages.
    Raises ConfigInvalid for a contract that lacks columns of a decision.
    """
    agent, awards = ruleset.asked(spec), dict(awards or {})
    _refuse(contract)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        rows = batch.read(proposals)
        settled = {resource: batch.read(made, columns=SETTLED_FOR) for resource, made in awards.items()}
        granted = {resource: granted_to(spec.id, rows, made) for resource, made in settled.items()}
        judged = judge(rows, ruleset, agent=agent, granted=granted)
        # What the rule before may do where the agent does not act.
        instead = rows.select("day", "entity", "legacy_action")
        for resource in ruleset.resources:
            limited = within_awards(spec.id, instead, settled[resource.id], resource)
            instead = instead.with_columns(limited.alias("legacy_action"))
        gate = Gate(spec.id, Stage.born(spec.phase), _controls(batch), spec.review_by)
        ruled = roll_out(
            judged,
            instead.get_column("legacy_action"),
            gate.controls,
            gate.born,
            agent=spec.id,
            review_by=spec.review_by,
            ruleset=ruleset,
        )
        nothing = pl.lit(None, dtype=pl.String)
        rolled = (
            judged.rename({"effective_action": "judged_action"})
            .with_columns(nothing.alias("override"), nothing.alias("supersedes"))
            .hstack(ruled)
        )
        entries = batch.entries(proposals)
        decided: dict[str, pl.DataFrame] = {}
        for shaped, group in groupby(batch.partitions, key=lambda name: (entries[name].pins, _pins(batch, name))):
            days, (proposed, ordered) = list(group), shaped
            frame = rolled.filter(pl.col("day").is_in(pl.Series(days).str.to_date().implode()))
            pins = batch.pins_of(proposed).with_((ruleset.pin, contract.pin))
            answers = _answers(batch, days)
            without = {
                decision: resource
                for resource in ruleset.resources
                for decision in allowed_without(spec.id, answers, settled[resource.id], resource)
            }
            made, used = _made(frame, Setting(domain, spec, ruleset, pins), ordered, gate, answers, without)
            decided |= by_day(made, days)
            for name in days:
                batch.pin(name, pins.with_(batch.standing[name].pins if name in batch.standing else ()), *used)
                _report(batch, name, decided[name], entries[name].rows)
        return decided

    return Node(
        asset=asset,
        group="decisions",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_json([of_code(decision_node), spec.pin.digest, ruleset.pin.digest]),
        inputs=(Input(proposals), *(Input(settled) for settled in dict.fromkeys(awards.values()))),
        pins=(spec.pin, ruleset.pin),
        checks=(Check("one_decision_per_proposal", "Every proposal has exactly one decision."),),
        description=f"{spec.purpose}\n\nAgent `{spec.id}` ({spec.owner}, risk tier {spec.risk_tier}) proposes, policy "
        f"`{ruleset.id}` gives the verdict: {len(ruleset.rules)} rules, then "
        f"{len(ruleset.resources)} resources, then {len(ruleset.quotas)} quotas. Every "
        "proposal is recorded, whatever became of it.",
        kinds=("polars", "deltalake"),
        tags={"agent": spec.name, "version": spec.version, "risk_tier": spec.risk_tier},
        lineage={name: [(proposals, name)] for name in PROPOSED if name != "action"}
        | {"proposed_action": [(proposals, "action")], "effective_action": [(proposals, "action")]},
        code=(judge, roll_out, decide),
        standing=together({**({"controls": controls} if controls else {}), "answers": Answers(domain, spec.id)}),
    )


def _refuse(contract: Contract) -> None:
    """Refuse a contract that would drop what the sealed record holds."""
    wrong = [name for name, dtype in DECISIONS.items() if contract.schema.get(name) != dtype]
    if wrong:
        raise ConfigInvalid(
            f"contract {contract.name}@{contract.version} lacks {len(wrong)} of the {len(DECISIONS)} columns of "
            f"decisions, or has them in another type: {', '.join(wrong[:8])}",
            hint="a decision holds exactly the columns of decisions.DECISIONS",
        )


def _made(
    frame: pl.DataFrame,
    setting: Setting,
    ordered: tuple[Pin, ...],
    gate: Gate,
    answers: Sequence[Resolution],
    without: Mapping[str, Resource],
) -> tuple[pl.DataFrame, tuple[Pins, ...]]:
    """Decide about the rows of some days; each row names only what shaped it, so that no order renames the others."""
    under = replace(setting, pins=setting.pins.with_(ordered))
    parts = [
        decide(frame.filter(pl.col("control").is_null()), setting),
        decide(frame.filter(pl.col("control").is_not_null()), under),
    ]
    made, used = pl.concat(parts), [setting.pins, under.pins]
    if answers:
        made, more = answered(made, frame, (setting, under), gate, answers, without)
        used += more
    return made.sort("decided_at", "entity"), tuple(used)


def _controls(batch: Batch) -> tuple[Control, ...]:
    """Give every control of the agent: each day that any touches is told all of them."""
    return next((told.content for name in batch.standing if (told := _told(batch, name, "controls"))), ())


def _pins(batch: Batch, partition: str) -> tuple[Pin, ...]:
    told = _told(batch, partition, "controls")
    return told.pins if told else ()


def _answers(batch: Batch, days: Sequence[str]) -> list[Resolution]:
    return [one for name in days if (told := _told(batch, name, "answers")) for one in told.content]


def _told(batch: Batch, partition: str, kind: str) -> Standing | None:
    found: Standing | None = batch.standing[partition].content.get(kind) if partition in batch.standing else None
    return found


def _report(batch: Batch, partition: str, decided: pl.DataFrame, proposed: int) -> None:
    batch.check(
        "one_decision_per_proposal",
        partition,
        passed=decided.height == proposed and decided.get_column("entity").n_unique() == proposed,
        description=f"{decided.height:,} decisions about {proposed:,} proposals",
    )
    batch.report(
        partition,
        by_action=_counts(decided, "effective_action"),
        by_verdict=_counts(decided, "verdict"),
        by_rule=_counts(decided.drop_nulls("rule"), "rule"),
        by_phase=_counts(decided, "phase"),
    )


def _counts(frame: pl.DataFrame, column: str) -> list[dict[str, object]]:
    return frame.group_by(column).len("decisions").sort("decisions", column, descending=[True, False]).to_dicts()
