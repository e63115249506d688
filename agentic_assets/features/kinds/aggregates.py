"""What can be said of the facts in a window: counts, totals, means; sums are formed over integers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from agentic_assets.features.engine.window import Window

__all__ = ["Aggregate", "Count", "CountIf", "Mean", "Total"]


class Aggregate(Protocol):
    """One value over a window of facts; `reads` names the columns of the source that it needs."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def dtype(self) -> pl.DataType: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    def over(self, window: Window) -> pl.Series:
        """Give the value for each entity."""
        ...


@dataclass(frozen=True)
class Count:
    """How many facts there are."""

    name: str
    unit: str
    description: str

    @property
    def dtype(self) -> pl.DataType:
        """Give Int32."""
        return pl.Int32()

    @property
    def reads(self) -> tuple[str, ...]:
        """Read nothing of the facts."""
        return ()

    def over(self, window: Window) -> pl.Series:
        """Count."""
        return window.count()


@dataclass(frozen=True)
class CountIf:
    """For how many facts a Boolean column is true."""

    name: str
    measure: str
    unit: str
    description: str

    @property
    def dtype(self) -> pl.DataType:
        """Give Int32."""
        return pl.Int32()

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the column."""
        return (self.measure,)

    def over(self, window: Window) -> pl.Series:
        """Count where it is true."""
        return window.count_if(self.measure)


@dataclass(frozen=True)
class Total:
    """The sum of an integer column; one that counts in parts, `per` to the unit, gives a double, null over nothing."""

    name: str
    measure: str
    unit: str
    description: str
    per: int = 0

    @property
    def dtype(self) -> pl.DataType:
        """Give Float64 for a column that counts in parts, else Int64."""
        return pl.Float64() if self.per else pl.Int64()

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the column."""
        return (self.measure,)

    def over(self, window: Window) -> pl.Series:
        """Sum."""
        return window.scaled(self.measure, self.per) if self.per else window.total(self.measure)


@dataclass(frozen=True)
class Mean:
    """The mean of an integer or Boolean column over the facts that have it; null over nothing."""

    name: str
    measure: str
    unit: str
    description: str

    @property
    def dtype(self) -> pl.DataType:
        """Give Float64."""
        return pl.Float64()

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the column."""
        return (self.measure,)

    def over(self, window: Window) -> pl.Series:
        """Average."""
        return window.mean(self.measure)
