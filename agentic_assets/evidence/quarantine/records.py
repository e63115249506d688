"""The quarantine as records: one row, one partition, all of it counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from agentic_assets.pipeline import Verdict

__all__ = ["Count", "Inside", "Row", "Standing"]


@dataclass(frozen=True)
class Row:
    """One quarantined row: where it lay, what it broke, what it said, and what was ruled on it.

    `values` is the row as it was delivered; classified values are masked unless asked for.
    """

    source_row: int
    rule: str
    column: str
    value: str | None
    broken: tuple[Mapping[str, str], ...]
    values: Mapping[str, Any]
    ruling: Mapping[str, Any] | None

    @property
    def open(self) -> bool:
        """Whether it waits for somebody."""
        return self.ruling is None or self.ruling["verdict"] != Verdict.DROP

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values."""
        return {**asdict(self), "open": self.open}


@dataclass(frozen=True)
class Inside:
    """The quarantine of one partition whole, with why the partition was refused if it was, and where to mend it."""

    asset: str
    partition: str
    contract: str
    refusal: Mapping[str, Any] | None
    rows: tuple[Row, ...]
    rulings: tuple[Mapping[str, Any], ...]
    pending: bool
    mend: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "rows": [row.to_dict() for row in self.rows]}


@dataclass(frozen=True)
class Count:
    """How many rows of one partition one rule holds back (the first that each broke), with one value."""

    asset: str
    partition: str
    rule: str
    rows: int
    open: int
    dropped: int
    example_row: int
    example_value: str | None


@dataclass(frozen=True)
class Standing:
    """The whole quarantine, counted; and the partitions that were refused, or blocked behind such."""

    counts: tuple[Count, ...]
    refused: tuple[Mapping[str, Any], ...]
    blocked: Mapping[str, int]
    pending: tuple[Mapping[str, str], ...]

    def waiting(self) -> Standing:
        """Leave out what nobody has to rule on any more."""
        return replace(self, counts=tuple(count for count in self.counts if count.open))

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)
