"""Put people's answers in the place of the decisions that were escalated to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.decisions.decide import Setting, decide
from agentic_assets.policy import Resource, Verdict
from agentic_assets.policy.escalation import Resolution
from agentic_assets.policy.rollout import Phase
from agentic_assets.versions import Pins

__all__ = ["answered"]

_SERVES = (Phase.LIVE.value, Phase.CANARY.value)


def answered(
    decided: pl.DataFrame,
    rows: pl.DataFrame,
    settings: Sequence[Setting],
    answers: Sequence[Resolution],
    without: Mapping[str, Resource] | None = None,
) -> tuple[pl.DataFrame, list[Pins]]:
    """Decide anew each escalated decision that was answered; give all decisions, and the pins of the new ones.

    `decided` was made of `rows` under one of `settings`. An answer is about one decision by its id: where the decision
    is another by now (other inputs, other versions), or is no longer escalated, the answer changes nothing. The new
    decision names the answer and the decision that it supersedes; who is not live for the entity stays so. `without`
    names the decisions (by id) that were allowed to take a resource of which no unit was left: they meet what it says.
    """
    escalated = decided.filter(pl.col("verdict") == Verdict.ESCALATE.value).select("decision_id", "entity", "pins")
    standing = {row[0]: row[1:] for row in escalated.iter_rows()}
    under = {setting.pins.digest: setting for setting in settings}
    made, replaced, pins = [], [], []
    for answer in answers:
        if answer.decision_id not in standing:
            continue
        entity, digest = standing[answer.decision_id]
        setting = replace(under[digest], pins=under[digest].pins.with_((answer.pin,)))
        action, verdict = (answer.action if answer.verdict is Verdict.ALLOW else NO_ACTION), answer.verdict
        lacking = (without or {}).get(answer.decision_id)
        named = pl.col("rule")
        if lacking is not None:
            transforms = lacking.verdict is Verdict.TRANSFORM
            action, verdict = (lacking.to or NO_ACTION, Verdict.TRANSFORM) if transforms else (NO_ACTION, Verdict.DENY)
            named = pl.lit(lacking.id)
        row = rows.filter(pl.col("entity") == entity).with_columns(
            pl.lit(verdict.value).alias("verdict"),
            named.alias("rule"),
            pl.lit(action).alias("judged_action"),
            pl.lit(answer.id).alias("override"),
            pl.lit(answer.decision_id).alias("supersedes"),
        )
        acts = pl.col("phase").is_in(list(_SERVES))
        row = row.with_columns(
            pl.when(acts).then("judged_action").otherwise("effective_action").alias("effective_action")
        )
        made.append(decide(row, setting))
        replaced.append(answer.decision_id)
        pins.append(setting.pins)
    if not made:
        return decided, []
    kept = decided.filter(~pl.col("decision_id").is_in(replaced))
    return pl.concat([kept, *made]), pins
