"""The gate: hold a frame against its contract before anything of it is published."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.contracts import audit, findings
from agentic_assets.contracts.conform import Conformed, conform
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.measure import broken_by, measure
from agentic_assets.contracts.quarantine import SCHEMA, quarantine
from agentic_assets.contracts.result import GateResult
from agentic_assets.contracts.rule import Rule

__all__ = ["gate", "ungated"]

_Mask = npt.NDArray[np.bool_]


def gate(frame: pl.DataFrame, contract: Contract, *, partition: str) -> GateResult:
    """Split a frame into the rows that keep the contract and those that do not; `partition` only names it.

    Every row is counted once: valid + quarantined = read, in the order of the input. The partition is refused as a
    whole for a missing column, a broken rule about the table, no rows, or too large a share of refused rows.
    """
    conformed = conform(frame, contract)
    counts = measure(conformed, contract)
    masks = _audited(conformed, contract, [rule for rule in _row_rules(conformed, contract) if counts[rule.id]])
    broken = [rule for rule in contract.rules if rule.id in masks]
    absent = [Rule(f"column({name})", name, "delivered") for name in conformed.missing]
    masks |= {rule.id: np.ones(frame.height, dtype=bool) for rule in absent}
    found = [findings.missing_column(rule, frame.height) for rule in absent]
    found += [findings.broken_rule(rule, conformed, masks[rule.id], contract) for rule in broken]
    found += findings.about_the_table(contract, conformed.missing, counts, frame.height)
    refusing = absent + [rule for rule in broken if rule.severity == "error"]
    valid, quarantined = _split(conformed, refusing, masks, contract)
    if quarantined.height > contract.max_refused_share * frame.height and not absent:
        found.append(findings.too_many_refused(quarantined.height, frame.height, contract))
    if conformed.unexpected:
        found.append(findings.unexpected_columns(conformed.unexpected, frame.height))
    found += findings.objections(audit.check_published(valid, contract), frame.height)
    return GateResult(
        valid=valid,
        quarantined=quarantined,
        findings=tuple(found),
        read=frame.height,
        refused=any(finding.scope == "table" and finding.severity == "error" for finding in found),
        contract=f"{contract.name}@{contract.version}",
        dataset=contract.dataset,
        partition=partition,
    )


def ungated(frame: pl.DataFrame) -> GateResult:
    """Give the result for a frame that no contract describes: all of it is valid."""
    return GateResult(frame, pl.DataFrame(schema=SCHEMA), (), frame.height, refused=False)


def _row_rules(conformed: Conformed, contract: Contract) -> list[Rule]:
    # A column that was not delivered says so once; its own rules, and those that read it, have nothing to judge.
    missing = set(conformed.missing)
    return [rule for rule in contract.rules if rule.scope == "row" and not missing.intersection(rule.inputs)]


def _audited(conformed: Conformed, contract: Contract, suspected: list[Rule]) -> dict[str, _Mask]:
    """Find the rows that break a suspected rule, let pandera judge them, and map its verdict back to all rows."""
    if not suspected:
        return {}
    frame = conformed.frame
    failing = np.zeros(frame.height, dtype=bool)
    for rule in suspected:
        failing |= broken_by(frame, rule).to_numpy()
    judged = audit.verdict(frame.filter(failing), contract)
    ids = {rule.id for rule in _row_rules(conformed, contract)}
    masks: dict[str, _Mask] = {}
    for rule_id, verdict in judged.items():
        if rule_id in ids:
            masks[rule_id] = np.zeros(frame.height, dtype=bool)
            masks[rule_id][failing] = verdict.to_numpy()
    return masks


def _split(
    conformed: Conformed, refusing: list[Rule], masks: dict[str, _Mask], contract: Contract
) -> tuple[pl.DataFrame, pl.DataFrame]:
    valid = conformed.frame.select(*contract.schema)
    if not refusing or not valid.height:
        return valid, pl.DataFrame(schema=SCHEMA)
    refused = np.logical_or.reduce([masks[rule.id] for rule in refusing])
    broken = [(rule, pl.Series(masks[rule.id][refused])) for rule in refusing]
    rows, numbers = conformed.delivered.filter(refused), conformed.numbers().filter(pl.Series(refused))
    return valid.filter(~refused), quarantine(rows, numbers, broken, contract)
