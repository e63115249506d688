"""Seal partitions: grow their trees, append their roots to the log, sign, all in one store transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.entries import (
    Entry,
    Head,
    Sealed,
    entries_of,
    newest_head,
    origin_of,
    pack_ids,
    require_partition,
)
from agentic_assets.ledger.merkle import Frontier, leaf_hashes, root_of
from agentic_assets.ledger.note import Signer
from agentic_assets.store import Store
from agentic_assets.store.schema import ledger_log, ledger_partitions

__all__ = ["Grown", "append", "covering_size", "grow"]

_LOOK = "nothing was sealed; run agentic verify to see which entry is wrong"


@dataclass(frozen=True)
class Grown:
    """One partition's tree, hashed before the store is locked."""

    partition: str
    size: int
    root: bytes
    ids: bytes
    leaves: bytes


def grow(partition: str, records: Sequence[bytes], ids: Sequence[str]) -> Grown:
    """Hash a partition's records, in their order. Raises LedgerBroken for ids that cannot name records."""
    packed = pack_ids(require_partition(partition), records, ids)
    leaves = leaf_hashes(records)
    return Grown(partition, len(records), root_of(leaves), packed, leaves)


def append(store: Store, signer: Signer, remembered: Checkpoint | None, trees: Sequence[Grown]) -> list[Sealed]:
    """Append what is not yet the newest seal of its partition, in the order given, under one new log head.

    Raises LedgerBroken, and appends nothing, when the stored log is not the one that was last signed.
    """
    with store.transaction() as connection:
        if store.dialect == "postgresql":  # SQLite's transaction holds the write lock already
            connection.execute(text("LOCK TABLE ledger_log IN SHARE ROW EXCLUSIVE MODE"))
        entries = entries_of(connection, signer.name)
        log = _trusted(entries, newest_head(connection, signer.name), signer, remembered)
        latest = {entry.partition: (index, entry) for index, entry in entries}
        sealed: list[Sealed] = []
        rows: list[dict[str, Any]] = []
        for tree in trees:
            index, previous = latest.get(tree.partition, (-1, None))
            if previous is not None and (previous.size, previous.root) == (tree.size, tree.root.hex()):
                kept = _kept(connection, signer, index, previous, tree)
                if kept is not None:
                    sealed.append(kept)
                    continue
            entry = Entry(tree.partition, previous.generation + 1 if previous else 0, tree.size, tree.root.hex())
            origin = origin_of(signer.name, entry.partition, entry.generation)
            checkpoint = Checkpoint(origin, tree.size, tree.root).sign(signer)
            rows.append(_row(signer.name, entry, tree, checkpoint, log.size))
            sealed.append(Sealed(*_fields(entry), checkpoint, log.size, log_size=0, fresh=True))
            log.append(entry.leaf())
        if rows:
            connection.execute(insert(ledger_partitions), rows)
            connection.execute(insert(ledger_log), _head_row(signer, log))
        return [replace(item, log_size=log.size) if item.fresh else item for item in sealed]


def covering_size(connection: Connection, log: str, index: int) -> int:
    """Give the size of the first signed head that covers an entry. Raises LedgerBroken when none does."""
    size = connection.execute(
        select(func.min(ledger_log.c.size)).where(ledger_log.c.log == log, ledger_log.c.size > index)
    ).scalar()
    if size is None:
        raise LedgerBroken(f"no signed head of {log} covers its entry {index}", hint="run agentic verify")
    return int(size)


def _trusted(
    entries: Sequence[tuple[int, Entry]], head: Head | None, signer: Signer, remembered: Checkpoint | None
) -> Frontier:
    # A log must never sign two heads that do not extend each other: check before adding to what is stored.
    signed = None if head is None else Checkpoint.open(head.checkpoint, signer.verifier, origin=signer.name)
    newest = 0 if signed is None else signed.size
    if newest != len(entries):
        raise LedgerBroken(f"the log holds {len(entries)} entries, its newest signed head {newest}", hint=_LOOK)
    if remembered is not None and remembered.size > newest:
        raise LedgerBroken(
            f"the log of {signer.name} was cut: it holds {newest} entries, this machine has seen {remembered.size}",
            hint="restore the store; if it was emptied on purpose, delete the remembered head beside the key",
        )
    log = Frontier()
    roots = {known.size: known.root for known in (remembered, signed) if known is not None}
    for index, entry in entries:
        if index != log.size:
            raise LedgerBroken(f"the log lacks its entry {log.size}: the next one stored is {index}", hint=_LOOK)
        log.append(entry.leaf())
        if log.size in roots and log.root() != roots[log.size]:
            raise LedgerBroken(f"the first {log.size} entries of the log are not those that were signed", hint=_LOOK)
    return log


def _kept(connection: Connection, signer: Signer, index: int, entry: Entry, tree: Grown) -> Sealed | None:
    table = ledger_partitions.c
    row = connection.execute(
        select(table.ids, table.checkpoint).where(table.log == signer.name, table.log_index == index)
    ).one()
    if row.ids != tree.ids:
        return None
    origin = origin_of(signer.name, entry.partition, entry.generation)
    signed = Checkpoint.open(row.checkpoint, signer.verifier, origin=origin)
    if (signed.size, signed.root) != (tree.size, tree.root):
        raise LedgerBroken(f"the checkpoint stored for {entry.partition} is of another tree", hint=_LOOK)
    return Sealed(*_fields(entry), row.checkpoint, index, covering_size(connection, signer.name, index), fresh=False)


def _fields(entry: Entry) -> tuple[str, int, int, str]:
    return entry.partition, entry.generation, entry.size, entry.root


def _row(log: str, entry: Entry, tree: Grown, checkpoint: str, index: int) -> dict[str, Any]:
    return {
        "log": log,
        "partition": entry.partition,
        "generation": entry.generation,
        "size": entry.size,
        "root": entry.root,
        "ids": tree.ids,
        "leaves": tree.leaves,
        "checkpoint": checkpoint,
        "log_index": index,
    }


def _head_row(signer: Signer, log: Frontier) -> dict[str, Any]:
    root = log.root()
    return {
        "log": signer.name,
        "size": log.size,
        "root": root.hex(),
        "checkpoint": Checkpoint(signer.name, log.size, root).sign(signer),
    }
