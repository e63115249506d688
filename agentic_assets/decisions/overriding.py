"""Put people's answers in the place of the decisions that were escalated to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.decisions.decide import Setting, decide
from agentic_assets.policy import AUTHORIZATION, Resource, Verdict
from agentic_assets.policy.escalation import Resolution
from agentic_assets.policy.rollout import SERVING, Gate
from agentic_assets.versions import Pins

__all__ = ["answered"]


def answered(
    decided: pl.DataFrame,
    rows: pl.DataFrame,
    settings: tuple[Setting, Setting],
    gate: Gate,
    answers: Sequence[Resolution],
    without: Mapping[str, Resource] | None = None,
) -> tuple[pl.DataFrame, list[Pins]]:
    """Decide anew each escalated decision that was answered; give all decisions, and the pins of the new ones.

    `decided` was made of `rows`: those that no control touched under the first of `settings`, the others under the
    second. An answer is about one decision by its id: where the decision is another by now (other inputs, other
    versions), or is no longer escalated, the answer changes nothing. The new decision names the answer and the decision
    that it supersedes. `without` names the decisions (by id) that were allowed to take a resource of which no unit was
    left: they meet what it says. What is put in place must be permitted to the agent, and passes the `gate`: an action
    that is stopped is not done, and who is not live for the entity stays so.
    """
    escalated = decided.filter(pl.col("verdict") == Verdict.ESCALATE.value).select("decision_id", "day", "entity")
    standing = {row[0]: row[1:] for row in escalated.iter_rows()}
    made, replaced, pins = [], [], []
    for answer in answers:
        if answer.decision_id not in standing:
            continue
        day, entity = standing[answer.decision_id]
        row = rows.row(by_predicate=(pl.col("day") == day) & (pl.col("entity") == entity), named=True)
        changed = _answer(row, answer, (without or {}).get(answer.decision_id), settings[0])
        phase, effective, control = gate.pass_(
            entity, row["decided_at"], action=row["action"], judged_action=changed["judged_action"]
        )
        if phase in SERVING:
            changed |= {"phase": phase, "effective_action": effective, "control": control}
        elif row["phase"] in SERVING:  # the action is stopped that the answer takes: nothing is done
            changed |= {"phase": phase, "effective_action": NO_ACTION, "control": control}
        setting = settings[0 if changed.get("control", row["control"]) is None else 1]
        setting = replace(setting, pins=setting.pins.with_((answer.pin,)))
        made.append(decide(pl.DataFrame([row | changed], schema=rows.schema), setting))
        replaced.append(answer.decision_id)
        pins.append(setting.pins)
    if not made:
        return decided, []
    kept = decided.filter(~pl.col("decision_id").is_in(replaced))
    return pl.concat([kept, *made]), pins


def _answer(row: Mapping[str, Any], answer: Resolution, lacking: Resource | None, setting: Setting) -> dict[str, Any]:
    """Give what the answer makes of verdict, rule and action, and who permits that action."""
    action, verdict, rule = answer.action, answer.verdict, row["rule"]
    if lacking is not None:
        transforms = lacking.verdict is Verdict.TRANSFORM
        action, verdict = (lacking.to or NO_ACTION, Verdict.TRANSFORM) if transforms else (NO_ACTION, Verdict.DENY)
        rule = lacking.id
    if verdict is Verdict.DENY:
        action = NO_ACTION
    changed = {"override": answer.id, "supersedes": answer.decision_id, "authorized_by": row["authorized_by"]}
    asked = setting.ruleset.asked(setting.agent)
    if asked is not None and action != NO_ACTION:
        told = asked.answer(action, row[asked.authorization.column])
        changed["authorized_by"] = told.by
        if not told.permitted:
            action, verdict, rule = NO_ACTION, Verdict.DENY, AUTHORIZATION
    return changed | {"verdict": verdict.value, "rule": rule, "judged_action": action}
