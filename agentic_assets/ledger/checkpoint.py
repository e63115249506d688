"""Tree heads as C2SP describes them (c2sp.org/tlog-checkpoint): origin, size and root, signed as a note."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.merkle import HASH_SIZE
from agentic_assets.ledger.note import Signer, Verifier

__all__ = ["Checkpoint"]

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """The head of one tree: whose it is, how many leaves, which root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    def sign(self, signer: Signer) -> str:
        """Give the signed note."""
        return signer.sign(self.text())

    @classmethod
    def open(cls, note: str, verifier: Verifier, *, origin: str) -> Checkpoint:
        """Read a note that `verifier` signed for `origin`. Raises LedgerBroken otherwise."""
        checkpoint = cls.parse(verifier.open(note))
        if checkpoint.origin != origin:
            raise LedgerBroken(f"the checkpoint is of {checkpoint.origin[:160]!r}, not of {origin!r}")
        return checkpoint

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note; only what `text` writes is accepted, extension lines are refused."""
        lines = text.split("\n")
        try:
            origin, size, root, end = lines
            checkpoint = cls(origin, int(size), base64.b64decode(root, validate=True))
        except (ValueError, binascii.Error):
            raise LedgerBroken(f"not a checkpoint: {text[:120]!r}") from None
        well_formed = bool(origin) and not end and _SIZE.fullmatch(size) and len(checkpoint.root) == HASH_SIZE
        if not well_formed or checkpoint.text() != text:
            raise LedgerBroken(f"not a checkpoint: {text[:120]!r}")
        return checkpoint
