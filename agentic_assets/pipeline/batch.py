"""What a node's function is given: the partitions to make, and a reader bound to versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from agentic_assets.contracts.gating.quarantine import set_aside
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.pipeline.manifest import Entry, Manifest
from agentic_assets.pipeline.node import Node
from agentic_assets.pipeline.partitions import Calendar
from agentic_assets.pipeline.standing import Standing
from agentic_assets.store import Store
from agentic_assets.versions import Pin, Pins

__all__ = ["Batch", "CheckResult", "by_day"]


@dataclass(frozen=True)
class CheckResult:
    """How one promise about one partition turned out."""

    name: str
    partition: str
    passed: bool
    description: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    mild: bool = False
    """A failure only warns, whatever the check's declaration says."""


@dataclass
class Batch:
    """The partitions that one call of a node's function makes, and everything that it may read.

    `versions` fixes the entry of every input partition before the function runs: what is published meanwhile is
    not seen, so that the recorded inputs are exactly those that were read.
    """

    node: Node
    partitions: tuple[str, ...]
    calendar: Calendar
    versions: Mapping[str, Mapping[str, Entry]]
    windows: Mapping[str, Mapping[str, tuple[str, ...]]]
    home: Home
    store: Store
    lake: Lake
    run_id: str
    standing: Mapping[str, Standing] = field(default_factory=dict)
    known_pins: Mapping[str, Pins] = field(default_factory=dict)
    """Pins of inputs that are recorded nowhere, since those were computed and not published."""
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: list[CheckResult] = field(default_factory=list)
    aside: dict[str, pl.DataFrame] = field(default_factory=dict)
    pinned: dict[str, Pins] = field(default_factory=dict)
    row_pins: list[Pins] = field(default_factory=list)
    externals: dict[str, str] = field(default_factory=dict)

    def read(self, asset: str, partition: str | None = None, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Read an input (or some columns): the union of its windows, or one partition's window, in partition order."""
        entries = self.entries(asset, partition)
        table = self.lake.open(asset)
        if not entries:
            return pl.DataFrame(schema={name: table.schema[name] for name in columns or table.schema})
        found = table.scan_files([entry.file for entry in entries.values()])
        return (found if columns is None else found.select(columns)).collect()

    def entries(self, asset: str, partition: str | None = None) -> dict[str, Entry]:
        """Name the input partitions that `read` reads, with their versions."""
        windows = self.windows[asset]
        wanted = windows[partition] if partition is not None else _union(windows.values())
        current = self.versions[asset]
        return {name: current[name] for name in wanted if name in current}

    def pins_of(self, digest: str) -> Pins:
        """Give the pins of an input's entry by their digest; NotFound when nothing was ever made under them."""
        return self.known_pins[digest] if digest in self.known_pins else Manifest(self.store).pins_of(digest)

    def pin(self, partition: str, pins: Pins, *of_rows: Pins) -> None:
        """Record more exactly than the node itself can what shaped a partition, such as the model of its month.

        `of_rows` are the sets that some of its rows name, where an order shaped some rows and not all.
        """
        self.pinned[partition] = pins
        self.row_pins.extend(of_rows)

    def delivered(self, system: str, version: str) -> None:
        """Record which version of a system of record was read, which may be newer than the one that was planned."""
        self.externals[system] = version

    def as_read(
        self, planned: Mapping[str, tuple[str, dict[str, dict[str, str]]]], orders: Mapping[str, tuple[Pin, ...]]
    ) -> dict[str, tuple[str, dict[str, dict[str, str]]]]:
        """Give fingerprint and inputs of each partition with the versions that were delivered; `orders` pins orders."""
        read = {system: {"": version} for system, version in self.externals.items()}
        return {
            name: (self.node.fingerprint(inputs | read, orders.get(name, ())), inputs | read)
            for name, (_, inputs) in planned.items()
        }

    def report(self, partition: str, **details: Any) -> None:
        """Note JSON values about a partition: they are recorded with it and shown on its page."""
        self.details.setdefault(partition, {}).update(details)

    def check(
        self, name: str, partition: str, *, passed: bool, description: str = "", mild: bool = False, **metadata: Any
    ) -> None:
        """Record the outcome of one of the node's declared checks; the failure of a `mild` one only warns."""
        self.checks.append(CheckResult(name, partition, passed, description, metadata, mild))

    def set_aside(self, partition: str, rows: pl.DataFrame, *, rule: str, column: str) -> None:
        """Put copies of delivered text rows into quarantine although the node itself keeps them.

        For rows that no partition downstream could hold: they would be lost without anybody noticing.
        """
        self.aside[partition] = set_aside(rows, rule=rule, column=column)


def _union(windows: Any) -> tuple[str, ...]:
    return tuple(sorted({name for window in windows for name in window}))


def by_day(frame: pl.DataFrame, partitions: Sequence[str], column: str = "day") -> dict[str, pl.DataFrame]:
    """Split rows into day partitions by a Date column, keeping their order; a day without rows is an empty frame."""
    parts = frame.partition_by(column, as_dict=True, maintain_order=True) if frame.height else {}
    named = {str(key[0]): part for key, part in parts.items()}
    return {name: named.get(name, frame.clear()) for name in partitions}
