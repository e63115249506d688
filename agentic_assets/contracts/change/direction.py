"""In which direction a promise moved, and what that means on both sides of a contract."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

__all__ = ["Class", "Direction", "Level", "Safe", "class_of", "direction_of"]


class Direction(StrEnum):
    """How the data that a new version allows lie to those that the old one allowed."""

    NEUTRAL = "neutral"
    """The same data."""
    TIGHTER = "tighter"
    """Fewer: each was allowed before."""
    LOOSER = "looser"
    """More: each that was allowed still is."""
    DIFFERENT = "different"
    """Neither, or nobody can say."""

    @property
    def safe(self) -> Safe:
        """Say whom the change leaves alone."""
        return _SAFE[self]


class Safe(NamedTuple):
    """Who can go on as before: those who read the data, those who write it."""

    consumers: bool
    producers: bool


class Class(StrEnum):
    """What a change asks of the others.

    compatible: nothing, of nobody. forward-only: readers go on, for new data keep the old promises too; writers have
    to follow first, for old data need not keep the new ones. breaking: readers have to be changed.
    """

    COMPATIBLE = "compatible"
    FORWARD_ONLY = "forward-only"
    BREAKING = "breaking"


class Level(StrEnum):
    """The part of a semantic version that a change has to raise."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


_SAFE: Final = {
    Direction.NEUTRAL: Safe(consumers=True, producers=True),
    Direction.TIGHTER: Safe(consumers=True, producers=False),
    Direction.LOOSER: Safe(consumers=False, producers=True),
    Direction.DIFFERENT: Safe(consumers=False, producers=False),
}
_DIRECTION: Final = {safe: direction for direction, safe in _SAFE.items()}


def direction_of(*, consumers: bool, producers: bool) -> Direction:
    """Give the direction that leaves exactly these alone."""
    return _DIRECTION[Safe(consumers, producers)]


def class_of(safe: Safe) -> Class:
    """Judge a change: what breaks readers is breaking, whatever it means for writers."""
    if not safe.consumers:
        return Class.BREAKING
    return Class.COMPATIBLE if safe.producers else Class.FORWARD_ONLY
