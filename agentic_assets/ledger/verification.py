"""Hold records, rows and signatures against each other, and name whatever does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.breaks import Break, differences
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.entries import ID_SIZE, Entry, Head, origin_of
from agentic_assets.ledger.merkle import HASH_SIZE, Frontier, leaf_hashes, root_of
from agentic_assets.ledger.note import Verifier
from agentic_assets.store.schema import ledger_log, ledger_partitions

__all__ = ["LogRow", "PartitionRow", "log_breaks", "log_heads", "log_rows", "newest_row", "partition_breaks"]


@dataclass(frozen=True)
class LogRow:
    """One entry of the log as stored, with the note that was signed for it."""

    index: int
    entry: Entry
    checkpoint: str


@dataclass(frozen=True)
class PartitionRow:
    """The newest seal of a partition as stored, with its decision ids and leaf hashes, joined."""

    row: LogRow
    ids: bytes
    leaves: bytes


def newest_row(connection: Connection, log: str, partition: str, generation: int | None = None) -> PartitionRow | None:
    """Read the newest generation of a partition, or the one named."""
    table = ledger_partitions.c
    query = select(ledger_partitions).where(table.log == log, table.partition == partition)
    if generation is not None:
        query = query.where(table.generation == generation)
    row = connection.execute(query.order_by(table.generation.desc()).limit(1)).first()
    if row is None:
        return None
    entry = Entry(row.partition, row.generation, row.size, row.root)
    return PartitionRow(LogRow(row.log_index, entry, row.checkpoint), bytes(row.ids), bytes(row.leaves))


def log_rows(connection: Connection, log: str) -> list[LogRow]:
    """Read every entry of the log, in its order."""
    table = ledger_partitions.c
    rows = connection.execute(
        select(table.log_index, table.partition, table.generation, table.size, table.root, table.checkpoint)
        .where(table.log == log)
        .order_by(table.log_index)
    )
    return [LogRow(row[0], Entry(*row[1:5]), row[5]) for row in rows]


def log_heads(connection: Connection, log: str) -> list[Head]:
    """Read every signed head of the log, the smallest first."""
    table = ledger_log.c
    rows = connection.execute(
        select(table.size, table.root, table.checkpoint).where(table.log == log).order_by(table.size)
    )
    return [Head(*row) for row in rows]


def partition_breaks(
    stored: PartitionRow, records: Sequence[bytes], ids: Sequence[str], verifier: Verifier
) -> list[Break]:
    """Name every record that is not as sealed; the list is empty only if signature, lists and records all agree."""
    entry = stored.row.entry
    breaks, signed = _row_breaks(stored.row, verifier)
    believed = (entry.size, entry.root) if signed is None else (signed.size, signed.root.hex())
    size, root = believed
    leaves = leaf_hashes(records)
    sealed_ids = stored.ids.hex()
    if signed is not None and (len(records), root_of(leaves).hex()) == believed:
        # The records are the sealed ones. What is left to doubt are the two lists that tell which is which.
        if stored.leaves != leaves:
            breaks.append(_list_break(entry, "leaves", stored.leaves, leaves, HASH_SIZE))
        if "".join(ids) != sealed_ids or set(map(len, ids)) - {2 * ID_SIZE}:
            breaks += _mislabelled(entry.partition, _chunks(sealed_ids, 2 * ID_SIZE), ids)
        return breaks
    if root_of(stored.leaves).hex() != root or len(stored.leaves) != size * HASH_SIZE:
        detail = f"the stored list of {len(stored.leaves) // HASH_SIZE:,} leaf hashes does not have the signed root"
        breaks.append(
            Break("leaves", entry.partition, "", None, f"{detail}; records below are named by it all the same")
        )
    if len(stored.ids) != size * ID_SIZE:
        detail = f"{len(stored.ids) // ID_SIZE:,} decision ids are stored for {size:,} sealed records"
        breaks.append(Break("ids", entry.partition, "", None, detail))
    sealed = list(zip(_chunks(sealed_ids, 2 * ID_SIZE), _hashes(stored.leaves), strict=False))
    found = list(zip(ids, _hashes(leaves), strict=True))
    breaks += differences(entry.partition, sealed, found)
    if not breaks:
        detail = f"{len(records):,} records have another root than the {size:,} that were sealed"
        breaks.append(Break("root", entry.partition, "", None, detail))
    return breaks


def log_breaks(
    rows: Sequence[LogRow], heads: Sequence[Head], known: Sequence[Checkpoint], verifier: Verifier
) -> list[Break]:
    """Name every entry that is missing or rewritten, and every head, stored or known from elsewhere, that is denied.

    Heads of all sizes must fit one tree: that is what consistency proofs between them would show.
    """
    breaks: list[Break] = []
    for row in rows:
        breaks += _row_breaks(row, verifier)[0]
    signed = []
    for head in heads:
        try:
            checkpoint = Checkpoint.open(head.checkpoint, verifier, origin=verifier.name)
        except LedgerBroken as error:
            breaks.append(_head_break(head.size, f"the stored head of {head.size} entries: {error.what}"))
            continue
        if (checkpoint.size, checkpoint.root.hex()) != (head.size, head.root):
            detail = f"the stored head says {head.size} entries, signed were {checkpoint.size}, or its root differs"
            breaks.append(_head_break(head.size, detail))
        signed.append(checkpoint)
    whole = _without_gap(rows, breaks)
    covered = max((checkpoint.size for checkpoint in signed), default=0)
    _hold(whole, [*signed, *known], breaks)
    for row in whole[covered:]:
        detail = "no signed head of the log covers this entry"
        breaks.append(Break("unsigned", row.entry.partition, "", row.index, detail))
    return breaks


def _row_breaks(row: LogRow, verifier: Verifier) -> tuple[list[Break], Checkpoint | None]:
    """Check one row against its own note; give what is wrong, and the tree that was signed if the note holds."""
    entry = row.entry
    try:
        origin = origin_of(verifier.name, entry.partition, entry.generation)
        signed = Checkpoint.open(row.checkpoint, verifier, origin=origin)
    except LedgerBroken as error:
        return [Break("checkpoint", entry.partition, "", None, error.what)], None
    breaks = []
    if signed.size != entry.size:
        detail = f"the row says {entry.size:,} records, signed were {signed.size:,}"
        breaks.append(Break("row", entry.partition, "", None, detail))
    if signed.root.hex() != entry.root:
        detail = f"the row says root {entry.root[:16]!r}, signed was {signed.root.hex()[:16]!r}"
        breaks.append(Break("row", entry.partition, "", None, detail))
    return breaks, signed


def _without_gap(rows: Sequence[LogRow], breaks: list[Break]) -> Sequence[LogRow]:
    for expected, row in enumerate(rows):
        if row.index != expected:
            detail = f"the log lacks its entries {expected} to {row.index - 1}; what follows cannot be checked"
            breaks.append(Break("missing", "", "", expected, detail))
            return rows[:expected]
    return rows


def _hold(rows: Sequence[LogRow], heads: Sequence[Checkpoint], breaks: list[Break]) -> None:
    log = Frontier()
    good = 0
    for head in sorted(heads, key=lambda head: head.size):
        if head.size > len(rows):
            detail = f"a signed head covers {head.size} entries, {len(rows)} are there"
            breaks.append(Break("truncated", "", "", len(rows), detail))
            return
        while log.size < head.size:
            log.append(rows[log.size].entry.leaf())
        if log.root() != head.root:
            named = ", ".join(row.entry.partition for row in rows[good : head.size][:5])
            detail = f"an entry from {good} to {head.size - 1} ({named}) is not the one that was signed"
            breaks.append(Break("rewritten", "", "", good, detail))
            return
        good = head.size


def _mislabelled(partition: str, sealed: Sequence[str], found: Sequence[str]) -> list[Break]:
    if len(sealed) != len(found):
        detail = f"{len(sealed):,} decision ids are stored for {len(found):,} sealed records"
        return [Break("ids", partition, "", None, detail)]
    return [
        Break("mislabelled", partition, name, position, f"was sealed as {before}")
        for position, (before, name) in enumerate(zip(sealed, found, strict=True))
        if before != name
    ]


def _list_break(entry: Entry, kind: str, stored: bytes, right: bytes, width: int) -> Break:
    first = next(
        start // width
        for start in range(0, max(len(stored), len(right)), width)
        if stored[start : start + width] != right[start : start + width]
    )
    detail = f"the records are as sealed, but the stored list of {kind} differs from them at {first}"
    return Break(kind, entry.partition, "", first, detail)


def _head_break(size: int, detail: str) -> Break:
    return Break("head", "", "", size - 1, detail)


def _chunks(joined: str, width: int) -> list[str]:
    return [joined[start : start + width] for start in range(0, len(joined), width)]


def _hashes(joined: bytes) -> list[bytes]:
    return [joined[start : start + HASH_SIZE] for start in range(0, len(joined), HASH_SIZE)]
