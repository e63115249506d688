"""The newest log head this machine has seen, kept beside the key and outside the store.

Cutting the last seals off the store leaves an earlier state that is valid in itself. Only a memory elsewhere can tell;
this file is the nearest one, and a witness on another machine the better one.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from agentic_assets.errors import LedgerBroken
from agentic_assets.ledger.checkpoint import Checkpoint
from agentic_assets.ledger.note import Verifier

__all__ = ["HighWater"]


@dataclass(frozen=True)
class HighWater:
    """Remember one log's newest head in `folder`."""

    folder: Path
    log: str

    @property
    def path(self) -> Path:
        """The file that holds the head."""
        return self.folder / f"head-{quote(self.log, safe='')}.note"

    def read(self, verifier: Verifier) -> Checkpoint | None:
        """Give the remembered head, or None before the first seal. Raises LedgerBroken when the file was edited."""
        try:
            note = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return Checkpoint.open(note.decode(), verifier, origin=self.log)
        except (LedgerBroken, UnicodeDecodeError) as error:
            raise LedgerBroken(
                f"the remembered log head {self.path} cannot be trusted: {str(error).splitlines()[0]}",
                hint="restore it, or delete it when the key was replaced on purpose",
            ) from error

    def remember(self, note: str, verifier: Verifier) -> None:
        """Keep a signed head unless a newer one is kept already."""
        offered = Checkpoint.open(note, verifier, origin=self.log)
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)  # two sealers must not put the older head over the newer
            kept = self.read(verifier)
            if kept is None or kept.size < offered.size:
                draft = self.path.with_suffix(".draft")
                with draft.open("w", encoding="utf-8") as file:
                    file.write(note)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(draft, self.path)
        finally:
            os.close(directory)
