"""Which library a domain was computed with: its version, and a digest of its code that shapes data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import agentic_assets
from agentic_assets.versions.code import of_rooms

__all__ = ["Library", "library"]

# The rooms whose code computes what a decision rests on; the others carry, record or show it.
_SHAPING = (
    "actions",
    "agents",
    "contracts",
    "coordination",
    "decisions",
    "features",
    "language",
    "ledger",
    "models",
    "outcomes",
    "policy",
    "quality",
    "sources",
    "wiring",
)


class Library(NamedTuple):
    """The installed library."""

    version: str
    digest: str

    def __str__(self) -> str:
        return f"agentic_assets {self.version} ({self.digest[:12]})"


@cache
def library() -> Library:
    """Give version and digest of the library that this process runs."""
    from importlib.metadata import version

    folder = Path(next(iter(agentic_assets.__path__)))
    return Library(version("agentic_assets"), of_rooms(folder, _SHAPING))
