"""Find an asset, its partitions in quarantine, and the rulings on their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.contracts.gating.quarantine import row_digest
from agentic_assets.errors import NotFound
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Cut, Node, Refusal, Ruling, Verdict
from agentic_assets.pipeline.rulings import in_force, pins_of

__all__ = ["hidden_columns", "is_pending", "node_of", "partitions_of", "require_partition", "rulings_on"]


def node_of(reading: Reading, asset: str) -> Node:
    """Find an asset of the domain; NotFound names those that exist."""
    graph = reading.domain.graph
    if asset not in graph:
        raise NotFound(
            f"there is no asset {asset[:80]!r}", hint=f"choose one of: {', '.join(node.asset for node in graph.nodes)}"
        )
    return graph[asset]


def require_partition(reading: Reading, node: Node, partition: str) -> None:
    """Raise NotFound for a partition that the asset cannot have."""
    if node.cut is Cut.STATIC and partition:
        raise NotFound(f"{node.asset} has no partitions, but {partition[:40]!r} was named", hint="leave it out")
    every = reading.domain.graph.calendar.all(node.cut)
    if partition not in every:
        what = f"no partition {partition[:40]!r}" if partition else "partitions, and none was named"
        raise NotFound(f"{node.asset} has {what}", hint=f"its partitions are {every[0]} to {every[-1]}")


def partitions_of(reading: Reading, node: Node, partition: str | None) -> dict[str, pl.DataFrame]:
    """Read the quarantine of an asset, partition by partition, without those that hold nothing."""
    try:
        table = reading.lake.open(f"quarantine/{node.asset}")
    except NotFound:
        return {}
    files = table.files()
    names = list(files) if partition is None else [partition] * (partition in files)
    frames = {name: table.scan_files([files[name]]).collect() for name in names}
    return {name: frame for name, frame in frames.items() if frame.height}


def rulings_on(frame: pl.DataFrame, standing: Sequence[Ruling]) -> list[Ruling | None]:
    """Find the ruling on each row: first where it lay then, else the next on a row that says the same."""
    if not standing:
        return [None] * frame.height
    waiting: dict[str, list[Ruling]] = {}
    for ruling in standing:
        waiting.setdefault(ruling.digest, []).append(ruling)
    found: list[Ruling | None] = [None] * frame.height
    digests = [row_digest(text) for text in frame.get_column("row").to_list()]
    numbers = frame.get_column("source_row").to_list()
    for place, (digest, number) in enumerate(zip(digests, numbers, strict=True)):
        here = [ruling for ruling in waiting.get(digest, ()) if ruling.source_row == number]
        if here:
            found[place] = here[-1]
            waiting[digest].remove(here[-1])
    for place, digest in enumerate(digests):
        # A released row has left the quarantine: only a drop can belong to an equal row that moved.
        left = [ruling for ruling in waiting.get(digest, ()) if ruling.verdict is Verdict.DROP]
        if found[place] is None and left:
            found[place] = left[0]
            waiting[digest].remove(left[0])
    return found


def is_pending(reading: Reading, node: Node, partition: str, made: Sequence[Ruling], refusal: Refusal | None) -> bool:
    """Say whether rulings were recorded that no run has applied yet."""
    wanted = pins_of(node.asset, partition, in_force(made))
    digest = wanted[0].digest if wanted else ""
    if refusal is not None:
        return refusal.ruled != digest
    entry = reading.manifest.current(node.asset, [partition]).get(partition)
    if entry is None:
        return bool(wanted)
    applied = reading.manifest.pins_of(entry.pins).named("rulings")
    return (applied.digest if applied else "") != digest


def hidden_columns(reading: Reading, node: Node) -> frozenset[str]:
    """Name the classified columns; of raw rows, those that any contract of a reader classifies."""
    contracts: Iterable[Contract | None] = (node.contract,)
    if node.contract is None:
        readers = (one for one in reading.domain.graph.nodes if any(read.asset == node.asset for read in one.inputs))
        contracts = [reader.contract for reader in readers]
    return frozenset(column.name for one in contracts if one for column in one.columns if column.masked)
