"""Assemble decisions: what was proposed, what policy and rollout made of it, and every version that shaped it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from agentic_assets.agents import PROPOSALS, Spec
from agentic_assets.agents.vector import DIGITS
from agentic_assets.decisions.record import FIELDS, encode
from agentic_assets.errors import PartitionRefused
from agentic_assets.policy import JUDGED, RuleSet, Verdict
from agentic_assets.policy.rollout import ROLLED
from agentic_assets.versions import Pins

__all__ = ["DECISIONS", "NEEDED", "Setting", "decide", "decision_ids"]

DECISIONS = pl.Schema({**FIELDS, "record": pl.String()})
"""The columns of the decisions table: the fields of the record, then the record."""

NEEDED = pl.Schema(
    {
        **PROPOSALS,
        "day": FIELDS["day"],
        "decided_at": FIELDS["decided_at"],
        "input_digest": FIELDS["input_digest"],
        "model": FIELDS["model"],
        "legacy_action": FIELDS["legacy_action"],
        **JUDGED,
        **ROLLED,
        "judged_action": FIELDS["judged_action"],
        "override": FIELDS["override"],
        "supersedes": FIELDS["supersedes"],
    }
)
"""What `decide` reads: a proposal, its verdict, what the rollout made of it, and whose answer it follows."""


@dataclass(frozen=True)
class Setting:
    """What decisions have in common; `pins` are everything versioned that shapes them.

    Record the pins: the decisions hold their digest only.
    """

    domain: str
    agent: Spec
    ruleset: RuleSet
    pins: Pins


def decide(rows: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Give one decision a row (columns NEEDED), in the columns of DECISIONS, sorted by (decided_at, entity).

    `effective_action` is what is done, `judged_action` what the policy left of the proposal: they differ where the
    agent is not live for the entity. Raises PartitionRefused for a column that is missing or of another type, and for
    rows without an entity.
    """
    wrong = [name for name, dtype in NEEDED.items() if rows.schema.get(name) != dtype]
    if wrong:
        told = ", ".join(f"{name} ({rows.schema.get(name, 'missing')})" for name in wrong[:6])
        raise PartitionRefused(
            f"agent {setting.agent.id}: {len(wrong)} columns are missing or of another type: {told}",
            hint="judge the proposals and put the rollout gate behind it, as decisions.node does",
        )
    if rows.get_column("entity").null_count():
        raise PartitionRefused(
            f"agent {setting.agent.id}: {rows.get_column('entity').null_count():,} rows have no entity"
        )
    constant = {
        "domain": setting.domain,
        "agent": setting.agent.id,
        "feature_set": setting.agent.feature_set,
        "policy": setting.ruleset.id,
        "pins": setting.pins.digest,
    }
    role = setting.ruleset.escalation.role if setting.ruleset.escalation else None
    frame = (
        rows.select(*NEEDED)
        .rename({"action": "proposed_action"})
        .with_columns(
            *(pl.lit(value).alias(name) for name, value in constant.items()),
            pl.when(pl.col("verdict") == Verdict.ESCALATE.value)
            .then(pl.lit(role, dtype=pl.String))
            .alias("escalation_role"),
            # Everything that happens about one entity, by any agent, can be brought together by it.
            pl.concat_str(pl.lit(f"{setting.domain}/"), pl.col("entity")).alias("correlation_id"),
        )
        .sort("decided_at", "entity")
    )
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
