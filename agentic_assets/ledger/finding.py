"""Find sealed decisions by their ids, without reading a table of decisions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from agentic_assets.ledger.entries import ID_SIZE
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_partitions

__all__ = ["Found", "find_sealed"]


@dataclass(frozen=True)
class Found:
    """Where a decision is sealed: the newest `generation` of its partition that holds it.

    It is `superseded` when the partition was sealed again without it.
    """

    decision_id: str
    partition: str
    generation: int
    superseded: bool


def find_sealed(store: Store, log: str, beginning: str) -> tuple[Found, ...]:
    """Find the decisions of a log whose ids begin with some hexadecimal digits, in the order of their ids."""
    whole = bytes.fromhex(beginning[: len(beginning) // 2 * 2])
    table = ledger_partitions.c
    query = (
        select(table.partition, table.generation, table.ids)
        .where(table.log == log)
        .order_by(table.partition, table.generation)
    )
    newest: dict[str, int] = {}
    found: dict[str, tuple[str, int]] = {}
    with store.reading() as connection:
        for partition, generation, ids in connection.execute(query):
            newest[partition] = generation
            found |= dict.fromkeys(_beginning(bytes(ids), whole, beginning), (partition, generation))
    return tuple(
        Found(name, partition, generation, superseded=generation < newest[partition])
        for name, (partition, generation) in sorted(found.items())
    )


def _beginning(ids: bytes, whole: bytes, beginning: str) -> list[str]:
    found = []
    start = ids.find(whole)
    while 0 <= start < len(ids):
        if start % ID_SIZE == 0:  # else the match lies across two neighbours
            name = ids[start : start + ID_SIZE].hex()
            if name.startswith(beginning):
                found.append(name)
        start = ids.find(whole, start + 1)
    return found
