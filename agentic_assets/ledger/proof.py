"""The proof that one record was sealed: two inclusion paths under two signed heads, checked without any store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.entries import Entry, origin_of
from agentic_assets.ledger.merkle import leaf_hash
from agentic_assets.ledger.note import Verifier
from agentic_assets.ledger.paths import included

__all__ = ["Proof", "check"]

_FORMAT = "agentic-assets/ledger-proof/v1"
_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Proof:
    """Say where a record lies: leaf `index` under `checkpoint`, whose tree is entry `log_index` under `head`.

    Paths are hexadecimal hashes, from the leaf up. The decision id is a label: what is proven are the record's bytes.
    """

    partition: str
    generation: int
    decision_id: str
    index: int
    path: tuple[str, ...]
    checkpoint: str
    log_index: int
    log_path: tuple[str, ...]
    head: str

    def to_json(self) -> str:
        """Write one JSON object that a witness or an auditor can keep."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Proof:
        """Read what `to_json` wrote. Raises LedgerBroken when it is anything else."""
        try:
            content = json.loads(text) if len(text) <= _MOST_CHARACTERS else None
        except (ValueError, RecursionError):
            content = None
        names = [field.name for field in fields(cls)]
        if not isinstance(content, dict) or content.get("format") != _FORMAT or set(content) != {"format", *names}:
            raise LedgerBroken(f"not a ledger proof: {text[:80]!r}", hint="export it again")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value := content[name], list) else value for name in names
        }
        wrong = [field.name for field in fields(cls) if not _fits(str(field.type), values[field.name])]
        if wrong:
            raise LedgerBroken(f"the ledger proof has no valid {', '.join(wrong)}", hint="export it again")
        return cls(**values)


def check(proof: Proof, record: bytes, key: Verifier | str) -> None:
    """Prove, with nothing but the public key, that `record` was sealed where `proof` says. Raises LedgerBroken."""
    verifier = Verifier.parse(key) if isinstance(key, str) else key
    head = Checkpoint.open(proof.head, verifier, origin=verifier.name)
    origin = origin_of(verifier.name, proof.partition, proof.generation)
    tree = Checkpoint.open(proof.checkpoint, verifier, origin=origin)
    path, log_path = _unhex(proof.path), _unhex(proof.log_path)
    if not included(leaf_hash(record), proof.index, tree.size, path, tree.root):
        raise LedgerBroken(
            f"these {len(record):,} bytes are not record {proof.index} of {proof.partition} as sealed",
            hint="the record was changed, or the proof belongs to another one",
        )
    entry = Entry(proof.partition, proof.generation, tree.size, tree.root.hex())
    if not included(entry.leaf(), proof.log_index, head.size, log_path, head.root):
        raise LedgerBroken(f"the log's head does not cover {proof.partition} as entry {proof.log_index}")


def _unhex(path: tuple[str, ...]) -> list[bytes]:
    try:
        return [bytes.fromhex(step) for step in path]
    except ValueError:
        raise LedgerBroken("the proof's path is not hexadecimal", hint="export it again") from None


def _fits(kind: str, value: Any) -> bool:
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    return isinstance(value, tuple) and all(isinstance(step, str) for step in value)
