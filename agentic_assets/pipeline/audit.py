"""Gate the frames of a batch against a contract, as one pass where that is the same."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from agentic_assets.contracts import Contract, GateResult, gate
from agentic_assets.contracts.gate import ungated

__all__ = ["audit"]


def audit(frames: Mapping[str, pl.DataFrame], contract: Contract | None) -> dict[str, GateResult]:
    """Gate each partition's frame; the verdict on one partition never depends on another."""
    if contract is None:
        return {name: ungated(frame) for name, frame in frames.items()}
    return {name: gate(frame, contract, partition=name) for name, frame in frames.items()}
