"""What a command found, before it is written in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

__all__ = ["FORMATS", "SEVERITIES", "Format", "Remark", "Report", "Severity"]

Format = Literal["text", "json", "junit", "sarif", "github"]
Severity = Literal["error", "warning", "note", "pass"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)


@dataclass(frozen=True)
class Remark:
    """One thing to say about one rule at one place.

    `rule` names the rule or the kind of remark, the same in every run. `path` is the file that it is about, as the
    user gave it, `line` counts from 1. `count` of `total` rows are concerned, where rows are. A remark with severity
    `pass` says that the rule was looked at and holds: text and annotations leave it out, JUnit counts it.
    """

    rule: str
    severity: Severity
    message: str
    path: str = ""
    line: int | None = None
    hint: str | None = None
    count: int | None = None
    total: int | None = None
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """What else is known, plain data for JSON and SARIF."""


@dataclass(frozen=True)
class Report:
    """Everything that one run of a command found: remarks in the order in which they are to be read.

    `command` is the command without `agentic` (`contract lint`), `summary` one line for people, `data` what JSON
    gives beside the remarks.
    """

    command: str
    remarks: tuple[Remark, ...]
    summary: str
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def count(self, severity: Severity) -> int:
        """Give how many remarks have a severity."""
        return sum(remark.severity == severity for remark in self.remarks)

    @property
    def found(self) -> tuple[Remark, ...]:
        """The remarks that say more than that something holds."""
        return tuple(remark for remark in self.remarks if remark.severity != "pass")

    @property
    def by_path(self) -> dict[str, list[Remark]]:
        """The remarks of each file, files in the order of their first remark."""
        grouped: dict[str, list[Remark]] = {}
        for remark in self.remarks:
            grouped.setdefault(remark.path, []).append(remark)
        return grouped
