"""Set a partition back to earlier bytes and make again what rests on it, in one run that Dagster shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from agentic_assets.errors import LakeBroken, NotFound, PublishConflict, ReleaseRefused
from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.past_versions import version_of
from agentic_assets.evidence.quarantine import node_of, require_partition
from agentic_assets.home import Home
from agentic_assets.orchestration.launch import Loaded, run_load
from agentic_assets.orchestration.load import failure_text
from agentic_assets.orchestration.resources import Observer
from agentic_assets.pipeline import Entry, Node, Refusals, Residency, Restoration, Restorations, State, Vacuumed
from agentic_assets.pipeline.reach import resting_on
from agentic_assets.pipeline.restoring import require_bytes

__all__ = ["Restored", "lift_and_run", "restore_and_run"]

_ATTEMPTS = 5


@dataclass(frozen=True)
class Restored:
    """What became of a data rollback: the version before and now, and what was made again of what rests on it."""

    asset: str
    partition: str
    data_version: str
    from_version: str
    by: str
    reason: str
    lifted: bool
    run_id: str
    rows: int
    remade: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failure: str = ""
    """What was refused or blocked in the run, in words; '' when everything stands."""

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def restore_and_run(
    domain: Domain,
    home: Home,
    asset: str,
    partition: str,
    version: str,
    *,
    by: str,
    reason: str,
    host: str = "",
    observer: Observer | None = None,
) -> Restored:
    """Order that a partition holds an earlier data version, bring its bytes back, and remake what rests on it.

    The order stands until it is lifted: no run computes the partition meanwhile. A crash in between is finished by
    ordering the same again.

    Raises:
        NotFound: there is no such asset, partition or version.
        ReleaseRefused: it holds that version already, or is nothing that could be set back as data.
        VersionVacuumed: the bytes were deleted.
        LakeBroken: the bytes are not those that were recorded.
        ResidencyRefused: the data may not be touched where this deployment runs.
    """
    reading = Reading(domain, home)
    try:
        node = _restorable(domain, reading, asset, partition)
        entry = version_of(reading, asset, partition, version)
        current = reading.manifest.current(asset, [partition])[partition]
        orders = Restorations(reading.store)
        newest = orders.newest(asset, partition)
        standing = newest is not None and newest.data_version == entry.data_version
        if not standing:
            _require_other(entry, current)
            require_bytes(reading.lake, entry)
            order = Restoration(asset, partition, entry.data_version, reason, by, host)
            # A file that was vacuumed once and published again since is there.
            noted = Vacuumed(reading.store).said(asset, entry.file)
            orders.record(order, file="" if noted else entry.file)
        before = str(_back(current).get("from_version", "")) if standing and _back(current) else current.data_version
        return _run(
            domain, home, reading, node, partition, entry.data_version, before, by=by, reason=reason, observer=observer
        )
    finally:
        reading.close()


def lift_and_run(
    domain: Domain,
    home: Home,
    asset: str,
    partition: str,
    *,
    by: str,
    reason: str,
    host: str = "",
    observer: Observer | None = None,
) -> Restored:
    """Lift the order that keeps a partition at earlier bytes, then compute it and what rests on it anew.

    Raises:
        NotFound: nobody ever set this partition back.
        ResidencyRefused: the data may not be touched where this deployment runs.
    """
    reading = Reading(domain, home)
    try:
        node = _restorable(domain, reading, asset, partition)
        orders = Restorations(reading.store)
        newest = orders.newest(asset, partition)
        if newest is None:
            raise NotFound(
                f"nobody set {_named(asset, partition)} back to earlier bytes", hint="there is nothing to lift"
            )
        current = reading.manifest.current(asset, [partition]).get(partition)
        if not newest.lifts:
            orders.record(Restoration(asset, partition, "", reason, by, host))
        before = current.data_version if current else ""
        return _run(domain, home, reading, node, partition, "", before, by=by, reason=reason, observer=observer)
    finally:
        reading.close()


def _restorable(domain: Domain, reading: Reading, asset: str, partition: str) -> Node:
    node = node_of(reading, asset)
    require_partition(reading, node, partition)
    Residency(domain.graph, reading.home.region).require_node(node)
    instead = "`agentic rollback apply` takes decisions back: it supersedes them and compensates what was done"
    if asset in {subject.decisions for subject in domain.subjects}:
        raise ReleaseRefused(f"{asset} holds sealed decisions, which are never set back as data", hint=instead)
    if node.effects:
        raise ReleaseRefused(
            f"{asset} records what was done outside of the lake: setting the record back would undo none of it",
            hint=instead,
        )
    if node.judges is not None:
        raise ReleaseRefused(
            f"{asset} judges {node.judges}: its verdict follows from what lies there",
            hint=f"set {node.judges} back, and it is judged again",
        )
    return node


def _require_other(entry: Entry, current: Entry) -> None:
    if entry.data_version == current.data_version:
        where = _named(entry.asset, entry.partition)
        raise ReleaseRefused(
            f"{where} holds the data version {entry.data_version[:12]} already; nothing was recorded",
            hint=f"agentic rollback data {where} --list shows the others",
        )


def _run(
    domain: Domain,
    home: Home,
    reading: Reading,
    node: Node,
    partition: str,
    wanted: str,
    before: str,
    *,
    by: str,
    reason: str,
    observer: Observer | None,
) -> Restored:
    def known(asset: str) -> set[str]:
        return {*reading.manifest.current(asset), *Refusals(reading.store).standing(asset)}

    only = {node.asset: (partition,), **resting_on(domain.graph, node.asset, [partition], known)}
    tags = {
        "agentic/rollback": "data" if wanted else "lift",
        "agentic/asset": node.asset,
        "agentic/partition": partition,
        "agentic/to": wanted[:16],
        "agentic/by": by,
        "agentic/reason": reason[:200],
    }
    loaded = _settled(domain, home, reading, node, partition, wanted, only, tags, observer)
    [result] = loaded.outcome.results[node.asset]
    entry = result.entry if result.stands else None
    return Restored(
        asset=node.asset,
        partition=partition,
        data_version=entry.data_version if entry else "",
        from_version=before,
        by=by,
        reason=reason,
        lifted=not wanted,
        run_id=loaded.run_id,
        rows=entry.rows if entry else 0,
        remade={
            name: parts
            for name, results in loaded.outcome.results.items()
            if name != node.asset and (parts := tuple(one.partition for one in results if one.state is State.PUBLISHED))
        },
        failure="" if loaded.outcome.complete else failure_text(loaded.outcome),
    )


def _settled(
    domain: Domain,
    home: Home,
    reading: Reading,
    node: Node,
    partition: str,
    wanted: str,
    only: Mapping[str, tuple[str, ...]],
    tags: Mapping[str, str],
    observer: Observer | None,
) -> Loaded:
    """Run until what is published is what was ordered: another run may have been about to publish as we ordered it."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            loaded = run_load(domain, home, only=only, tags=tags, observer=observer)
        except RuntimeError as error:
            if PublishConflict.__name__ not in str(error) or attempt == _ATTEMPTS:
                raise
            continue
        [result] = loaded.outcome.results[node.asset]
        current = reading.manifest.current(node.asset, [partition]).get(partition)
        if not wanted or not result.stands or (current is not None and current.data_version == wanted):
            return loaded
    raise LakeBroken(
        f"{_named(node.asset, partition)}: others kept publishing the same partition",
        hint="order the same again when they are done",
    )


def _back(entry: Entry) -> Mapping[str, Any]:
    found: Mapping[str, Any] = entry.details.get("restored", {})
    return found


def _named(asset: str, partition: str) -> str:
    return f"{asset} {partition}".strip()
