"""Records to seal, and the reference definition of the tree to compare with."""

from __future__ import annotations

from hashlib import sha256

ORIGIN = "example.com/departures"


def records(count: int, salt: str = "") -> tuple[list[bytes], list[str]]:
    """Give `count` records and their ids, always the same."""
    ids = [sha256(f"{salt}{number}".encode()).hexdigest()[:32] for number in range(count)]
    return [f'{{"decision_id":"{name}","action":"notify","salt":"{salt}"}}'.encode() for name in ids], ids


def tree_hash(leaves: list[bytes]) -> bytes:
    """Hash data as RFC 6962, section 2.1, defines it, word for word and slowly."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()
