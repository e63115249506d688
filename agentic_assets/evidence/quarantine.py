"""What lies in quarantine and which partitions were refused: row by row with its rulings, and counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.contracts.gating.quarantine import MASK, row_digest
from agentic_assets.errors import NotFound
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Cut, Node, Refusal, Refusals, Ruling, Rulings, Verdict
from agentic_assets.pipeline.rulings import in_force, pins_of

__all__ = ["Count", "Inside", "Row", "Standing", "inside", "standing_of"]


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


def standing_of(
    reading: Reading, *, asset: str | None = None, partition: str | None = None, rule: str | None = None
) -> Standing:
    """Count what is in quarantine, narrowed to an asset, a partition and a rule that rows break."""
    graph = reading.domain.graph
    nodes = graph.nodes if asset is None else (node_of(reading, asset),)
    refusals, rulings = Refusals(reading.store), Rulings(reading.store)
    counts: list[Count] = []
    refused: list[Mapping[str, Any]] = []
    blocked: dict[str, int] = {}
    pending: list[Mapping[str, str]] = []
    for node in nodes:
        made = rulings.of(node.asset)
        standing = refusals.standing(node.asset)
        for name, frame in _partitions(reading, node, partition).items():
            counts += _counted(node, name, _matching(frame, rule), in_force(made.get(name, ())))
        for name, refusal in standing.items():
            if partition not in (None, name):
                continue
            if refusal.state == "refused":
                refused.append(_refusal(refusal))
            else:
                blocked[node.asset] = blocked.get(node.asset, 0) + 1
        pending += [
            {"asset": node.asset, "partition": name}
            for name in made
            if partition in (None, name) and _pending(reading, node, name, made[name], standing.get(name))
        ]
    return Standing(tuple(counts), tuple(refused), blocked, tuple(pending))


def inside(reading: Reading, asset: str, partition: str, *, row: int | None = None, unmask: bool = False) -> Inside:
    """Give the quarantine of one partition row by row.

    Raises:
        NotFound: no such asset or partition, or no such row in quarantine.
    """
    node = node_of(reading, asset)
    require_partition(reading, node, partition)
    made = Rulings(reading.store).of(asset).get(partition, ())
    refusal = Refusals(reading.store).standing(asset).get(partition)
    found = _partitions(reading, node, partition).get(partition)
    frame = found if found is not None else pl.DataFrame()
    hidden = _hidden(reading, node)
    rows = _rows(node, frame, in_force(made), None if unmask else hidden)
    if row is not None:
        numbers = [one.source_row for one in rows]
        rows = tuple(one for one in rows if one.source_row == row)
        if not rows:
            listed = ", ".join(str(number) for number in numbers[:8]) or "none"
            raise NotFound(
                f"{asset} {partition} has no row {row} in quarantine".replace("  ", " "),
                hint=f"in quarantine: {listed}",
            )
    return Inside(
        asset=asset,
        partition=partition,
        contract=f"{node.contract.name}@{node.contract.version}" if node.contract else "",
        refusal=_refusal(refusal) if refusal else None,
        rows=rows,
        rulings=tuple(_ruling(ruling, None if unmask else hidden) for ruling in made),
        pending=_pending(reading, node, partition, made, refusal),
        mend=_mend(reading, node),
    )


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


def _partitions(reading: Reading, node: Node, partition: str | None) -> dict[str, pl.DataFrame]:
    """Read the quarantine of an asset, partition by partition, without those that hold nothing."""
    try:
        table = reading.lake.open(f"quarantine/{node.asset}")
    except NotFound:
        return {}
    files = table.files()
    names = list(files) if partition is None else [partition] * (partition in files)
    frames = {name: table.scan_files([files[name]]).collect() for name in names}
    return {name: frame for name, frame in frames.items() if frame.height}


def _matching(frame: pl.DataFrame, rule: str | None) -> pl.DataFrame:
    if rule is None:
        return frame
    return frame.filter(pl.concat_str(pl.lit(", "), "rules", pl.lit(", ")).str.contains(f", {rule}, ", literal=True))


def _counted(node: Node, partition: str, frame: pl.DataFrame, standing: Sequence[Ruling]) -> list[Count]:
    ruled = _ruled(frame, standing)
    dropped = pl.Series([one is not None and one.verdict is Verdict.DROP for one in ruled], dtype=pl.Boolean)
    marked = frame.with_columns(dropped=dropped)
    grouped = marked.group_by("rule", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("dropped").sum(), pl.col("source_row", "value").first()
    )
    return [
        Count(
            asset=node.asset,
            partition=partition,
            rule=str(row["rule"]),
            rows=row["rows"],
            open=row["rows"] - row["dropped"],
            dropped=row["dropped"],
            example_row=row["source_row"],
            example_value=row["value"],
        )
        for row in grouped.iter_rows(named=True)
    ]


def _ruled(frame: pl.DataFrame, standing: Sequence[Ruling]) -> list[Ruling | None]:
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


def _rows(
    node: Node, frame: pl.DataFrame, standing: Sequence[Ruling], hidden: frozenset[str] | None
) -> tuple[Row, ...]:
    texts = {rule.id: rule.text for rule in node.contract.rules} if node.contract else {}
    checks = {check.name: check.description for check in node.checks}
    columns = {rule.id: rule.column or "" for rule in node.contract.rules} if node.contract else {}
    rows = []
    for row, ruling in zip(frame.iter_rows(named=True), _ruled(frame, standing), strict=True):
        values = json.loads(row["row"])
        value = row["value"]
        if hidden is None and row["column"] in values:
            value = None if values[row["column"]] is None else str(values[row["column"]])
        rows.append(
            Row(
                source_row=row["source_row"],
                rule=row["rule"],
                column=row["column"] or "",
                value=value,
                broken=tuple(
                    {"rule": name, "column": columns.get(name, ""), "text": texts.get(name, checks.get(name, ""))}
                    for name in row["rules"].split(", ")
                ),
                values={name: _masked(name, one, node.contract, hidden) for name, one in values.items()},
                ruling=_ruling(ruling, hidden) if ruling else None,
            )
        )
    return tuple(rows)


def _masked(name: str, value: Any, contract: Contract | None, hidden: frozenset[str] | None) -> Any:
    if hidden is None or value is None or name == "source_row":
        return value
    # Where anything is classified, a column that nobody described may be a misnamed one.
    unknown = bool(hidden) and contract is not None and name not in contract.schema
    return MASK if name in hidden or unknown else value


def _hidden(reading: Reading, node: Node) -> frozenset[str]:
    """Name the classified columns; of raw rows, those that any contract of a reader classifies."""
    contracts: Iterable[Contract | None] = (node.contract,)
    if node.contract is None:
        readers = (one for one in reading.domain.graph.nodes if any(read.asset == node.asset for read in one.inputs))
        contracts = [reader.contract for reader in readers]
    return frozenset(column.name for one in contracts if one for column in one.columns if column.masked)


def _ruling(ruling: Ruling, hidden: frozenset[str] | None) -> dict[str, Any]:
    correction = {
        name: MASK if hidden and name in hidden and text is not None else text
        for name, text in ruling.correction.items()
    }
    return {
        "number": ruling.number,
        "source_row": ruling.source_row,
        "verdict": ruling.verdict.value,
        "correction": correction,
        "reason": ruling.reason,
        "by": ruling.identity,
        "host": ruling.host,
        "recorded_at": ruling.recorded_at,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "asset": refusal.asset,
        "partition": refusal.partition,
        "state": refusal.state,
        "message": refusal.message,
        "findings": [dict(finding) for finding in refusal.findings],
        "rulings": [dict(ruling) for ruling in refusal.rulings],
        "run_id": refusal.run_id,
        "recorded_at": refusal.recorded_at,
    }


def _pending(reading: Reading, node: Node, partition: str, made: Sequence[Ruling], refusal: Refusal | None) -> bool:
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


def _mend(reading: Reading, node: Node) -> tuple[str, ...]:
    """Say where rows of an asset come from: the contract that refused them, and the systems of record behind it."""
    graph, behind, places = reading.domain.graph, [node], []
    for one in behind:
        behind += [graph[read.asset] for read in one.inputs if graph[read.asset] not in behind]
    for one in behind:
        places += [
            f"{source.asset}: {source.location or source.description}, landed as {one.asset}"
            for source in one.externals
        ]
    rules = [f"contract {node.contract.path}"] if node.contract else []
    return (*rules, *dict.fromkeys(places))
