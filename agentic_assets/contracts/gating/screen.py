"""Gate many partitions of one schema as one pass: rows are judged together, each partition concluded alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conclude import conclude
from agentic_assets.contracts.gating.conform import Conformed, Texts, conform
from agentic_assets.contracts.gating.cross import References, Seen, cross_rules, look
from agentic_assets.contracts.gating.judge import Mask, judge, seemingly_broken
from agentic_assets.contracts.gating.keys import duplicated
from agentic_assets.contracts.gating.measure import broken_by, measure
from agentic_assets.contracts.gating.result import GateResult
from agentic_assets.contracts.rule import Rule

__all__ = ["screened"]


def screened(
    frames: Mapping[str, pl.DataFrame], contract: Contract, references: Mapping[str, References], texts: Texts
) -> dict[str, GateResult]:
    """Give the result of each partition, or none at all where a column is missing.

    What can be said of a row by itself is said once for all partitions; keys, and rules that look beyond the row, are
    about each partition alone. None of the frames may be empty.
    """
    whole = conform(pl.concat(list(frames.values())), contract, texts=texts)
    if whole.missing:
        return {}
    counts = measure(whole, contract)
    seeming = seemingly_broken(whole, contract, counts)
    judged = judge(whole, contract, [rule for rule in seeming if not rule.key])
    # Rows equal in a key may lie in two partitions, which is allowed: only there is it worth looking closer.
    near = {
        rule.id: broken_by(whole.values, rule).to_numpy() for rule in contract.rules if rule.key and counts[rule.id]
    }
    tolerated = {
        rule.id: broken_by(whole.marked, rule).to_numpy()
        for rule in contract.rules
        if rule.scope == "table" and rule.expression is not None and counts[rule.id]
    }
    together, alone = _shared([references.get(name, {}) for name in frames], contract)
    across = look(whole, contract, references.get(next(iter(frames)), {}), together)
    results: dict[str, GateResult] = {}
    end = 0
    for name, frame in frames.items():
        here = slice(end, end + frame.height)
        end = here.stop
        part = _part(whole, frame, here)
        twice = {
            rule.id: (rule, mask)
            for rule in contract.rules
            if rule.id in near and near[rule.id][here].any() and (mask := duplicated(part.values, rule.key)) is not None
        }
        own = {rule.id: frame.height if rule.counts_rows else 0 for rule in contract.rules}
        own |= {rule_id: int(mask[here].sum()) for rule_id, mask in tolerated.items()}
        own |= {rule_id: int(mask.sum()) for rule_id, (_, mask) in twice.items()}
        masks = {rule_id: mask[here] for rule_id, mask in judged.items() if mask[here].any()}
        masks |= judge(part, contract, [rule for rule, _ in twice.values() if rule.scope == "row"])
        seen = _seen(across, here, look(part, contract, references.get(name, {}), alone))
        results[name] = conclude(part, contract, own, masks, seen, partition=name)
    return results


def _part(whole: Conformed, frame: pl.DataFrame, here: slice) -> Conformed:
    marks = {name: mark.slice(here.start, frame.height) for name, mark in whole.marks.items()}
    values = whole.values.slice(here.start, frame.height)
    return Conformed(frame, values, marks, (), whole.unexpected, whole.reasons)


def _seen(across: Seen, here: slice, seen: Seen) -> Seen:
    masks: dict[str, Mask] = {rule_id: mask[here] for rule_id, mask in across.masks.items()}
    return Seen(seen.masks | masks, seen.values, seen.unchecked | across.unchecked, seen.failed | across.failed)


def _shared(references: Sequence[References], contract: Contract) -> tuple[list[Rule], list[Rule]]:
    """Part the rules that look beyond the row: those that see the same for all partitions, and the others."""
    together: list[Rule] = []
    alone: list[Rule] = []
    for rule in cross_rules(contract):
        dataset = rule.reference.dataset if rule.reference else None
        one = dataset is not None and dataset != contract.dataset
        one = one and len({id(given.get(str(dataset))) for given in references}) == 1
        (together if one else alone).append(rule)
    return together, alone


def _tolerant(contract: Contract) -> list[Rule]:
    return [rule for rule in contract.rules if rule.scope == "table" and not rule.counts_rows]
