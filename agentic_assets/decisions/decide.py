"""Assemble decisions: what was proposed, what the policy made of it, and every version that shaped it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.decisions.record import FIELDS, encode
from agentic_assets.decisions.vector import DIGITS, row_digests
from agentic_assets.errors import PartitionRefused
from agentic_assets.policy import RuleSet, Verdict
from agentic_assets.versions import Pin, Pins

__all__ = ["DECISIONS", "LIVE", "Setting", "decide", "decision_ids"]

LIVE = "live"
DECISIONS = pl.Schema({**FIELDS, "record": pl.String()})
"""The columns of the decisions table: the fields of the record, then the record."""


@dataclass(frozen=True)
class Setting:
    """What the decisions of a batch have in common; `further` holds more pins, such as those of contracts."""

    domain: str
    agent: Spec
    ruleset: RuleSet
    feature_set: Pin
    model: Pin
    further: tuple[Pin, ...] = ()
    phase: str = LIVE

    @cached_property
    def pins(self) -> Pins:
        """Everything versioned that shapes these decisions; record them, for the decisions hold their digest only."""
        return Pins.of(self.agent.pin, self.ruleset.pin, self.feature_set, self.model, *self.further)


def decide(
    features: pl.DataFrame, judged: pl.DataFrame, setting: Setting, *, legacy_action: pl.Series | None = None
) -> pl.DataFrame:
    """Give one decision a row, in the columns of DECISIONS, sorted by (decided_at, entity).

    `features`: the frame that the agent was shown, with its entity column, `day` and `decided_at`; every other column
    goes into the input digest. `judged`: what `policy.judge` gave, in the same order. `legacy_action`: what the rule
    before would have done, in the same order, where there was one. Raises PartitionRefused when rows do not align.
    """
    entity = features.get_column(setting.agent.entity).alias("entity")
    _refuse_misaligned(entity, judged, legacy_action, setting)
    context = (setting.agent.entity, "day", "decided_at")
    pins = setting.pins.digest
    model, feature_set = setting.model, setting.feature_set
    constant = {
        "domain": setting.domain,
        "agent": setting.agent.id,
        "feature_set": f"{feature_set.name}@{feature_set.version}",
        # A model is trained anew under the same version: its digest tells which one it was.
        "model": f"{model.name}#{model.digest[:12]}",
        "policy": setting.ruleset.id,
        "phase": setting.phase,
        "pins": pins,
    }
    role = setting.ruleset.escalation.role if setting.ruleset.escalation else None
    escalated = judged.get_column("verdict") == Verdict.ESCALATE.value
    frame = judged.select(
        "entity",
        pl.col("action").alias("proposed_action"),
        *("effective_action", "score_bp", "confidence_bp", "benefit_cents", "cost_cents", "reason"),
        *("verdict", "rule", "fired"),
    ).with_columns(
        features.get_column("day"),
        features.get_column("decided_at"),
        row_digests(features.drop(context)),
        *(pl.lit(value).alias(name) for name, value in constant.items()),
        pl.when(pl.lit(escalated)).then(pl.lit(role, dtype=pl.String)).alias("escalation_role"),
        # Everything that happens about one entity, by any agent, can be brought together by it.
        pl.concat_str(pl.lit(f"{setting.domain}/"), pl.col("entity")).alias("correlation_id"),
        (pl.repeat(None, judged.height, dtype=pl.String, eager=True) if legacy_action is None else legacy_action).alias(
            "legacy_action"
        ),
    )
    frame = frame.sort("decided_at", "entity")
    frame = frame.with_columns(decision_ids(frame)).select(FIELDS.names()).cast(FIELDS)
    return frame.with_columns(encode(frame))


def decision_ids(decisions: pl.DataFrame) -> pl.Series:
    """Derive each decision's id from what it decided on: 32 hexadecimal digits of a SHA-256.

    Digested is `domain|agent|decided_at|pins|input_digest|entity`, where the moment is in microseconds since 1970 and
    only the last part can hold a bar. The same agent, asked again about the same entity at the same moment with the
    same input under the same versions, has decided the same thing: a repeated run makes no new decision.
    """
    # A stored row may have lost a value: its id must then differ, not fail.
    names = ("domain", "agent", "decided_at", "pins", "input_digest", "entity")
    values = {name: pl.col(name) for name in names} | {"decided_at": pl.col("decided_at").dt.epoch("us")}
    parts = pl.concat_str(*(value.cast(pl.String).fill_null("") for value in values.values()), separator="|")
    texts = decisions.select(parts.alias("text")).get_column("text").to_list()
    sha256 = hashlib.sha256
    return pl.Series("decision_id", [sha256(text.encode()).hexdigest()[:DIGITS] for text in texts], dtype=pl.String)


def _refuse_misaligned(
    entity: pl.Series, judged: pl.DataFrame, legacy_action: pl.Series | None, setting: Setting
) -> None:
    if not entity.equals(judged.get_column("entity")):
        raise PartitionRefused(
            f"agent {setting.agent.id}: the {judged.height:,} judged rows are not the {entity.len():,} feature rows",
            hint="judge the proposals in the order in which `agents.propose` gave them",
        )
    if legacy_action is not None and legacy_action.len() != entity.len():
        raise PartitionRefused(
            f"agent {setting.agent.id}: {legacy_action.len():,} legacy actions for {entity.len():,} rows"
        )
    if entity.null_count():
        raise PartitionRefused(f"agent {setting.agent.id}: {entity.null_count():,} rows have no entity")
