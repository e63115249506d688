"""Make partitions of a node: read, compute, gate, publish, record; the same for one day and for a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from agentic_assets.contracts.gating.quarantine import SCHEMA as QUARANTINE
from agentic_assets.errors import AgenticError, NotFound, ResidencyRefused
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.pipeline.batch import Batch, CheckResult
from agentic_assets.pipeline.guard import Guards, barred, seen
from agentic_assets.pipeline.holding import Held, hold
from agentic_assets.pipeline.manifest import Entry, Manifest
from agentic_assets.pipeline.node import Graph, Node
from agentic_assets.pipeline.overlay import Ruled, lay_over, told
from agentic_assets.pipeline.partitions import Cut
from agentic_assets.pipeline.references import keys_of
from agentic_assets.pipeline.refusals import Refusals
from agentic_assets.pipeline.residency import Residency, ResidentLake
from agentic_assets.pipeline.result import (
    PartitionResult,
    State,
    contract_check,
    findings_of,
    recorded_checks,
    written,
)
from agentic_assets.pipeline.rulings import Ruling, Rulings, in_force, pins_of
from agentic_assets.pipeline.standing import Standing
from agentic_assets.store import Store
from agentic_assets.versions import Pin, of_frame

__all__ = ["Engine"]


@dataclass
class _Planned:
    stale: dict[str, tuple[str, dict[str, dict[str, str]]]] = field(default_factory=dict)
    results: dict[str, PartitionResult] = field(default_factory=dict)


class Engine:
    """Run the nodes of one domain on one home.

    A partition whose fingerprint is already recorded is left alone, so that running again is cheap and a run that
    was cut off is finished by running it again. Nothing is half-published: the lake commits all good partitions of
    a node at once, and only then does the manifest name them.
    """

    def __init__(
        self,
        graph: Graph,
        home: Home,
        *,
        store: Store | None = None,
        sources: str = "",
        known: dict[str, dict[str, Entry]] | None = None,
    ) -> None:
        """Open a home; `sources` names what the graph was loaded from, and is recorded with all that it makes.

        `known` is what was read from the manifest, for engines of several graphs that make one range together.
        """
        self.graph = graph
        self.sources = sources
        self.home = home
        self.store = store or Store(home.store_url)
        self.residency = Residency(graph, home.region)
        self.lake: Lake = ResidentLake(home, self.residency)
        self.manifest = Manifest(self.store)
        self.rulings = Rulings(self.store)
        self.refusals = Refusals(self.store)
        self.guards = Guards(graph, self.store)
        self._current: dict[str, dict[str, Entry]] = {} if known is None else known

    def run(
        self,
        node: Node,
        partitions: Sequence[str],
        *,
        run_id: str,
        fallen: Mapping[str, frozenset[str]] | None = None,
        refresh: bool = False,
    ) -> list[PartitionResult]:
        """Make the partitions of one node and say what became of each, in their order.

        `fallen` names partitions of inputs that were refused or blocked earlier in the same run: what requires them
        is blocked too. `refresh` computes again even what is recorded as done.
        """
        try:
            self.residency.require_node(node)
        except ResidencyRefused as error:
            results = [PartitionResult(node.asset, name, State.REFUSED, message=str(error)) for name in partitions]
            self.refusals.note(node.asset, results, run_id=run_id)
            return results
        holds = self.guards.holds(node, self._entries)
        current = seen(self._versions(node), holds)
        windows = self._windows(node, partitions)
        rulings = {name: in_force(made) for name, made in self.rulings.of(node.asset).items()}
        ruled = {name: pins_of(node.asset, name, standing) for name, standing in rulings.items()}
        standing = {} if node.standing is None else node.standing(self.store, partitions)
        orders = {
            name: (*ruled.get(name, ()), *(standing[name].pins if name in standing else ()))
            for name in {*ruled, *standing}
        }
        plan = self._plan(node, partitions, current, windows, barred(fallen or {}, holds), orders, refresh=refresh)
        if plan.stale:
            stale = tuple(name for name in partitions if name in plan.stale)
            batch = self._batch(node, stale, current, windows, run_id, standing)
            try:
                frames = node.compute(batch)
            except AgenticError as error:
                # A broken promise of a source, a model or a policy stops this node and what rests on it, not the run.
                for name in stale:
                    plan.results[name] = PartitionResult(node.asset, name, State.REFUSED, message=str(error))
            else:
                plan.results.update(
                    self._publish(node, batch, frames, batch.as_read(plan.stale, orders), rulings, orders)
                )
        results = self.guards.told(node, [plan.results[name] for name in partitions])
        self.refusals.note(node.asset, results, run_id=run_id, ruled=ruled)
        return results

    def examine(self, node: Node, partition: str) -> Held:
        """Compute one partition from what is published now and say what its contract holds back; publish nothing.

        Raises:
            NotFound: an input that it requires is not published.
            ResidencyRefused: the asset, or an input of it, may not be read here.
        """
        self.residency.require_node(node)
        holds = self.guards.holds(node, self._entries)
        current = seen(self._versions(node), holds)
        lacking = self._lacking(node, partition, current, barred({}, holds))
        if lacking:
            raise NotFound(
                f"{node.asset} {partition} cannot be computed: {'; '.join(lacking[:3])}",
                hint="run `agentic run` for it first",
            )
        standing = {} if node.standing is None else node.standing(self.store, (partition,))
        batch = self._batch(node, (partition,), current, self._windows(node, [partition]), "", standing)
        frames = node.compute(batch)
        if partition not in frames:
            raise NotFound(f"{node.asset} {partition}: {_blocked(batch, partition)}")
        return hold({partition: frames[partition]}, batch.aside, node.contract, keys_of(batch, (partition,)))[partition]

    def reload(self) -> None:
        """Forget what was read from the manifest, so that what other processes recorded is seen."""
        self._current.clear()

    def _versions(self, node: Node) -> dict[str, dict[str, Entry]]:
        return {name: self._entries(name) for name in (node.asset, *(read.asset for read in node.inputs))}

    def _batch(
        self,
        node: Node,
        partitions: tuple[str, ...],
        current: Mapping[str, Mapping[str, Entry]],
        windows: Mapping[str, Mapping[str, tuple[str, ...]]],
        run_id: str,
        standing: Mapping[str, Standing],
    ) -> Batch:
        return Batch(
            node=node,
            partitions=partitions,
            calendar=self.graph.calendar,
            versions=current,
            windows={asset: {name: of[name] for name in partitions} for asset, of in windows.items()},
            home=self.home,
            store=self.store,
            lake=self.lake,
            run_id=run_id,
            standing=standing,
        )

    def entries(self, asset: str) -> Mapping[str, Entry]:
        """Give what is published of an asset now, by partition."""
        return self._entries(asset)

    def _entries(self, asset: str) -> dict[str, Entry]:
        if asset not in self._current:
            self._current[asset] = self.manifest.current(asset)
        return self._current[asset]

    def _windows(self, node: Node, partitions: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
        graph, calendar = self.graph, self.graph.calendar
        return {
            read.asset: {name: read.window.of(name, node.cut, graph[read.asset].cut, calendar) for name in partitions}
            for read in node.inputs
        }

    def _plan(
        self,
        node: Node,
        partitions: Sequence[str],
        current: Mapping[str, Mapping[str, Entry]],
        windows: Mapping[str, Mapping[str, tuple[str, ...]]],
        fallen: Mapping[str, Mapping[str, str]],
        orders: Mapping[str, tuple[Pin, ...]],
        *,
        refresh: bool,
    ) -> _Planned:
        plan = _Planned()
        external = {source.asset: {"": source.version()} for source in node.externals}
        for name in partitions:
            lacking = self._lacking(node, name, current, fallen)
            if lacking:
                message = f"blocked: {'; '.join(lacking[:3])}"
                plan.results[name] = PartitionResult(node.asset, name, State.BLOCKED, message=message)
                continue
            inputs = {
                asset: {part: current[asset][part].data_version for part in of[name] if part in current[asset]}
                for asset, of in windows.items()
            } | external
            fingerprint = node.fingerprint(inputs, orders.get(name, ()))
            entry = current[node.asset].get(name)
            if entry is not None and entry.fingerprint == fingerprint and not refresh:
                plan.results[name] = PartitionResult(
                    node.asset, name, State.UNCHANGED, entry, checks=recorded_checks(entry)
                )
            else:
                plan.stale[name] = (fingerprint, inputs)
        return plan

    def _lacking(
        self,
        node: Node,
        partition: str,
        current: Mapping[str, Mapping[str, Entry]],
        fallen: Mapping[str, Mapping[str, str]],
    ) -> list[str]:
        return [
            fallen.get(read.asset, {}).get(name) or f"{read.asset} {name}".strip() + " not published"
            for read in node.inputs
            for name in read.window.required(partition, node.cut, self.graph[read.asset].cut)
            if name not in current[read.asset] or name in fallen.get(read.asset, {})
        ]

    def _publish(
        self,
        node: Node,
        batch: Batch,
        frames: Mapping[str, pl.DataFrame],
        stale: Mapping[str, tuple[str, dict[str, dict[str, str]]]],
        rulings: Mapping[str, Sequence[Ruling]],
        orders: Mapping[str, tuple[Pin, ...]],
    ) -> dict[str, PartitionResult]:
        results: dict[str, PartitionResult] = {}
        held = hold(frames, batch.aside, node.contract, keys_of(batch, tuple(frames)))
        ruled = {name: lay_over(one, rulings.get(name, ())) for name, one in held.items()}
        gated = {name: one.result for name, one in ruled.items()}
        refused_rows = {name: one.quarantine for name, one in ruled.items()}
        applied = {name: told(one, node.contract) for name, one in ruled.items() if one.outcomes}
        self._quarantine(node, refused_rows, batch.run_id)
        good: dict[str, pl.DataFrame] = {}
        for name in stale:
            result = gated.get(name)
            if result is None:
                results[name] = PartitionResult(node.asset, name, State.BLOCKED, message=_blocked(batch, name))
                continue
            own = [check for check in batch.checks if check.partition == name]
            failed = [check for check in own if not check.passed and _blocks(node, check)]
            if result.refused or failed:
                results[name] = PartitionResult(
                    node.asset,
                    name,
                    State.REFUSED,
                    message=result.message() if result.refused else _failed(node, name, failed),
                    checks=_checks(node, batch, name, ruled[name]),
                    findings=findings_of(result),
                    rulings=tuple(applied.get(name, {}).get("rulings", ())),
                )
            else:
                good[name] = result.valid
        if good:
            table = self.lake.table(node.asset, node.schema, partitioned=node.cut is not Cut.STATIC)
            published = table.publish(table.stage_all(good), run_id=batch.run_id)
            pins = {name: batch.pinned.get(name, node.all_pins).with_(orders.get(name, ())) for name in good}
            entries = {}
            for name, frame in good.items():
                checks = _checks(node, batch, name, ruled[name])
                entries[name] = Entry(
                    asset=node.asset,
                    partition=name,
                    fingerprint=stale[name][0],
                    code_version=node.code_version,
                    data_version=of_frame(frame),
                    file=published.files[name],
                    delta_version=published.delta_version,
                    rows=frame.height,
                    quarantined=refused_rows[name].height,
                    pins=pins[name].digest,
                    inputs=stale[name][1],
                    details=_details(batch, name, checks, applied.get(name, {}), self.sources),
                    run_id=batch.run_id,
                )
                results[name] = PartitionResult(
                    node.asset, name, State.PUBLISHED, entries[name], checks=checks, findings=findings_of(gated[name])
                )
            self.manifest.record(entries.values(), (*pins.values(), *batch.row_pins), node.definitions)
            self._entries(node.asset).update(entries)
        return results

    def _quarantine(self, node: Node, refused_rows: Mapping[str, pl.DataFrame], run_id: str) -> None:
        """Publish refused rows beside the table; a partition that is clean again loses its old quarantine."""
        name = f"quarantine/{node.asset}"
        known = self._quarantined(name)
        frames = {part: rows for part, rows in refused_rows.items() if rows.height or part in known}
        if frames:
            table = self.lake.table(name, QUARANTINE, partitioned=node.cut is not Cut.STATIC)
            table.publish(table.stage_all(frames), run_id=run_id)

    def _quarantined(self, name: str) -> set[str]:
        try:
            return set(self.lake.open(name).files())
        except NotFound:
            return set()


def _blocked(batch: Batch, partition: str) -> str:
    return str(batch.details.get(partition, {}).get("blocked", "the node made nothing of it"))


def _details(
    batch: Batch, partition: str, checks: Sequence[CheckResult], rulings: Mapping[str, Any], sources: str
) -> dict[str, Any]:
    own = {**batch.details.get(partition, {}), **rulings, "checks": [written(check) for check in checks]}
    return own | ({"sources": sources} if sources else {})


def _checks(node: Node, batch: Batch, partition: str, ruled: Ruled) -> tuple[CheckResult, ...]:
    own = tuple(check for check in batch.checks if check.partition == partition)
    return own if node.contract is None else (contract_check(partition, ruled.result, ruled.said()), *own)


def _blocks(node: Node, result: CheckResult) -> bool:
    return any(check.blocking for check in node.checks if check.name == result.name)


def _failed(node: Node, partition: str, failed: Sequence[CheckResult]) -> str:
    lines = [f"  - {check.name}: {check.description}" for check in failed]
    return "\n".join([f"{node.asset} refused the partition {partition}, nothing was published:", *lines])
