"""Bring earlier bytes of partitions back: named again, never copied, never computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from agentic_assets.contracts.gating.quarantine import SCHEMA as QUARANTINE
from agentic_assets.errors import AgenticError, LakeBroken, NotFound
from agentic_assets.lake import Lake, Published
from agentic_assets.pipeline.manifest import Entry, Manifest
from agentic_assets.pipeline.node import Node
from agentic_assets.pipeline.partitions import Cut
from agentic_assets.pipeline.restorations import Restoration
from agentic_assets.pipeline.result import PartitionResult, State, recorded_checks
from agentic_assets.versions import of_frame

__all__ = ["put_back", "require_bytes"]


def put_back(
    node: Node,
    orders: Mapping[str, Restoration],
    current: Mapping[str, Entry],
    *,
    manifest: Manifest,
    lake: Lake,
    run_id: str,
) -> dict[str, PartitionResult]:
    """Make the version that stands ordered the current one of each partition, in the lake and in the manifest.

    The new entry says what made those bytes, as their own entry did, and who brought them back. A partition whose
    bytes cannot be brought back is refused.
    """
    results: dict[str, PartitionResult] = {}
    made: list[Entry] = []
    for name, order in orders.items():
        entry = current.get(name)
        try:
            if entry is None or entry.data_version != order.data_version:
                entry = _published_again(node, order, entry, manifest, lake, run_id)
                made.append(entry)
                state = State.PUBLISHED
            else:
                table = lake.open(node.asset)
                if table.files().get(name) != entry.file:  # a run that died had published something else
                    table.readd(name, entry.file, run_id=run_id)
                state = State.UNCHANGED
        except AgenticError as error:
            results[name] = PartitionResult(node.asset, name, State.REFUSED, message=str(error))
        else:
            results[name] = PartitionResult(node.asset, name, state, entry, checks=recorded_checks(entry))
    manifest.record(made, ())
    return results


def require_bytes(lake: Lake, entry: Entry) -> pl.DataFrame:
    """Read the file of an entry as it was written.

    Raises:
        LakeBroken: the file is gone, or its rows do not have the data version that was recorded.
    """
    frame = lake.open(entry.asset).read_file(entry.file)
    if of_frame(frame) != entry.data_version:
        where = f"{entry.asset} {entry.partition}".strip()
        raise LakeBroken(
            f"{where}: the rows of {entry.file} do not have the data version {entry.data_version[:12]} any more",
            hint="restore the file from a backup; `agentic verify` checks all that is current",
        )
    return frame


def _published_again(
    node: Node, order: Restoration, before: Entry | None, manifest: Manifest, lake: Lake, run_id: str
) -> Entry:
    history = manifest.history(node.asset, order.partition)
    found = next((one for one in reversed(history) if one.data_version == order.data_version), None)
    where = f"{node.asset} {order.partition}".strip()
    if found is None:
        raise NotFound(
            f"{where} was never published at data version {order.data_version[:12]}",
            hint=f"lift the order: agentic rollback data {where} --lift --reason WHY",
        )
    require_bytes(lake, found)
    _quarantine_back(node, found, lake, run_id)
    published = lake.open(node.asset).readd(order.partition, found.file, run_id=run_id)
    return _entry(found, order, before, published, run_id)


def _entry(found: Entry, order: Restoration, before: Entry | None, published: Published, run_id: str) -> Entry:
    restored = {
        "by": order.identity,
        "reason": order.reason,
        "at": order.recorded_at,
        "from_version": before.data_version if before else "",
    }
    details = {**found.details, "restored": restored}
    return replace(found, delta_version=published.delta_version, details=details, run_id=run_id, recorded_at="")


def _quarantine_back(node: Node, found: Entry, lake: Lake, run_id: str) -> None:
    """Show beside the table what was refused as those bytes were made; where nobody noted it, leave what is there."""
    name = f"quarantine/{node.asset}"
    file = found.details.get("quarantine")
    if file is not None:
        lake.open(name).readd(found.partition, str(file), run_id=run_id)
        return
    try:
        table = lake.open(name)
    except NotFound:
        return
    if not found.quarantined and found.partition in table.files():
        table = lake.table(name, QUARANTINE, partitioned=node.cut is not Cut.STATIC)
        table.publish([table.stage(found.partition, pl.DataFrame(schema=table.schema))], run_id=run_id)
