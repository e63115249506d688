"""One change between two versions of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agentic_assets.contracts.change.direction import Class, Direction, Level, class_of
from agentic_assets.contracts.change.wording import why

__all__ = ["Change", "Spot", "shown"]

_LONGEST: Final = 160


@dataclass(frozen=True)
class Spot:
    """Where in a contract something stands: its column, its rule, and the key of the standard that says it.

    `key` may be a path with dots; what is not there stands for the nearest place around it.
    """

    key: str
    column: str | None = None
    rule: str | None = None


@dataclass(frozen=True)
class Change:
    """One change: what changed and how, from what to what, and in which direction.

    `kind` is a stable name such as `range-tightened`; `aspect` what it is about; `documentation` marks what only
    people read.
    """

    kind: str
    aspect: str
    direction: Direction
    spot: Spot
    before: str | None = None
    after: str | None = None
    documentation: bool = False
    hint: str | None = None

    @property
    def class_(self) -> Class:
        """Say what the change asks of others."""
        return class_of(self.direction.safe)

    @property
    def level(self) -> Level:
        """Give the part of the version that has to be raised."""
        if self.class_ is Class.BREAKING:
            return Level.MAJOR
        return Level.PATCH if self.documentation else Level.MINOR

    @property
    def for_consumers(self) -> str:
        """Say what those who read the data should know."""
        return why(self.aspect, self.kind, self.direction)[0]

    @property
    def for_producers(self) -> str:
        """Say what those who deliver the data should know."""
        return why(self.aspect, self.kind, self.direction)[1]

    @property
    def what(self) -> str:
        """Say the change in one line: where, what, from what to what."""
        where = f"`{self.spot.column}`: " if self.spot.column else ""
        named = f" {self.spot.rule}" if self.spot.rule else ""
        said = f"{where}{self.kind.replace('-', ' ')}{named}"
        if self.before is None and self.after is None:
            return said
        if self.before is None:
            return f"{said}: {self.after}"
        if self.after is None:
            return f"{said}: {self.before}"
        return f"{said}: {self.before} -> {self.after}"


def shown(value: object) -> str | None:
    """Write a value for people, bounded in length; None for nothing."""
    if value is None or value in ("", (), [], {}):
        return None
    text = ", ".join(str(item) for item in value) if isinstance(value, tuple | list) else str(value)
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
