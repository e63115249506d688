"""Semantic versions: which one a set of changes demands, and whether the new one is enough."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Final

from agentic_assets.contracts.change.change import Change
from agentic_assets.contracts.change.direction import Level

__all__ = ["Verdict", "Version", "judge_version", "read_version"]

_VERSION: Final = re.compile(
    r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_ORDER: Final = (Level.PATCH, Level.MINOR, Level.MAJOR)


@total_ordering
@dataclass(frozen=True)
class Version:
    """Three numbers, and the parts of a pre-release, which comes before the release."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    def __lt__(self, other: Version) -> bool:
        return self._rank() < other._rank()

    def __str__(self) -> str:
        pre = f"-{'.'.join(self.pre)}" if self.pre else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}"

    def raised(self, level: Level) -> Version:
        """Give the smallest version that says a change of this level.

        Before 1.0.0 nothing is promised for good: the second number says what breaks, the third all else. After a
        pre-release, the release itself is enough.
        """
        if self.pre:
            return Version(self.major, self.minor, self.patch)
        if self.major == 0:
            return Version(0, self.minor + 1, 0) if level is Level.MAJOR else Version(0, self.minor, self.patch + 1)
        return {
            Level.MAJOR: Version(self.major + 1, 0, 0),
            Level.MINOR: Version(self.major, self.minor + 1, 0),
            Level.PATCH: Version(self.major, self.minor, self.patch + 1),
        }[level]

    def _rank(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        parts = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)


@dataclass(frozen=True)
class Verdict:
    """What the changes demand of the version: the level, the least version, and whether the new one is enough."""

    level: Level | None
    least: str | None
    enough: bool
    message: str


def read_version(text: str) -> Version | None:
    """Read a version, also one that leaves out zeros or begins with v; None for what is no version."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    return Version(
        int(match[1]), int(match[2] or 0), int(match[3] or 0), tuple((match[4] or "").split(".")) if match[4] else ()
    )


def judge_version(old: str, new: str, changes: Sequence[Change]) -> Verdict:
    """Say whether the version was raised enough for the changes."""
    level = max((change.level for change in changes), key=_ORDER.index, default=None)
    before, after = read_version(old), read_version(new)
    if before is None or after is None:
        same = f"{new!r:.60} is no semantic version" if after is None else f"{old!r:.60} was no semantic version"
        enough = after is not None or level is None
        return Verdict(level, None, enough, f"{same}, so it cannot be judged; write three numbers, such as 1.2.0")
    if level is None:
        enough = after >= before
        said = f"nothing changed, {new} will do" if enough else f"the version went back from {old} to {new}"
        return Verdict(None, str(before), enough, said)
    least = before.raised(level)
    # A pre-release of the version that is demanded says as much as the version itself.
    reached = Version(after.major, after.minor, after.patch) >= least and after > before
    if before.pre:
        reached = after > before
        least = after if reached else least
    word = {"major": "a breaking change", "minor": "a change of what is promised", "patch": "a change of documentation"}
    if reached:
        return Verdict(level, str(least), True, f"{new} is enough for {word[level]} after {old}")
    return Verdict(level, str(least), False, f"{new} is too small: {word[level]} after {old} demands {least} or higher")
