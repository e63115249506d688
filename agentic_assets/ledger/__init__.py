"""Sealed decisions: RFC 6962 trees, C2SP signed checkpoints, proofs, verification.

A partition's records become the leaves of a Merkle tree whose head is signed; the roots of all partitions become the
leaves of one log whose heads are signed as well. So a record that was flipped, dropped, added or moved is found and
named, the size is signed with the root, and a proof about one record needs nothing but the public key.

What this does not protect against: whoever holds the signing key can rewrite everything and sign it again, and nothing
inside this deployment would show it. Only an outside witness would: give it `Ledger.head()` from time to time, let it
ask for `Ledger.consistency` from the head it has, and hand what it kept to `Ledger.verify_log(witnessed=...)`. The
newest head is remembered in a file beside the key, which shows a store that was cut or set back, but not that.
"""

from agentic_assets.ledger.breaks import Break
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.entries import Head, Sealed
from agentic_assets.ledger.finding import Found, find_sealed
from agentic_assets.ledger.ledger import Ledger, Records
from agentic_assets.ledger.merkle import Frontier, Tree, leaf_hash, node_hash, root_of
from agentic_assets.ledger.note import Signer, Verifier
from agentic_assets.ledger.numbered import Numbered, NumberedLog
from agentic_assets.ledger.paths import consistent, included
from agentic_assets.ledger.proof import Proof, check

__all__ = [
    "Break",
    "Checkpoint",
    "Found",
    "Frontier",
    "Head",
    "Ledger",
    "Numbered",
    "NumberedLog",
    "Proof",
    "Records",
    "Sealed",
    "Signer",
    "Tree",
    "Verifier",
    "check",
    "consistent",
    "find_sealed",
    "included",
    "leaf_hash",
    "node_hash",
    "root_of",
]
