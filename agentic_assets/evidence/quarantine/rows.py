"""Show the quarantine of one partition row by row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.contracts.gating.quarantine import MASK
from agentic_assets.errors import NotFound
from agentic_assets.evidence.quarantine.places import (
    hidden_columns,
    is_pending,
    node_of,
    partitions_of,
    require_partition,
    rulings_on,
)
from agentic_assets.evidence.quarantine.records import Inside, Row
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Node, Refusals, Ruling, Rulings
from agentic_assets.pipeline.rulings import in_force

__all__ = ["inside"]


def inside(reading: Reading, asset: str, partition: str, *, row: int | None = None, unmask: bool = False) -> Inside:
    """Give the quarantine of one partition row by row.

    Raises:
        NotFound: no such asset or partition, or no such row in quarantine.
    """
    node = node_of(reading, asset)
    require_partition(reading, node, partition)
    made = Rulings(reading.store).of(asset).get(partition, ())
    refusal = Refusals(reading.store).standing(asset).get(partition)
    found = partitions_of(reading, node, partition).get(partition)
    frame = found if found is not None else pl.DataFrame()
    hidden = hidden_columns(reading, node)
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
        refusal=asdict(refusal) if refusal else None,
        rows=rows,
        rulings=tuple(_ruling(ruling, None if unmask else hidden) for ruling in made),
        pending=is_pending(reading, node, partition, made, refusal),
        mend=_mend(reading, node),
    )


def _rows(
    node: Node, frame: pl.DataFrame, standing: Sequence[Ruling], hidden: frozenset[str] | None
) -> tuple[Row, ...]:
    texts = {rule.id: rule.text for rule in node.contract.rules} if node.contract else {}
    checks = {check.name: check.description for check in node.checks}
    columns = {rule.id: rule.column or "" for rule in node.contract.rules} if node.contract else {}
    rows = []
    for row, ruling in zip(frame.iter_rows(named=True), rulings_on(frame, standing), strict=True):
        values = json.loads(row["row"])
        value = MASK if hidden and row["column"] in hidden and row["value"] is not None else row["value"]
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
