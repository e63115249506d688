"""What a replay of many partitions came to, in words and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentic_assets.evidence.domain import Domain
from agentic_assets.simulation.result import Replayed, State

__all__ = ["Report"]

_DAYS_TOLD = 62
_TOLD = 20


@dataclass(frozen=True)
class Report:
    """The partitions that were computed again, and how long it took."""

    domain: Domain
    found: Sequence[Replayed]
    seconds: float

    @property
    def identical(self) -> bool:
        """Whether every partition is byte for byte as it was recorded."""
        return all(one.state is State.IDENTICAL for one in self.found)

    @property
    def wrong(self) -> list[Replayed]:
        """The partitions that are not, those first that others rest on."""
        return [one for one in self.found if one.state is not State.IDENTICAL]

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        same, rows = self._counted(self._decisions())
        return {
            "identical": self.identical,
            "decisions": rows,
            "decisions_identical": same,
            "partitions": len(self.found),
            "partitions_identical": sum(one.state is State.IDENTICAL for one in self.found),
            "seconds": round(self.seconds, 3),
            "differences": [one.to_dict() for one in self.wrong],
            "replayed": [
                {"asset": one.asset, "partition": one.partition, "state": one.state.value, "version": one.recorded}
                for one in self.found
            ],
        }

    def lines(self) -> list[str]:
        """Say it for people: a line a day, or a month where there are many, then what differs."""
        days = sorted({one.partition for one in self.found})
        width = 10 if len(days) <= _DAYS_TOLD else 7
        told = [self._line(name, width) for name in sorted({day[:width] for day in days})]
        if len(told) == 1:
            told = []
        for one in self.wrong[:_TOLD]:
            told.append(one.text())
        if len(self.wrong) > _TOLD:
            told.append(f"... and {len(self.wrong) - _TOLD:,} more partitions that differ or cannot be computed again")
        return [*told, self._total()]

    def _line(self, name: str, width: int) -> str:
        mine = [one for one in self.found if one.partition[:width] == name]
        same, rows = self._counted([one for one in self._decisions() if one.partition[:width] == name])
        wrong = sum(one.state is not State.IDENTICAL for one in mine)
        decided = f"{_verdict(same, rows)} decisions, " if rows else ""
        parts = f"{len(mine)} partitions" if not wrong else f"{wrong} of {len(mine)} partitions not as recorded"
        return f"{name or '(not cut)':10}  {decided}{parts}"

    def _total(self) -> str:
        decided = self._decisions()
        same, rows = self._counted(decided)
        partitions = sum(one.state is State.IDENTICAL for one in self.found)
        what = f"{_verdict(same, rows)} decisions" if decided else ""
        whole = f"{_verdict(partitions, len(self.found))} partitions"
        return f"{', '.join(text for text in (what, whole) if text)}, in {self.seconds:.1f} s"

    def _decisions(self) -> list[Replayed]:
        assets = {subject.decisions for subject in self.domain.subjects}
        return [one for one in self.found if one.asset in assets]

    @staticmethod
    def _counted(found: Sequence[Replayed]) -> tuple[int, int]:
        return sum(one.same for one in found), sum(one.rows for one in found)


def _verdict(same: int, rows: int) -> str:
    return f"identical {same:,}/{rows:,}"
