"""A loaded contract: what a dataset promises, ready to be enforced and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.expectation import Expectation
from agentic_assets.contracts.parties import Channel, Definition, Role, Server, Team
from agentic_assets.contracts.reference import Reference
from agentic_assets.contracts.rule import Rule
from agentic_assets.contracts.service import ServiceLevel
from agentic_assets.versions import Pin

__all__ = ["Column", "Contract", "Relationship", "ServiceLevel", "Transform"]

OPEN_CLASSES: Final = frozenset({"", "public", "internal"})


@dataclass(frozen=True)
class Transform:
    """Where a column comes from, as its contract says: the source objects, the logic, and both in words."""

    sources: tuple[str, ...]
    logic: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Column:
    """One published column, its type and what is said about it."""

    name: str
    dtype: pl.DataType
    required: bool
    description: str
    unit: str | None
    logical_type: str
    physical_type: str
    classification: str | None
    tags: tuple[str, ...]
    is_key: bool
    constraints: tuple[str, ...]
    examples: tuple[Any, ...] = ()
    title: str | None = None
    physical_name: str | None = None
    critical: bool = False
    partitioned: bool = False
    deprecated: bool = False
    encrypted_name: str | None = None
    """The column that holds this value encrypted; whoever names one says that the plain value is to be protected."""
    transform: Transform | None = None
    source_type: str | None = None
    """The physical type as the file writes it, for the system that it names."""
    loose: bool = False
    """Whatever is delivered is held as text: the contract does not say what it is."""
    text_format: str | None = None
    """How text is read as this date, time or timestamp (as `strptime` writes it); ISO 8601 is read besides."""
    text_zone: str | None = None
    """The time zone of timestamps that come as text without one."""
    definitions: tuple[Definition, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def masked(self) -> bool:
        """Say whether values of this column may not be shown in messages."""
        plain = (self.classification or "").strip().lower() in OPEN_CLASSES
        return not plain or self.encrypted_name is not None

    @property
    def after_the_fact(self) -> bool:
        """Say whether the contract declares that this value is only known once the event has happened."""
        return self.declared.get("afterTheFact") is True

    @property
    def known_at(self) -> tuple[str, ...]:
        """Name the instant columns from which on this value is known, if the contract declares any (`knownAt`)."""
        said = self.declared.get("knownAt") or ()
        return tuple(str(name) for name in (said if isinstance(said, list | tuple) else (said,)))


@dataclass(frozen=True)
class Relationship:
    """One reference as the file writes it: columns of this table, and the `table.column` or path each points to.

    What it points to may be another table of the file, another dataset, or a place in another file.
    """

    columns: tuple[str, ...]
    to: tuple[str, ...]
    kind: str = "foreignKey"
    id: str | None = None
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True)
class Contract:
    """One dataset's contract: published columns in order, rules in order, owner, delivery, facts.

    `unenforced` names in words what the file says and the gate does not check; `declared` holds the custom
    properties of the file and of the table.
    """

    id: str
    name: str
    dataset: str
    version: str
    description: str
    owner: str | None
    path: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    rules: tuple[Rule, ...]
    digest: str
    tags: tuple[str, ...] = ()
    max_refused_share: float = 0.05
    status: str | None = None
    usage: str | None = None
    limitations: str | None = None
    service_levels: tuple[ServiceLevel, ...] = ()
    unenforced: tuple[str, ...] = ()
    domain: str | None = None
    tenant: str | None = None
    title: str | None = None
    physical_name: str | None = None
    data_product: str | None = None
    granularity: str | None = None
    team: Team | None = None
    roles: tuple[Role, ...] = ()
    servers: tuple[Server, ...] = ()
    support: tuple[Channel, ...] = ()
    definitions: tuple[Definition, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    residency: tuple[str, ...] = ()
    """The regions in which the data may be held and read; none means anywhere."""
    expectations: tuple[Expectation, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False, repr=False)
    """What the file says of this table, as plain JSON values of the standard."""
    code: tuple[Callable[..., Any], ...] = ()
    """The functions that the file names."""

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Give the published columns and their types, in order."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def pin(self) -> Pin:
        """Name this version of the contract by its content."""
        return Pin("contract", self.name, self.version, self.digest)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Give the foreign keys that the gate holds, each once."""
        return tuple(dict.fromkeys(rule.reference for rule in self.rules if rule.reference is not None))

    def column(self, name: str) -> Column:
        """Give a column by name; raise KeyError when the contract has none of it."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
