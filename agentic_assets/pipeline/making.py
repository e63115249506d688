"""Make partitions from what a batch holds: compute, gate, lay rulings over; nothing is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from agentic_assets.pipeline.batch import Batch, CheckResult
from agentic_assets.pipeline.holding import hold
from agentic_assets.pipeline.node import Node
from agentic_assets.pipeline.overlay import Ruled, lay_over, told
from agentic_assets.pipeline.references import keys_of
from agentic_assets.pipeline.result import contract_check
from agentic_assets.pipeline.rulings import Ruling
from agentic_assets.versions import Pin, Pins

__all__ = ["Made", "blocked", "judged"]


@dataclass(frozen=True)
class Made:
    """One partition as it would be published: `frame` and `pins`; `refusal` says why it may not be."""

    ruled: Ruled
    pins: Pins
    checks: tuple[CheckResult, ...]
    applied: Mapping[str, Any]
    """What rulings did, as JSON values."""
    refusal: str = ""

    @property
    def frame(self) -> pl.DataFrame:
        """The rows that passed."""
        return self.ruled.result.valid


def judged(
    batch: Batch,
    frames: Mapping[str, pl.DataFrame],
    rulings: Mapping[str, Sequence[Ruling]],
    orders: Mapping[str, tuple[Pin, ...]],
) -> dict[str, Made]:
    """Gate what a batch's node computed, and lay the rulings in force over it; the order is that of `frames`.

    `orders` are the pins of what people ordered, by partition. A partition that `frames` leaves out is not given.
    """
    node = batch.node
    held = hold(frames, batch.aside, node.contract, keys_of(batch, tuple(frames)))
    made = {}
    for name, one in held.items():
        ruled = lay_over(one, rulings.get(name, ()))
        own = tuple(check for check in batch.checks if check.partition == name)
        failed = [check for check in own if not check.passed and _blocks(node, check)]
        refusal = ruled.result.message() if ruled.result.refused else _failed(node, name, failed)
        made[name] = Made(
            ruled=ruled,
            pins=batch.pinned.get(name, node.all_pins).with_(orders.get(name, ())),
            checks=own if node.contract is None else (contract_check(name, ruled.result, ruled.said()), *own),
            applied=told(ruled, node.contract) if ruled.outcomes else {},
            refusal=refusal if ruled.result.refused or failed else "",
        )
    return made


def blocked(batch: Batch, partition: str) -> str:
    """Say why a node made nothing of a partition."""
    return str(batch.details.get(partition, {}).get("blocked", "the node made nothing of it"))


def _blocks(node: Node, result: CheckResult) -> bool:
    return any(check.blocking for check in node.checks if check.name == result.name)


def _failed(node: Node, name: str, failed: Sequence[CheckResult]) -> str:
    lines = [f"  - {check.name}: {check.description}" for check in failed]
    return "\n".join([f"{node.asset} refused the partition {name}, nothing was published:", *lines])
