"""One log of sealed partitions, in a store, under a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from agentic_assets.errors import LedgerBroken, NotFound
from agentic_assets.ledger.breaks import Break, bounded
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.entries import ID_SIZE, Head, Sealed, entries_of, newest_head, snapshot
from agentic_assets.ledger.highwater import HighWater
from agentic_assets.ledger.keys import create_key, load_key
from agentic_assets.ledger.merkle import Tree
from agentic_assets.ledger.note import Signer, Verifier
from agentic_assets.ledger.proof import Proof, check
from agentic_assets.ledger.sealing import append, covering_size, grow
from agentic_assets.ledger.verification import (
    log_breaks,
    log_heads,
    log_rows,
    newest_row,
    partition_breaks,
)
from agentic_assets.store import Store

__all__ = ["Ledger", "Records"]

Records = tuple[Sequence[bytes], Sequence[str]]
"""The exact bytes of each record, and their decision ids (32 lowercase hexadecimal digits), in one order."""

_LOOK = "run agentic verify to see what is wrong"


class Ledger:
    """Seal partitions of records under one origin, such as `example.com/departures`, and hold them to it.

    `keys` is the folder of the signing key; the first seal makes the key. The origin names the log and the key.
    """

    def __init__(self, store: Store, keys: Path, origin: str) -> None:
        self._store = store
        self._keys = keys
        self.origin = origin
        self._seen = HighWater(keys, origin)

    @cached_property
    def verifier(self) -> Verifier:
        """The public key; its text is the verifier key string that an auditor needs."""
        return Signer(self.origin, load_key(self._keys)).verifier

    def seal(self, partition: str, records: Sequence[bytes], ids: Sequence[str]) -> Sealed:
        """Seal one partition; see `seal_many`."""
        return self.seal_many({partition: (records, ids)})[partition]

    def seal_many(self, partitions: Mapping[str, Records]) -> dict[str, Sealed]:
        """Seal partitions in one transaction, in the order of their names, under one new head of the log.

        A partition whose newest seal holds these very records and ids is left as it is (`fresh` is False); another
        content becomes its next generation. Raises LedgerBroken for ids that are malformed or repeated, and when the
        stored log is not the one that was last signed; then nothing is sealed.
        """
        trees = [grow(name, *partitions[name]) for name in sorted(partitions)]
        signer = Signer(self.origin, create_key(self._keys))
        # Read before the transaction: what this machine has seen must lie within what the store holds later.
        remembered = self._seen.read(signer.verifier)
        sealed = append(self._store, signer, remembered, trees)
        if any(item.fresh for item in sealed):
            with self._store.reading() as connection:
                head = newest_head(connection, self.origin)
            if head is not None:
                self._seen.remember(head.checkpoint, signer.verifier)
        return {item.partition: item for item in sealed}

    def sealed(self, partition: str) -> Sealed | None:
        """Give the newest seal of a partition as stored, or None when it was never sealed."""
        with snapshot(self._store) as connection:
            found = newest_row(connection, self.origin, partition)
            if found is None:
                return None
            entry, index = found.row.entry, found.row.index
            covered = covering_size(connection, self.origin, index)
        return Sealed(
            entry.partition, entry.generation, entry.size, entry.root, found.row.checkpoint, index, covered, fresh=False
        )

    def head(self) -> Head | None:
        """Give the newest signed head of the log, or None before the first seal."""
        with self._store.reading() as connection:
            return newest_head(connection, self.origin)

    def proof(self, partition: str, decision_id: str, *, generation: int | None = None) -> Proof:
        """Prove that a decision lies in a seal of its partition, and that seal in the newest head.

        The seal is the newest, or that of a `generation`: what was superseded was sealed all the same.

        Raises NotFound for a decision that was not sealed there, LedgerBroken when the stored lists do not fit.
        """
        with snapshot(self._store) as connection:
            found = newest_row(connection, self.origin, partition, generation)
            head = newest_head(connection, self.origin)
            log = self._log(connection, head)
        index = -1 if found is None else _position(found.ids, decision_id)
        if found is None or head is None or index < 0:
            raise NotFound(
                f"decision {decision_id[:80]!r} is not sealed in {self.origin}, partition {partition[:80]!r}",
                hint="check the id and the partition; a decision is sealed when its partition is materialized",
            )
        tree = Tree(found.leaves)
        entry = found.row.entry
        if tree.root.hex() != entry.root:
            raise LedgerBroken(f"the stored leaf hashes of {partition} do not have its root", hint=_LOOK)
        return Proof(
            partition=entry.partition,
            generation=entry.generation,
            decision_id=decision_id,
            index=index,
            path=tuple(step.hex() for step in tree.path(index)),
            checkpoint=found.row.checkpoint,
            log_index=found.row.index,
            log_path=tuple(step.hex() for step in log.path(found.row.index)),
            head=head.checkpoint,
        )

    def check(self, proof: Proof, record: bytes) -> None:
        """Check a proof against this ledger's key; without the ledger, `agentic_assets.ledger.check` does it."""
        check(proof, record, self.verifier)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """Prove to a witness that the newest head extends the head of `old_size` entries. Raises NotFound."""
        with snapshot(self._store) as connection:
            log = self._log(connection, newest_head(connection, self.origin))
        if not 0 <= old_size <= log.size:
            raise NotFound(f"the log of {self.origin} has {log.size} entries, no head of {old_size}")
        return log.consistency(old_size)

    def verify(self, partition: str, records: Sequence[bytes], ids: Sequence[str]) -> tuple[Break, ...]:
        """Name every record of a partition that is not as sealed; at most 20 are named, the rest counted.

        Raises LedgerBroken only when records and ids are not of one length.
        """
        if len(records) != len(ids):
            raise LedgerBroken(f"{partition} has {len(records):,} records and {len(ids):,} decision ids")
        with self._store.reading() as connection:
            stored = newest_row(connection, self.origin, partition)
        if stored is None:
            return (Break("unsealed", partition, "", None, f"{len(records):,} records, and no seal is stored"),)
        return bounded(partition_breaks(stored, records, ids, self.verifier))

    def verify_log(self, witnessed: Sequence[str] = ()) -> tuple[Break, ...]:
        """Name what is wrong with the log itself: its entries, its heads, and their agreement.

        `witnessed` are signed heads of this log that were kept elsewhere; only they show that a key holder rewrote it.
        """
        if not witnessed and not self._seen.path.exists() and self._is_empty():
            return ()  # before the first seal there is no key either
        breaks: list[Break] = []
        known = []
        try:
            remembered = self._seen.read(self.verifier)  # before the snapshot: it may only lag behind
            known = [] if remembered is None else [remembered]
        except LedgerBroken as error:
            breaks.append(Break("head", "", "", None, error.what))
        for note in witnessed:
            try:
                known.append(Checkpoint.open(note, self.verifier, origin=self.origin))
            except LedgerBroken as error:
                breaks.append(Break("head", "", "", None, f"a witnessed head: {error.what}"))
        with snapshot(self._store) as connection:
            rows, heads = log_rows(connection, self.origin), log_heads(connection, self.origin)
        return bounded([*breaks, *log_breaks(rows, heads, known, self.verifier)])

    def _is_empty(self) -> bool:
        with snapshot(self._store) as connection:
            return not log_heads(connection, self.origin) and not entries_of(connection, self.origin)

    def _log(self, connection: Connection, head: Head | None) -> Tree:
        entries = entries_of(connection, self.origin)
        log = Tree(b"".join(entry.leaf() for _, entry in entries))
        if head is not None and (log.size, log.root.hex()) != (head.size, head.root):
            raise LedgerBroken(f"the log of {self.origin} is not the one that its newest head signs", hint=_LOOK)
        return log


def _position(ids: bytes, decision_id: str) -> int:
    try:
        wanted = bytes.fromhex(decision_id)
    except ValueError:
        return -1
    start = ids.find(wanted) if len(wanted) == ID_SIZE else -1
    while start % ID_SIZE and start >= 0:  # a match across two neighbours is none
        start = ids.find(wanted, start + 1)
    return start // ID_SIZE if start >= 0 else -1
