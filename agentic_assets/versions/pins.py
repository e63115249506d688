"""A pin names one version; a set of pins names everything that shaped an asset partition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agentic_assets.versions.fingerprint import canonical_json, of_text

__all__ = ["Definition", "Pin", "Pins"]


@dataclass(frozen=True, order=True)
class Pin:
    """One version: `kind` (contract, feature_set, model, agent, policy), name, semantic version, content digest."""

    kind: str
    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}@{self.version} ({self.digest[:12]})"


@dataclass(frozen=True)
class Definition:
    """What a pinned version says, as canonical JSON, so that versions can be compared when the code has moved on."""

    pin: Pin
    content: str


@dataclass(frozen=True)
class Pins:
    """An immutable, sorted set of pins with one digest."""

    items: tuple[Pin, ...] = ()
    digest: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(set(self.items)))
        names = [(pin.kind, pin.name) for pin in ordered]
        if len(set(names)) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"pinned at two versions at once: {twice}")
        object.__setattr__(self, "items", ordered)
        object.__setattr__(self, "digest", of_text(self.to_json()))

    @classmethod
    def of(cls, *pins: Pin) -> Pins:
        """Collect pins, in any order."""
        return cls(pins)

    def __iter__(self) -> Iterator[Pin]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def with_(self, more: Iterable[Pin]) -> Pins:
        """Give this set and `more` together."""
        return Pins((*self.items, *more))

    def named(self, kind: str) -> Pin | None:
        """Give the only pin of a kind, or None when there is none."""
        found = [pin for pin in self.items if pin.kind == kind]
        return found[0] if len(found) == 1 else None

    def to_json(self) -> str:
        """Write canonical JSON: the same pins give the same text."""
        return canonical_json([[pin.kind, pin.name, pin.version, pin.digest] for pin in self.items])

    @classmethod
    def from_json(cls, text: str) -> Pins:
        """Read what `to_json` wrote."""
        return cls(tuple(Pin(*row) for row in json.loads(text)))
