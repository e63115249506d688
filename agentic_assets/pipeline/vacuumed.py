"""What was vacuumed, by whom and when; so that whoever asks for it is told instead of finding a hole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from agentic_assets.store import Store
from agentic_assets.store.schema import vacuumed

__all__ = ["Gone", "Vacuumed", "said_of"]


@dataclass(frozen=True)
class Gone:
    """One published file that was deleted; `file` is relative to the table of the asset."""

    asset: str
    file: str
    identity: str
    recorded_at: str

    def __str__(self) -> str:
        return said_of(self.recorded_at, self.identity)


class Vacuumed:
    """Read the table of files that were deleted; a file that was published again since then simply exists."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, asset: str) -> dict[str, Gone]:
        """Give what was deleted of an asset, by file."""
        with self._store.reading() as connection:
            rows = connection.execute(select(vacuumed).where(vacuumed.c.asset == asset)).all()
        return {row.file: Gone(row.asset, row.file, row.identity, row.recorded_at) for row in rows}

    def said(self, asset: str, file: str) -> str:
        """Say when a file was deleted, and by whom; '' when it never was."""
        query = select(vacuumed).where(vacuumed.c.asset == asset, vacuumed.c.file == file)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return "" if row is None else said_of(row.recorded_at, row.identity)


def said_of(recorded_at: str, identity: str) -> str:
    """Say in words that something was vacuumed."""
    return f"was vacuumed on {recorded_at[:10]} by {identity}"
