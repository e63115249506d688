"""Rules that look beyond the row: over the whole partition, over another dataset, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.judge import Mask
from agentic_assets.contracts.gating.keys import strangers
from agentic_assets.contracts.gating.measure import broken_by
from agentic_assets.contracts.rule import Rule

__all__ = ["References", "Seen", "comparable", "cross_rules", "look"]

References = Mapping[str, pl.DataFrame]
"""The published rows of other datasets, by the dataset's name in the contract; their key columns are enough."""


@dataclass
class Seen:
    """What rules of scope `cross` saw: rows that break them, values that they measured, and why some saw nothing.

    `unchecked` rules lack what they look at; `failed` ones could not be run on these rows.
    """

    masks: dict[str, Mask] = field(default_factory=dict)
    values: dict[str, float | None] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def cross_rules(contract: Contract) -> list[Rule]:
    """List the rules that look beyond the row."""
    return [rule for rule in contract.rules if rule.scope == "cross"]


def look(conformed: Conformed, contract: Contract, references: References, rules: Sequence[Rule]) -> Seen:
    """Judge a partition by rules of scope `cross`; a rule over a column that was not delivered has nothing to judge."""
    seen = Seen()
    missing = set(conformed.missing)
    for rule in rules:
        if missing.intersection(rule.inputs) or (missing and rule.query is not None):
            continue
        try:
            if rule.query is not None:
                _ask(rule, conformed, seen)
            elif rule.reference is not None:
                _refer(rule, conformed, contract, references, seen)
            else:
                seen.masks[rule.id] = _wholly(rule, conformed)
        except (ValueError, pl.exceptions.PolarsError) as error:
            seen.failed[rule.id] = str(error).partition("\n")[0][:200]
    return seen


def _ask(rule: Rule, conformed: Conformed, seen: Seen) -> None:
    from agentic_assets.contracts.sandbox import answer

    assert rule.query is not None
    found = answer(conformed.values, rule.query)
    if isinstance(found, np.ndarray):
        seen.masks[rule.id] = found
    else:
        seen.values[rule.id] = found


def _wholly(rule: Rule, conformed: Conformed) -> Mask:
    height = conformed.values.height
    mask: Mask = broken_by(conformed.values, rule).to_numpy() if height else np.zeros(0, dtype=bool)
    if mask.size != height:
        raise ValueError(f"it gave {mask.size} verdicts on {height} rows")
    return mask


def _refer(rule: Rule, conformed: Conformed, contract: Contract, references: References, seen: Seen) -> None:
    reference = rule.reference
    assert reference is not None
    rows = references.get(reference.dataset)
    if rows is None and reference.dataset == contract.dataset:
        rows = conformed.values
    if rows is None:
        seen.unchecked[rule.id] = f"no rows of `{reference.dataset}` were given"
        return
    own = conformed.values.select(reference.columns)
    pairs = list(zip(reference.keys, own.schema.items(), strict=True))
    for key, (name, dtype) in pairs:
        if key not in rows.columns:
            raise ValueError(f"`{reference.dataset}` has no column `{key}`")
        if not comparable(rows.schema[key], dtype):
            raise ValueError(f"`{key}` of `{reference.dataset}` is {rows.schema[key]}, `{name}` is {dtype}")
    keys = pl.DataFrame([rows.get_column(key).cast(dtype, strict=False).alias(name) for key, (name, dtype) in pairs])
    seen.masks[rule.id] = strangers(own, keys)


def comparable(left: pl.DataType, right: pl.DataType) -> bool:
    """Say whether a key of one type can name a key of the other."""
    return left == right or (left.is_integer() and right.is_integer())
