"""Judge rows: pandera's verdict on the rows that the fast pass suspects, and the split that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating import audit
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.measure import broken_by
from agentic_assets.contracts.gating.quarantine import SCHEMA, quarantine
from agentic_assets.contracts.rule import Rule

__all__ = ["Mask", "judge", "seemingly_broken", "split", "suspects"]

Mask = npt.NDArray[np.bool_]


def seemingly_broken(conformed: Conformed, contract: Contract, counts: Mapping[str, int]) -> list[Rule]:
    """List the rules that single rows break by the counts of the fast pass.

    A column that was not delivered is reported once: its own rules, and those that read it, have nothing to judge.
    """
    missing = set(conformed.missing)
    return [
        rule
        for rule in contract.rules
        if rule.scope == "row" and counts[rule.id] and not missing.intersection(rule.inputs)
    ]


def suspects(conformed: Conformed, rules: Sequence[Rule]) -> Mask:
    """Mark the rows that break any of the rules by the fast pass."""
    if not rules:
        return np.zeros(conformed.values.height, dtype=bool)
    rows: Mask = np.logical_or.reduce([broken_by(conformed.marked, rule).to_numpy() for rule in rules])
    return rows


def judge(conformed: Conformed, contract: Contract, rules: Sequence[Rule]) -> dict[str, Mask]:
    """Let pandera judge the rows that seem to break the rules; give, for each broken rule id, a mask of all rows."""
    if not rules:
        return {}
    suspected = suspects(conformed, rules)
    masks: dict[str, Mask] = {}
    for rule_id, judged in audit.verdict(conformed.marked.filter(suspected), contract, rules).items():
        masks[rule_id] = np.zeros(suspected.size, dtype=bool)
        masks[rule_id][suspected] = judged.to_numpy()
    return masks


def split(
    conformed: Conformed, refusing: Sequence[Rule], masks: Mapping[str, Mask], contract: Contract
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows that break no refusing rule from those that do, in the order of the input."""
    if not refusing or not conformed.values.height:
        return conformed.values, pl.DataFrame(schema=SCHEMA)
    refused = np.logical_or.reduce([masks[rule.id] for rule in refusing])
    broken = [(rule, pl.Series(masks[rule.id][refused])) for rule in refusing]
    rows, numbers = conformed.delivered.filter(refused), conformed.numbers.filter(pl.Series(refused))
    return conformed.values.filter(~refused), quarantine(rows, numbers, broken, contract)
