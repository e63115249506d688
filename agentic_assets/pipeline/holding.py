"""What the gate holds back of computed partitions, and how such rows are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

from agentic_assets.contracts import Contract, GateResult, References, gate_all, ungated
from agentic_assets.contracts.gating.conform import by_name
from agentic_assets.contracts.gating.quarantine import row_digest

__all__ = ["Held", "hold"]


@dataclass(frozen=True)
class Held:
    """One partition as it was computed, with the gate's verdict, and the rows that it holds back.

    `rows` is the quarantine as delivered: the refused rows in their order, then those that the node set aside. `gate`
    judges a changed frame of this partition.
    """

    frame: pl.DataFrame
    result: GateResult
    rows: pl.DataFrame
    gate: Callable[[pl.DataFrame], GateResult]
    contract: Contract | None

    @cached_property
    def names(self) -> tuple[tuple[str, int], ...]:
        """Name each held row by what it says, and by its place among the rows that say the same."""
        seen: Counter[str] = Counter()
        names = []
        for text in self.rows.get_column("row").to_list():
            digest = row_digest(text)
            names.append((digest, seen[digest]))
            seen[digest] += 1
        return tuple(names)


def hold(
    frames: Mapping[str, pl.DataFrame],
    aside: Mapping[str, pl.DataFrame],
    contract: Contract | None,
    references: Mapping[str, References],
) -> dict[str, Held]:
    """Gate computed partitions as they were delivered; `aside` are rows that their node itself found wanting.

    `references` holds, by partition, the rows that the contract refers to.
    """
    if contract is None:
        return {name: _held(frame, ungated(frame), aside.get(name), ungated, None) for name, frame in frames.items()}
    return {
        name: _held(
            by_name(frames[name], contract),
            result,
            aside.get(name),
            partial(_alone, contract, name, references),
            contract,
        )
        for name, result in gate_all(frames, contract, references=references).items()
    }


def _alone(contract: Contract, name: str, references: Mapping[str, References], frame: pl.DataFrame) -> GateResult:
    return gate_all({name: frame}, contract, references=references)[name]


def _held(
    frame: pl.DataFrame,
    result: GateResult,
    aside: pl.DataFrame | None,
    gate: Callable[[pl.DataFrame], GateResult],
    contract: Contract | None,
) -> Held:
    rows = result.quarantined if aside is None else pl.concat([result.quarantined, aside])
    return Held(frame, result, rows, gate, contract)
