"""Judge proposals in batches: authorization, first matching rule, resources, quotas; the severer verdict stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import fits
from agentic_assets.policy.authorization import Asked, authorize
from agentic_assets.policy.quotas import over_quota
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.ruleset import Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["AUTHORIZATION", "JUDGED", "judge"]

AUTHORIZATION = "authorization"
"""What stands for the rule where the agent may not take the action at all."""

JUDGED = pl.Schema(
    {
        "verdict": pl.String(),
        "rule": pl.String(),
        "fired": pl.Int64(),
        "effective_action": pl.String(),
        "authorized_by": pl.String(),
    }
)
"""What `judge` adds: `rule` settled the verdict (null when none fired); `fired` is a mask over `RuleSet.entries`;
`authorized_by` names the policies that permitted the action, or refused it (null under a policy that does not ask)."""


def judge(
    proposals: pl.DataFrame,
    ruleset: RuleSet,
    *,
    agent: Asked | None = None,
    granted: Mapping[str, pl.Series] | None = None,
) -> pl.DataFrame:
    """Add the columns JUDGED to proposals that stand beside the context that the rules read.

    First the agent must be permitted to take the action, the proposed one and the one that a rule puts in its place:
    `agent` is whom the policy's `authorization` is asked about.

    Rules see the proposed action, and the first that matches wins. Then each resource meets the rows that would take
    its action by now and were not granted a unit: `granted` holds a Boolean series for each resource, one value a row,
    and null is no grant. Then each quota, in the order of the file, counts the rows that would take its action by now:
    what one quota transforms meets the next. Of equal verdicts of two layers the later one is named, because it set
    the action. Denied and escalated rows take the action `none`.
    The frame must hold every row of each group of a quota (a whole day for a quota per day), in any order: the
    verdicts do not depend on it. Raises PolicyInvalid for a column that is missing or of another type, an unknown
    action, a resource that nobody settled, and ties that no column breaks.
    """
    _refuse_columns(proposals, ruleset)
    answers = _answers(proposals, ruleset, agent)
    refused = ~answers.get_column("permitted").to_numpy()
    fired, winner = _first_match(proposals, ruleset)
    entries = ruleset.entries
    severity = np.array([entry.verdict.severity for entry in entries] + [Verdict.ALLOW.severity])
    stops = np.array([entry.verdict.stops for entry in entries] + [False])
    actions = np.array([-1 if entry.to is None else ruleset.actions.index(entry.to) for entry in entries] + [-1])
    # The action that a row would take by now: an index of the policy's actions, or -1 for the one proposed.
    taken = np.where(stops[winner], ruleset.actions.index(NO_ACTION), actions[winner])
    taken[refused] = ruleset.actions.index(NO_ACTION)
    proposed = proposals.get_column("action")
    for bit in range(len(ruleset.rules), len(entries)):
        entry = entries[bit]
        assert not isinstance(entry, Rule)
        named = (proposed == entry.action).fill_null(value=False).to_numpy()
        takes = np.where(taken == -1, named, taken == ruleset.actions.index(entry.action))
        if isinstance(entry, Resource):
            over = np.flatnonzero(takes & ~_granted(proposals, entry, ruleset, granted))
        else:
            over = over_quota(proposals, takes, entry, ruleset)
        fired[over] |= 1 << bit
        if stops[bit]:
            taken[over] = ruleset.actions.index(NO_ACTION)
        elif entry.to is not None:
            taken[over] = ruleset.actions.index(entry.to)
        winner[over] = np.where(severity[bit] >= severity[winner[over]], bit, winner[over])
    effective = _pick([*ruleset.actions, None], taken).fill_null(proposed).alias("effective_action")
    # What a rule or a quota put in place must be permitted as well.
    changed = (effective != proposed).fill_null(value=False) & (effective != NO_ACTION)
    if ruleset.authorization is not None and changed.any():
        instead = _answers(proposals.with_columns(effective.alias("action")), ruleset, agent)
        answers = answers.with_columns(
            pl.when(changed).then(instead[name]).otherwise(answers[name]).alias(name) for name in answers.columns
        )
        refused = ~answers.get_column("permitted").to_numpy()
        effective = effective.set(pl.Series(refused), NO_ACTION)
    # A refusal is the severest there is, and whatever else fired could only agree.
    winner[refused] = len(entries) + 1
    return proposals.with_columns(
        _pick([*(entry.verdict.value for entry in entries), Verdict.ALLOW.value, Verdict.DENY.value], winner).alias(
            "verdict"
        ),
        _pick([*(entry.id for entry in entries), None, AUTHORIZATION], winner).alias("rule"),
        pl.Series("fired", fired, dtype=pl.Int64),
        effective,
        answers.get_column("authorized_by"),
    )


def _answers(proposals: pl.DataFrame, ruleset: RuleSet, agent: Asked | None) -> pl.DataFrame:
    """Ask the policy's authorization; a policy that has one is never judged without asking."""
    if ruleset.authorization is None:
        return proposals.select(
            pl.repeat(True, pl.len(), dtype=pl.Boolean).alias("permitted"),
            pl.repeat(None, pl.len(), dtype=pl.String).alias("authorized_by"),
        )
    return authorize(proposals, ruleset.told(agent))


def _first_match(proposals: pl.DataFrame, ruleset: RuleSet) -> tuple[np.ndarray, np.ndarray]:
    """Give the mask of all rules that fire, and the first that does (the number of entries, past all, when none)."""
    none = len(ruleset.entries)
    fired = np.zeros(proposals.height, dtype=np.int64)
    winner = np.full(proposals.height, none, dtype=np.int64)
    flags = proposals.select(
        pl.repeat(False, pl.len()).alias(""),
        **{rule.id: rule.when.expression.fill_null(rule.fires_on_null) for rule in ruleset.rules},
    )
    for bit in reversed(range(len(ruleset.rules))):
        fires = flags.get_column(ruleset.rules[bit].id).to_numpy()
        fired[fires] |= 1 << bit
        winner[fires] = bit
    return fired, winner


def _granted(
    proposals: pl.DataFrame, resource: Resource, ruleset: RuleSet, granted: Mapping[str, pl.Series] | None
) -> np.ndarray:
    """Mark the rows that hold a unit; a resource that nobody settled is refused, so that none is taken unasked."""
    found = (granted or {}).get(resource.id)
    if found is None or found.dtype != pl.Boolean or found.len() != proposals.height:
        told = "nobody settled who gets a unit" if found is None else f"{found.len():,} grants of type {found.dtype}"
        raise PolicyInvalid(
            f"policy {ruleset.id}, resource {resource.id}: {told} for {proposals.height:,} rows",
            hint="settle the bids first (`coordination`), and give one Boolean a row",
        )
    return found.fill_null(value=False).to_numpy()


def _pick(names: Iterable[str | None], index: np.ndarray) -> pl.Series:
    """Turn indices to names; an index of -1 takes the last name."""
    texts = pl.Series(list(names), dtype=pl.String)
    return texts.gather(np.where(index < 0, texts.len() - 1, index))


def _refuse_columns(proposals: pl.DataFrame, ruleset: RuleSet) -> None:
    where = f"policy {ruleset.id}"
    added = [name for name in JUDGED if name in proposals.columns]
    if added:
        raise PolicyInvalid(
            f"{where}: the proposals have the column {', '.join(added)} already", hint="judge them once"
        )
    for name, type_ in ruleset.reads.items():
        readers = [rule.id for rule in ruleset.rules if name in rule.when.columns]
        readers += [resource.id for resource in ruleset.resources if name in resource.columns]
        readers += [quota.id for quota in ruleset.quotas if name in (*quota.per, *quota.order_by)]
        used = f" (read by {', '.join(readers[:3])})" if readers else ""
        found = proposals.schema.get(name)
        if found is None:
            raise PolicyInvalid(f"{where}: no column `{name}`{used}", hint="give it in the context of the proposals")
        if not fits(found, type_):
            raise PolicyInvalid(
                f"{where}: the column `{name}`{used} is {found}, not {type_}", hint="declare the type that is meant"
            )
    unknown = proposals.get_column("action").is_in(list(ruleset.actions)).not_().fill_null(value=True)
    if unknown.any():
        example = proposals.get_column("action").filter(unknown)[0]
        raise PolicyInvalid(
            f"{where}: {unknown.sum():,} of {proposals.height:,} proposals take an unknown action, as {example!r:.40}",
            hint=f"the actions are {', '.join(ruleset.actions)}",
        )
