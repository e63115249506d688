"""One locked version: what it said, under its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.contracts.change import Version, read_version
from agentic_assets.releases.declared import NO_NUMBER, Declared

__all__ = ["Locked", "number_of"]


@dataclass(frozen=True)
class Locked:
    """What a version said when it was locked, as `Declared` tells it; `line` is where the file says so."""

    kind: str
    name: str
    version: str
    digest: str
    says: Mapping[str, Any] = field(hash=False, repr=False)
    line: int = field(default=1, compare=False)

    @classmethod
    def of(cls, one: Declared) -> Locked:
        """Lock what is declared."""
        return cls(one.pin.kind, one.pin.name, one.pin.version, one.pin.digest, one.says)

    @classmethod
    def named(cls, id: str, digest: str, says: Mapping[str, Any], line: int) -> Locked:
        """Give the entry of an id such as `agent delay_risk@1.1.0`; raises ValueError for what is none."""
        kind, space, rest = id.partition(" ")
        name, at, version = rest.partition("@")
        if not (kind and space and name) or bool(at) != bool(version):
            raise ValueError(f"{id[:80]!r} names no version")
        return cls(kind, name, version or NO_NUMBER, digest, says, line)

    @property
    def id(self) -> str:
        """Kind, name and version, as the file names it."""
        return f"{self.kind} {self.name}{'' if self.version == NO_NUMBER else f'@{self.version}'}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self.kind, self.name, self.version


def number_of(version: str) -> Version:
    """Give a version by which others can be ordered; what is none comes before all."""
    return read_version(version) or Version(0, 0, 0, ("unknown",))
