"""A release: an immutable set of pins of one domain, with the sources that they are made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agentic_assets.versions import Pin, of_json

__all__ = ["Release", "rows_of"]


@dataclass(frozen=True)
class Release:
    """Everything versioned that shapes a domain, put together by `author` for `reason`.

    `sources` is the digest of a snapshot. `number` counts the releases of a domain from 1; it, the host and the time
    are not part of the content.
    """

    domain: str
    pins: tuple[Pin, ...]
    sources: str
    author: str
    reason: str
    number: int = 0
    host: str = ""
    created_at: str = ""

    @property
    def name(self) -> str:
        """`r3`, as commands take it."""
        return f"r{self.number}"

    @property
    def id(self) -> str:
        """Name the release by what it says: 32 hexadecimal digits."""
        return self.digest[:32]

    @property
    def content(self) -> dict[str, Any]:
        """What is sealed."""
        return {
            "domain": self.domain,
            "number": self.number,
            "pins": rows_of(self.pins),
            "sources": self.sources,
            "author": self.author,
            "reason": self.reason,
        }

    @property
    def digest(self) -> str:
        """Digest the content."""
        return of_json(self.content)

    def __str__(self) -> str:
        return f"{self.domain} {self.name}"


def rows_of(pins: Iterable[Pin]) -> list[list[str]]:
    """Give pins as JSON values."""
    return [[pin.kind, pin.name, pin.version, pin.digest] for pin in pins]
