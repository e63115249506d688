"""The gate: hold a frame against its contract before anything of it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating import audit, findings
from agentic_assets.contracts.gating.conform import Conformed, Texts, conform
from agentic_assets.contracts.gating.cross import References, Seen, cross_rules, look
from agentic_assets.contracts.gating.judge import judge, seemingly_broken, split, suspects
from agentic_assets.contracts.gating.measure import broken_by, measure
from agentic_assets.contracts.gating.quarantine import SCHEMA
from agentic_assets.contracts.gating.result import FAILURES, Finding, GateResult
from agentic_assets.contracts.rule import Rule

__all__ = ["gate", "gate_all", "ungated"]

_NONE: Final = np.zeros(0, dtype=bool)


def gate(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    partition: str,
    references: References | None = None,
    texts: Texts = "anything",
) -> GateResult:
    """Split a frame into the rows that keep the contract and those that do not; `partition` only names it.

    Every row is counted once: valid + quarantined = read, in the order of the input. The partition is refused as a
    whole for a missing column, a broken rule about the table, no rows, or too large a share of refused rows.
    `references` holds the rows that relationships refer to, by dataset; what is not given is named in a warning.
    `texts` says what may be delivered as text and is then read as its type.
    """
    conformed = conform(frame, contract, texts=texts)
    counts = measure(conformed, contract)
    seen = look(conformed, contract, references or {}, cross_rules(contract))
    masks = judge(conformed, contract, seemingly_broken(conformed, contract, counts))
    tolerated = {rule.id for rule in contract.rules if rule.tolerance is not None}
    masks |= {rule_id: mask for rule_id, mask in seen.masks.items() if rule_id not in tolerated and mask.any()}
    broken = [rule for rule in contract.rules if rule.id in masks]
    absent = [Rule(f"column({name})", name, "delivered") for name in conformed.missing]
    found = [findings.missing_column(rule, frame.height) for rule in absent]
    failing = [findings.failing_rows(rule, conformed, masks[rule.id], contract) for rule in broken]
    found += [
        findings.broken_rule(rule, conformed, int(masks[rule.id].sum()), rows, contract)
        for rule, rows in zip(broken, failing, strict=True)
    ]
    masks |= {rule.id: np.ones(frame.height, dtype=bool) for rule in absent}
    refusing = absent + [rule for rule in broken if rule.severity == "error"]
    valid, quarantined = split(conformed, refusing, masks, contract)
    if quarantined.height > contract.max_refused_share * frame.height and not absent:
        found.append(findings.too_many_refused(quarantined.height, frame.height, contract))
    about, more = _about_the_table(conformed, counts, seen, valid, contract)
    return _result(
        valid, quarantined, [*found, *about], [*failing, *more], frame.height, contract=contract, partition=partition
    )


def gate_all(
    frames: Mapping[str, pl.DataFrame],
    contract: Contract,
    *,
    references: Mapping[str, References] | None = None,
    texts: Texts = "anything",
) -> dict[str, GateResult]:
    """Gate many partitions as one pass; each gets exactly the result that `gate` gives it alone.

    Partitions of one schema are screened together. Those in which nothing can be wrong with a row are cut out of the
    screened frame; the others, and every empty one, are gated alone. `references` holds, by partition, the rows that
    relationships refer to, by dataset; a frame that many partitions share is looked into once.
    """
    given = references or {}
    by_schema: dict[tuple[tuple[str, pl.DataType], ...], list[str]] = {}
    for name, frame in frames.items():
        if frame.height:
            by_schema.setdefault(tuple(frame.schema.items()), []).append(name)
    results: dict[str, GateResult] = {}
    for names in by_schema.values():
        if len(names) > 1:
            results |= _screened({name: frames[name] for name in names}, contract, given, texts)
    return {
        name: results[name]
        if name in results
        else gate(frame, contract, partition=name, references=given.get(name), texts=texts)
        for name, frame in frames.items()
    }


def ungated(frame: pl.DataFrame) -> GateResult:
    """Give the result for a frame that no contract describes: all of it is valid."""
    return GateResult(frame, pl.DataFrame(schema=SCHEMA), (), frame.height, refused=False)


def _screened(
    frames: Mapping[str, pl.DataFrame], contract: Contract, references: Mapping[str, References], texts: Texts
) -> dict[str, GateResult]:
    """Give the results of the partitions whose rows are surely all valid."""
    whole = conform(pl.concat(list(frames.values())), contract, texts=texts)
    if whole.missing:
        return {}
    counts = measure(whole, contract)
    ends = np.cumsum([frame.height for frame in frames.values()])
    suspected = suspects(whole, seemingly_broken(whole, contract, counts))
    # Rows equal in a key may lie in two partitions, which is allowed: they only cost those partitions a closer look.
    rows = {rule.id: broken_by(whole.marked, rule).to_numpy() for rule in _tolerant(contract) if counts[rule.id]}
    together, alone = _shared([references.get(name, {}) for name in frames], contract)
    across = look(whole, contract, references.get(next(iter(frames)), {}), together)
    results: dict[str, GateResult] = {}
    for (name, frame), end in zip(frames.items(), ends.tolist(), strict=True):
        here = slice(end - frame.height, end)
        if suspected[here].any():
            continue
        if any(rule.key and rule.id in rows and rows[rule.id][here].any() for rule in _tolerant(contract)):
            continue
        valid = whole.values.slice(here.start, frame.height)
        part = Conformed(frame, valid, {}, (), whole.unexpected, {})
        seen = look(part, contract, references.get(name, {}), alone)
        seen.masks |= {rule_id: mask[here] for rule_id, mask in across.masks.items()}
        seen.unchecked |= across.unchecked
        seen.failed |= across.failed
        own = dict.fromkeys(counts, 0) | {rule_id: int(mask[here].sum()) for rule_id, mask in rows.items()}
        own |= {rule.id: frame.height for rule in contract.rules if rule.counts_rows}
        if any(rule.tolerance is None and seen.masks.get(rule.id, _NONE).any() for rule in cross_rules(contract)):
            continue
        found, failing = _about_the_table(part, own, seen, valid, contract)
        results[name] = _result(
            valid, pl.DataFrame(schema=SCHEMA), found, failing, frame.height, contract=contract, partition=name
        )
    return results


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


def _result(
    valid: pl.DataFrame,
    quarantined: pl.DataFrame,
    found: list[Finding],
    failing: list[pl.DataFrame],
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
        failures=pl.concat([pl.DataFrame(schema=FAILURES), *failing]),
    )
