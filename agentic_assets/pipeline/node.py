"""An asset as plain data: what it reads, what it promises, and the pure function that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.pipeline.partitions import Calendar, Cut, Window
from agentic_assets.pipeline.standing import Ordered
from agentic_assets.versions import Definition, Pin, Pins, of_json

if TYPE_CHECKING:
    from agentic_assets.pipeline.batch import Batch

__all__ = ["Check", "External", "Graph", "Input", "Node"]


@dataclass(frozen=True)
class Input:
    """One upstream asset and the window of its partitions that a partition reads."""

    asset: str
    window: Window = field(default_factory=Window)


@dataclass(frozen=True)
class External:
    """A system of record outside of the lake; `version` digests what it holds now."""

    asset: str
    description: str
    version: Callable[[], str]
    kinds: tuple[str, ...] = ()
    location: str = ""
    kept: bool = False
    """It lies among the domain's own files, which are kept with all that is made from them."""


@dataclass(frozen=True)
class Check:
    """A promise about every partition of an asset, besides its contract."""

    name: str
    description: str
    blocking: bool = True
    holds: bool = False
    """Judges another asset: a failure leaves the partition published, and keeps readers from what it judges."""


@dataclass(frozen=True)
class Node:
    """One asset of a domain.

    Only an asset that keeps rows as they were delivered has no contract; it then names its `raw_schema`.
    `compute` maps a batch of partitions to one frame a partition; a partition that it leaves out is blocked. The
    frames need not be contracted: the engine gates each before it is published. `effects` marks a node that writes
    outside of the lake (ledger, outbox): such effects must be idempotent.
    """

    asset: str
    group: str
    cut: Cut
    contract: Contract | None
    compute: Callable[[Batch], Mapping[str, pl.DataFrame]]
    code_version: str
    raw_schema: Mapping[str, pl.DataType] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    externals: tuple[External, ...] = ()
    pins: tuple[Pin, ...] = ()
    definitions: tuple[Definition, ...] = ()
    """What pinned versions say, kept beside their digests so that they can be compared later."""
    checks: tuple[Check, ...] = ()
    effects: bool = False
    description: str = ""
    kinds: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    lineage: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Column -> the (asset, column) pairs that it is made from."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Dataset -> the asset that holds the rows to which the contract refers; found by the graph."""
    code: tuple[Callable[..., object], ...] = ()
    """The functions that an analyst would want to read, linked from the asset's page."""
    judges: str | None = None
    """The asset that its checks are about, where that is not its own."""
    standing: Ordered | None = None
    """What people ordered for its partitions, such as a stop of an agent or the resolution of an escalation."""

    @property
    def guards(self) -> str | None:
        """The asset whose partitions may be read only once this node has judged them and holds them back no longer."""
        return self.judges if any(check.holds for check in self.checks) else None

    @property
    def all_pins(self) -> Pins:
        """Everything versioned that shapes this asset, its contract included."""
        return Pins.of(*self.pins, *((self.contract.pin,) if self.contract else ()))

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """The columns of the published table, in order."""
        return self.contract.schema if self.contract else self.raw_schema

    def fingerprint(self, inputs: Mapping[str, Mapping[str, str]], orders: Sequence[Pin] = ()) -> str:
        """Digest what determines a partition: code, pins, the data version of each input partition, and orders."""
        return of_json([self.asset, self.code_version, self.all_pins.with_(orders).digest, inputs])


def _read(node: Node) -> set[str]:
    return {read.asset for read in node.inputs}


@dataclass(frozen=True)
class Graph:
    """The nodes of a domain, in an order in which every input stands before its reader, over one calendar.

    An asset that a node's contract refers to becomes an input of the node.
    """

    calendar: Calendar
    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for node in self.nodes:
            if node.asset in seen:
                raise ValueError(f"asset {node.asset} is defined twice")
            missing = [read.asset for read in node.inputs if read.asset not in seen]
            if missing:
                raise ValueError(f"asset {node.asset} reads {missing}, which no earlier node makes")
            rival = next((one.asset for one in self.nodes if one.asset in seen and one.guards == node.guards), None)
            if node.guards is not None and rival is not None:
                raise ValueError(f"asset {node.asset} guards {node.guards}, which {rival} guards already")
            early = [other.asset for other in self.nodes if other.asset in seen and node.guards in _read(other)]
            if early:
                raise ValueError(f"asset {node.asset} guards {node.guards} and stands after {early[0]}, which reads it")
            seen.add(node.asset)
        from agentic_assets.pipeline.references import referring

        object.__setattr__(self, "nodes", referring(self.nodes))

    def __getitem__(self, asset: str) -> Node:
        return next(node for node in self.nodes if node.asset == asset)

    def __contains__(self, asset: str) -> bool:
        return any(node.asset == asset for node in self.nodes)
