"""All that the catalogue shows, as plain records: reading it is one step, writing the pages another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from agentic_assets.contracts import Contract
from agentic_assets.evidence.catalog.naming import fragment

if TYPE_CHECKING:
    from agentic_assets.evidence.catalog.feature_sets.material import ListedSet

__all__ = ["Catalog", "Day", "Decider", "History", "Listed", "Reader", "Source", "Version"]


@dataclass(frozen=True)
class Day:
    """One published partition: rows in it, rows refused, and how often each rule was broken."""

    partition: str
    rows: int
    quarantined: int
    broken: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    """The checks that did not pass."""


@dataclass(frozen=True)
class Version:
    """A version of the contract under which partitions were published."""

    version: str
    digest: str
    partitions: int
    first: str
    last: str
    recorded_at: str
    """When the first of them was recorded, in UTC."""


@dataclass(frozen=True)
class History:
    """What became of an asset's partitions in one home; `refused` maps those that do not stand to the reason."""

    days: tuple[Day, ...] = ()
    expected: int = 0
    versions: tuple[Version, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    daily: bool = False
    """Whether partitions are days; else they are months, or there is only one."""

    @property
    def rows(self) -> int:
        """The rows that are published."""
        return sum(day.rows for day in self.days)

    @property
    def quarantined(self) -> int:
        """The rows that were refused."""
        return sum(day.quarantined for day in self.days)


@dataclass(frozen=True)
class Source:
    """An asset or a system of record that another is made from, and the columns that are read of it."""

    asset: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reader:
    """An asset that reads another: which of its columns, and what is made of them; `kind` says what it is."""

    asset: str
    kind: str
    columns: tuple[str, ...]
    made: tuple[str, ...]
    directly: bool = True


@dataclass(frozen=True)
class Decider:
    """An agent whose decisions rest on an asset, through which features."""

    agent: str
    owner: str
    purpose: str
    decisions: str
    features: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """One contract with where it is used: the asset that keeps it, if any, its past, and who lives on it."""

    contract: Contract
    page: str
    """The name of its page."""
    asset: str = ""
    shared: bool = False
    """Whether other assets keep the same contract."""
    domain_title: str = ""
    first_day: date | None = None
    last_day: date | None = None
    history: History | None = None
    sources: tuple[Source, ...] = ()
    readers: tuple[Reader, ...] = ()
    deciders: tuple[Decider, ...] = ()

    @property
    def title(self) -> str:
        """What people call it."""
        title = self.contract.title or self.contract.dataset
        return f"{title}: {self.asset}" if self.shared else title


@dataclass(frozen=True)
class Catalog:
    """Every contract, in the order of the data path; `home` is empty where no home was read."""

    listed: tuple[Listed, ...]
    home: str = ""
    sets: tuple[ListedSet, ...] = ()
    """The feature sets, in the order of their domains."""

    def page_of(self, asset: str) -> str:
        """Name the page of an asset's contract; empty when none is listed."""
        return next((one.page for one in self.listed if one.asset == asset and asset), "")

    def link(self, column: str) -> str:
        """Link to where a column, as `table.column`, is described; empty when its table is not listed."""
        table, _, name = column.rpartition(".")
        found = next((one for one in self.listed if one.asset == table and table), None)
        if found is None:
            return ""
        return found.page + fragment("column", name) if name in found.contract.schema else found.page

    def set_of(self, asset: str) -> ListedSet | None:
        """Give the feature set that an asset publishes."""
        return next((one for one in self.sets if one.asset == asset and asset), None)
