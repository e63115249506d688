"""Conclude from what was measured and judged: findings, the split of the rows, the verdict on the partition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating import audit, findings
from agentic_assets.contracts.gating.conform import Conformed
from agentic_assets.contracts.gating.cross import Seen
from agentic_assets.contracts.gating.judge import Mask, split
from agentic_assets.contracts.gating.measure import broken_by
from agentic_assets.contracts.gating.result import FAILURES, Finding, GateResult
from agentic_assets.contracts.rule import Rule

__all__ = ["conclude"]


def conclude(
    conformed: Conformed,
    contract: Contract,
    counts: Mapping[str, int],
    judged: Mapping[str, Mask],
    seen: Seen,
    *,
    partition: str,
) -> GateResult:
    """Make the result of one partition.

    `counts` says how many rows break each rule about the table, `judged` which rows break each rule about rows.
    """
    height = conformed.delivered.height
    tolerated = {rule.id for rule in contract.rules if rule.tolerance is not None}
    masks = dict(judged)
    masks |= {rule_id: mask for rule_id, mask in seen.masks.items() if rule_id not in tolerated and mask.any()}
    broken = [rule for rule in contract.rules if rule.id in masks]
    absent = [Rule(f"column({name})", name, "delivered") for name in conformed.missing]
    found = [findings.missing_column(rule, height) for rule in absent]
    failing = [findings.failing_rows(rule, conformed, masks[rule.id], contract) for rule in broken]
    found += [
        findings.broken_rule(rule, conformed, int(masks[rule.id].sum()), rows, contract)
        for rule, rows in zip(broken, failing, strict=True)
    ]
    masks |= {rule.id: np.ones(height, dtype=bool) for rule in absent}
    refusing = absent + [rule for rule in broken if rule.severity == "error"]
    valid, quarantined = split(conformed, refusing, masks, contract)
    if quarantined.height > contract.max_refused_share * height and not absent:
        found.append(findings.too_many_refused(quarantined.height, height, contract))
    about, more = _about_the_table(conformed, counts, seen, valid, contract)
    found += about
    return GateResult(
        valid=valid,
        quarantined=quarantined,
        findings=tuple(found),
        read=height,
        refused=any(finding.scope == "table" and finding.severity == "error" for finding in found),
        contract=f"{contract.name}@{contract.version}",
        dataset=contract.dataset,
        partition=partition,
        failures=pl.concat([pl.DataFrame(schema=FAILURES), *failing, *more]),
    )


def _about_the_table(
    conformed: Conformed, counts: Mapping[str, int], seen: Seen, valid: pl.DataFrame, contract: Contract
) -> tuple[list[Finding], list[pl.DataFrame]]:
    """Report what is wrong with the table as a whole, and the first rows behind it where there are some."""
    height = conformed.delivered.height
    found: list[Finding] = []
    failing: list[pl.DataFrame] = []
    for rule in contract.rules:
        if rule.id in seen.unchecked:
            found.append(findings.unchecked(rule, seen.unchecked[rule.id], height))
            continue
        if rule.id in seen.failed:
            found.append(findings.could_not_run(rule, seen.failed[rule.id], height))
            continue
        if rule.tolerance is None or set(conformed.missing).intersection(rule.inputs):
            continue
        if rule.id in seen.values:
            value = seen.values[rule.id]
            if value is None or not _allowed(rule, value, height):
                found.append(findings.broken_measure(rule, value, height))
            continue
        count = int(seen.masks[rule.id].sum()) if rule.id in seen.masks else counts[rule.id]
        if rule.tolerance.holds(count, height):
            continue
        rows = pl.DataFrame(schema=FAILURES)
        if count and not rule.counts_rows:
            mask = seen.masks.get(rule.id)
            mask = broken_by(conformed.marked, rule).to_numpy() if mask is None else mask
            rows = findings.failing_rows(rule, conformed, mask, contract)
            failing.append(rows)
        found.append(findings.broken_tolerance(rule, conformed, count, rows, contract))
    if height == 0 and not any(rule.counts_rows for rule in contract.rules):
        found.append(findings.empty_table())
    if conformed.unexpected:
        found.append(findings.unexpected_columns(conformed.unexpected, height))
    return found + findings.objections(audit.check_published(valid, contract), height), failing


def _allowed(rule: Rule, value: float, total: int) -> bool:
    # Only a number of rows can be meant in percent of the rows; any other value already is what it is.
    assert rule.tolerance is not None
    counted = rule.query is not None and rule.query.gives == "count"
    return rule.tolerance.holds(int(value), total) if counted else rule.tolerance.allows(value)
