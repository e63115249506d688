"""The gate: hold a frame against its contract before anything of it is published."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.gating.conclude import conclude
from agentic_assets.contracts.gating.conform import Texts, conform
from agentic_assets.contracts.gating.cross import References, cross_rules, look
from agentic_assets.contracts.gating.judge import judge, seemingly_broken
from agentic_assets.contracts.gating.measure import measure
from agentic_assets.contracts.gating.quarantine import SCHEMA
from agentic_assets.contracts.gating.result import GateResult
from agentic_assets.contracts.gating.screen import screened

__all__ = ["gate", "gate_all", "ungated"]


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
    judged = judge(conformed, contract, seemingly_broken(conformed, contract, counts))
    return conclude(conformed, contract, counts, judged, seen, partition=partition)


def gate_all(
    frames: Mapping[str, pl.DataFrame],
    contract: Contract,
    *,
    references: Mapping[str, References] | None = None,
    texts: Texts = "anything",
) -> dict[str, GateResult]:
    """Gate many partitions as one pass; each gets exactly the result that `gate` gives it alone.

    The rows of partitions of one schema are judged together; an empty partition, and all those of a schema that lacks
    a column, are gated alone. `references` holds, by partition, the rows that
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
            results |= screened({name: frames[name] for name in names}, contract, given, texts)
    return {
        name: results[name]
        if name in results
        else gate(frame, contract, partition=name, references=given.get(name), texts=texts)
        for name, frame in frames.items()
    }


def ungated(frame: pl.DataFrame) -> GateResult:
    """Give the result for a frame that no contract describes: all of it is valid."""
    return GateResult(frame, pl.DataFrame(schema=SCHEMA), (), frame.height, refused=False)
