"""The gate: hold a frame against its contract before anything of it is published."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating import audit, findings
from agentic_assets.contracts.gating.conform import Conformed, Texts, conform
from agentic_assets.contracts.gating.judge import judge, seemingly_broken, split, suspects
from agentic_assets.contracts.gating.measure import broken_by, measure
from agentic_assets.contracts.gating.quarantine import SCHEMA
from agentic_assets.contracts.gating.result import Finding, GateResult
from agentic_assets.contracts.rule import Rule

__all__ = ["gate", "gate_all", "ungated"]


def gate(frame: pl.DataFrame, contract: Contract, *, partition: str, texts: Texts = "anything") -> GateResult:
    """Split a frame into the rows that keep the contract and those that do not; `partition` only names it.

    Every row is counted once: valid + quarantined = read, in the order of the input. The partition is refused as a
    whole for a missing column, a broken rule about the table, no rows, or too large a share of refused rows. `texts`
    says what may be delivered as text and is then read as its type.
    """
    conformed = conform(frame, contract, texts=texts)
    counts = measure(conformed, contract)
    masks = judge(conformed, contract, seemingly_broken(conformed, contract, counts))
    broken = [rule for rule in contract.rules if rule.id in masks]
    absent = [Rule(f"column({name})", name, "delivered") for name in conformed.missing]
    masks |= {rule.id: np.ones(frame.height, dtype=bool) for rule in absent}
    found = [findings.missing_column(rule, frame.height) for rule in absent]
    found += [findings.broken_rule(rule, conformed, masks[rule.id], contract) for rule in broken]
    refusing = absent + [rule for rule in broken if rule.severity == "error"]
    valid, quarantined = split(conformed, refusing, masks, contract)
    if quarantined.height > contract.max_refused_share * frame.height and not absent:
        found.append(findings.too_many_refused(quarantined.height, frame.height, contract))
    found += _about_the_table(conformed, counts, valid, contract)
    return _result(valid, quarantined, found, frame.height, contract=contract, partition=partition)


def gate_all(
    frames: Mapping[str, pl.DataFrame], contract: Contract, *, texts: Texts = "anything"
) -> dict[str, GateResult]:
    """Gate many partitions as one pass; each gets exactly the result that `gate` gives it alone.

    Partitions of one schema are screened together. Those in which nothing can be wrong with a row are cut out of the
    screened frame; the others, and every empty one, are gated alone.
    """
    by_schema: dict[tuple[tuple[str, pl.DataType], ...], list[str]] = {}
    for name, frame in frames.items():
        if frame.height:
            by_schema.setdefault(tuple(frame.schema.items()), []).append(name)
    results: dict[str, GateResult] = {}
    for names in by_schema.values():
        if len(names) > 1:
            results |= _screened({name: frames[name] for name in names}, contract, texts)
    return {
        name: results[name] if name in results else gate(frame, contract, partition=name, texts=texts)
        for name, frame in frames.items()
    }


def ungated(frame: pl.DataFrame) -> GateResult:
    """Give the result for a frame that no contract describes: all of it is valid."""
    return GateResult(frame, pl.DataFrame(schema=SCHEMA), (), frame.height, refused=False)


def _screened(frames: Mapping[str, pl.DataFrame], contract: Contract, texts: Texts) -> dict[str, GateResult]:
    """Give the results of the partitions whose rows are surely all valid."""
    whole = conform(pl.concat(list(frames.values())), contract, texts=texts)
    if whole.missing:
        return {}
    counts = measure(whole, contract)
    ends = np.cumsum([frame.height for frame in frames.values()])
    suspected = suspects(whole, seemingly_broken(whole, contract, counts))
    # Rows equal in a key may lie in two partitions, which is allowed: they only cost those partitions a closer look.
    rows = {rule.id: broken_by(whole.marked, rule).to_numpy() for rule in _tolerant(contract) if counts[rule.id]}
    results: dict[str, GateResult] = {}
    for (name, frame), end in zip(frames.items(), ends.tolist(), strict=True):
        here = slice(end - frame.height, end)
        if suspected[here].any():
            continue
        if any(rule.key and rule.id in rows and rows[rule.id][here].any() for rule in _tolerant(contract)):
            continue
        valid = whole.values.slice(here.start, frame.height)
        part = Conformed(frame, valid, {}, (), whole.unexpected, {})
        own = dict.fromkeys(counts, 0) | {rule_id: int(mask[here].sum()) for rule_id, mask in rows.items()}
        own |= {rule.id: frame.height for rule in contract.rules if rule.counts_rows}
        found = _about_the_table(part, own, valid, contract)
        results[name] = _result(
            valid, pl.DataFrame(schema=SCHEMA), found, frame.height, contract=contract, partition=name
        )
    return results


def _tolerant(contract: Contract) -> list[Rule]:
    return [rule for rule in contract.rules if rule.scope == "table" and not rule.counts_rows]


def _about_the_table(
    conformed: Conformed, counts: Mapping[str, int], valid: pl.DataFrame, contract: Contract
) -> list[Finding]:
    height = conformed.delivered.height
    found = findings.broken_tolerances(contract, conformed.missing, counts, height)
    if conformed.unexpected:
        found.append(findings.unexpected_columns(conformed.unexpected, height))
    return found + findings.objections(audit.check_published(valid, contract), height)


def _result(
    valid: pl.DataFrame,
    quarantined: pl.DataFrame,
    found: list[Finding],
    read: int,
    *,
    contract: Contract,
    partition: str,
) -> GateResult:
    return GateResult(
        valid=valid,
        quarantined=quarantined,
        findings=tuple(found),
        read=read,
        refused=any(finding.scope == "table" and finding.severity == "error" for finding in found),
        contract=f"{contract.name}@{contract.version}",
        dataset=contract.dataset,
        partition=partition,
    )
