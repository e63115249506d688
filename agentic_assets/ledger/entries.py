"""What the ledger stores and signs: sealed partitions, and the log whose leaves are their roots."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select, text

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.merkle import leaf_hash
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_log, ledger_partitions

__all__ = [
    "ID_SIZE",
    "Entry",
    "Head",
    "Sealed",
    "entries_of",
    "newest_head",
    "origin_of",
    "pack_ids",
    "require_partition",
    "snapshot",
]

ID_SIZE = 16
_PARTITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One leaf of the log: which tree a partition was sealed with. A later generation supersedes an earlier one."""

    partition: str
    generation: int
    size: int
    root: str

    def leaf(self) -> bytes:
        """Hash the canonical text of the entry as a leaf of the log."""
        return leaf_hash(
            f"agentic-assets ledger entry v1\npartition {self.partition}\ngeneration {self.generation}\n"
            f"size {self.size}\nroot {self.root}\n".encode()
        )


@dataclass(frozen=True)
class Sealed:
    """A sealed partition: its signed tree, and its place in the log.

    `root` is hexadecimal, `checkpoint` a signed note, `log_size` the first signed log head that covers it; `fresh`
    says whether this call sealed it. Root, size and generation follow from the records alone; the rest depends on
    the signing key and on the order of sealing.
    """

    partition: str
    generation: int
    size: int
    root: str
    checkpoint: str
    log_index: int
    log_size: int
    fresh: bool


@dataclass(frozen=True)
class Head:
    """The newest signed head of the log over partition roots; `root` is hexadecimal."""

    size: int
    root: str
    checkpoint: str


def origin_of(log: str, partition: str, generation: int) -> str:
    """Name one partition's tree: a new generation is a new tree, since it does not extend the old one."""
    return f"{log}/{partition}/{generation}"


def require_partition(partition: str) -> str:
    """Give back a partition name that can stand in a signed line. Raises LedgerBroken otherwise."""
    if not _PARTITION.fullmatch(partition):
        raise LedgerBroken(
            f"{partition[:80]!r} cannot be sealed: not a partition name",
            hint="use 1 to 40 letters, digits, dots, dashes and underscores",
        )
    return partition


def pack_ids(partition: str, records: Sequence[bytes], ids: Sequence[str]) -> bytes:
    """Join decision ids, 16 bytes each. Raises LedgerBroken unless they are unique, well formed, one per record."""
    if len(records) != len(ids):
        raise LedgerBroken(f"{partition} has {len(records):,} records and {len(ids):,} decision ids")
    joined = "".join(ids)
    try:
        packed = bytes.fromhex(joined)
    except ValueError:
        packed = b""
    if packed.hex() != joined or set(map(len, ids)) - {2 * ID_SIZE}:
        wrong = next(name for name in ids if not re.fullmatch(r"[0-9a-f]{32}", name, re.ASCII))
        raise LedgerBroken(
            f"{partition} holds a decision id that is not 32 lowercase hexadecimal digits: {wrong[:80]!r}"
        )
    if _repeats(packed):
        counts = Counter(ids)
        twice = next(name for name in ids if counts[name] > 1)
        raise LedgerBroken(
            f"{partition} holds {len(ids) - len(counts):,} decision ids more than once, e.g. {twice}",
            hint="one decision is one record; nothing was sealed",
        )
    return packed


def _repeats(packed: bytes) -> bool:
    halves = np.frombuffer(packed, dtype=np.uint64).reshape(-1, 2)
    first = np.sort(halves[:, 0])
    if not (first[1:] == first[:-1]).any():  # nearly always: a set of 336,776 ids would cost five times as much
        return False
    return len(np.unique(halves, axis=0)) != len(halves)


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """Read several tables as of one moment, so that a seal in between cannot look like a break."""
    with store.reading() as connection:
        if store.dialect == "sqlite":
            connection.execute(text("BEGIN"))
        else:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        try:
            yield connection
        finally:
            connection.rollback()


def entries_of(connection: Connection, log: str) -> list[tuple[int, Entry]]:
    """Read the log's entries with their leaf index, in the order of the log."""
    table = ledger_partitions.c
    rows = connection.execute(
        select(table.log_index, table.partition, table.generation, table.size, table.root)
        .where(table.log == log)
        .order_by(table.log_index)
    )
    return [(row[0], Entry(*row[1:])) for row in rows]


def newest_head(connection: Connection, log: str) -> Head | None:
    """Read the newest head of the log as stored; its signature is not yet checked."""
    table = ledger_log.c
    row = connection.execute(
        select(table.size, table.root, table.checkpoint).where(table.log == log).order_by(table.size.desc()).limit(1)
    ).first()
    return None if row is None else Head(*row)
