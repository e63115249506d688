"""What a replay found of each partition."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Difference", "Replayed", "State"]


class State(StrEnum):
    """How a partition that was computed again compares with the record."""

    IDENTICAL = "identical"
    DIFFERENT = "different"
    DAMAGED = "damaged"
    """It comes out as it was recorded, and the file that was published is missing or holds other bytes."""
    GONE = "gone"
    """It cannot be computed again: something that it was made from is missing or damaged."""


@dataclass(frozen=True)
class Difference:
    """The first place at which recorded and recomputed rows differ; both values as text.

    `key` names the row by the columns that identify it; without a column, the row itself is in one of the two only.
    """

    key: str
    column: str
    recorded: str
    recomputed: str

    def __str__(self) -> str:
        place = f"{self.key}, column {self.column}" if self.column else self.key
        return f"{place}: recorded {self.recorded}, recomputed {self.recomputed}"


@dataclass(frozen=True)
class Replayed:
    """One partition computed again: how many of its `rows` came out the same, and what does not fit.

    `recorded` and `recomputed` are data versions, the second '' where nothing could be computed. `why` says what is
    gone, or which version the difference comes from.
    """

    asset: str
    partition: str
    state: State
    rows: int
    same: int
    recorded: str
    recomputed: str = ""
    difference: Difference | None = None
    why: str = ""

    @property
    def place(self) -> str:
        """Name the partition."""
        return f"{self.asset} {self.partition}".strip()

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)

    def text(self) -> str:
        """Say in a few lines what does not fit."""
        if self.state is State.IDENTICAL:
            return f"{self.place}: identical {self.same:,}/{self.rows:,}"
        if self.state is State.DAMAGED:
            return f"{self.place}: damaged: {self.why}"
        if self.state is State.GONE:
            return f"{self.place}: cannot be computed again: {self.why}"
        told = f"{self.place}: identical {self.same:,}/{self.rows:,}"
        where = f"\n  first difference: {self.difference}" if self.difference else ""
        return f"{told}{where}\n  {self.why}"
