"""Hold stored partitions against another version of their contract: what would it have refused, what let pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from agentic_assets.contracts import Contract, GateResult, gate, gate_all
from agentic_assets.errors import NotFound
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry, Node

__all__ = ["Backtest", "Refusal", "backtest"]

_AT_ONCE: Final = 16


@dataclass(frozen=True)
class Refusal:
    """One rule of the new version that rows break which the old one let pass: how many, in how many partitions."""

    rule: str
    rows: int
    partitions: int
    example: str


@dataclass(frozen=True)
class Backtest:
    """What a new version of a contract does to the stored partitions of one asset.

    `refused_rows` passed the old version and not the new one (all rows of a partition that is refused as a whole are
    among them); `released_rows` lie in quarantine and would pass now, each looked at without its partition.
    """

    asset: str
    first: str
    last: str
    partitions: int
    rows: int
    refused_rows: int
    refused_partitions: tuple[str, ...]
    touched_partitions: int
    quarantined_rows: int
    released_rows: int
    refusals: tuple[Refusal, ...]


@dataclass
class _Tally:
    rows: int = 0
    refused_rows: int = 0
    refused_partitions: list[str] = field(default_factory=list)
    touched: int = 0
    quarantined: int = 0
    released: int = 0
    by_rule: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def backtest(
    reading: Reading,
    old: Contract,
    new: Contract,
    days: Sequence[str],
    advanced: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Backtest, ...]:
    """Gate what is stored of the contract's assets in a range of days under both versions; nothing is changed.

    Rows of other datasets are not looked at, so references count as kept.
    Gives one record an asset of the reading's domain that has the contract and is published; `advanced` hears how
    many partitions of how many are done. Raises NotFound when nothing of the range is stored.
    """
    graph = reading.domain.graph
    nodes = [node for node in graph.nodes if node.contract is not None and node.contract.name == old.name]
    entries = {
        node.asset: reading.manifest.current(node.asset, graph.calendar.partitions(node.cut, days)) for node in nodes
    }
    total = sum(len(found) for found in entries.values())
    if not total:
        raise NotFound(
            f"nothing of {old.name} is stored from {days[0]} to {days[-1]}",
            hint="run `agentic run` over the range first",
        )
    done = 0
    made: list[Backtest] = []
    for node in nodes:
        tally = _Tally()
        for frames in _chunks(reading, node, entries[node.asset]):
            _count(tally, frames, old, new)
            done += len(frames)
            advanced(done, total)
        _look_at_quarantine(reading, node, list(entries[node.asset]), old, new, tally)
        if entries[node.asset]:
            made.append(_record(node, list(entries[node.asset]), tally))
    return tuple(made)


def _chunks(reading: Reading, node: Node, entries: dict[str, Entry]) -> Iterator[dict[str, pl.DataFrame]]:
    names = list(entries)
    table = reading.lake.open(node.asset)
    for start in range(0, len(names), _AT_ONCE):
        yield {name: table.scan_files([entries[name].file]).collect() for name in names[start : start + _AT_ONCE]}


def _count(tally: _Tally, frames: dict[str, pl.DataFrame], old: Contract, new: Contract) -> None:
    before = gate_all({name: _as_read(frame, old) for name, frame in frames.items()}, old)
    after = gate_all({name: _as_read(frame, new) for name, frame in frames.items()}, new)
    for name, frame in frames.items():
        tally.rows += frame.height
        refused = _newly_refused(before[name], after[name])
        tally.refused_rows += refused
        tally.touched += refused > 0
        if after[name].refused and not before[name].refused:
            tally.refused_partitions.append(name)
        if refused or after[name].refused:
            known = {(found.rule, found.count) for found in before[name].findings}
            for found in after[name].findings:
                if found.severity == "error" and (found.rule, found.count) not in known:
                    said = f"{name}: {found.message}" if name else found.message
                    tally.by_rule.setdefault(found.rule, []).append((found.count, said))


def _as_read(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    # The lake reads a column that is younger than a partition as null in it.
    lacking = [name for name in contract.schema if name not in frame.columns]
    return frame.with_columns(pl.lit(None, contract.schema[name]).alias(name) for name in lacking)


def _newly_refused(before: GateResult, after: GateResult) -> int:
    if before.refused:
        return 0
    if after.refused:
        return after.read - before.quarantined.height
    numbers = before.quarantined.get_column("source_row").implode()
    return after.quarantined.filter(~pl.col("source_row").is_in(numbers)).height


def _look_at_quarantine(
    reading: Reading, node: Node, partitions: Sequence[str], old: Contract, new: Contract, tally: _Tally
) -> None:
    try:
        table = reading.lake.open(f"quarantine/{node.asset}")
    except NotFound:
        return
    files = table.files()
    for name in partitions:
        if name not in files:
            continue
        refused = table.scan_files([files[name]]).collect()
        # Rows that the node set aside for reasons of its own are no matter of the contract.
        rules = [rule.id for rule in old.rules]
        rows = [json.loads(text) for text in refused.filter(pl.col("rule").is_in(rules)).get_column("row").to_list()]
        tally.quarantined += len(rows)
        if rows:
            frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
            before, after = (gate(_as_read(frame, one), one, partition=name) for one in (old, new))
            tally.released += max(0, after.valid.height - before.valid.height)


def _record(node: Node, partitions: Sequence[str], tally: _Tally) -> Backtest:
    refusals = [
        Refusal(rule, sum(count for count, _ in found), len(found), found[0][1])
        for rule, found in tally.by_rule.items()
    ]
    return Backtest(
        asset=node.asset,
        first=partitions[0],
        last=partitions[-1],
        partitions=len(partitions),
        rows=tally.rows,
        refused_rows=tally.refused_rows,
        refused_partitions=tuple(tally.refused_partitions),
        touched_partitions=tally.touched,
        quarantined_rows=tally.quarantined,
        released_rows=tally.released,
        refusals=tuple(sorted(refusals, key=lambda one: (-one.rows, one.rule))),
    )
