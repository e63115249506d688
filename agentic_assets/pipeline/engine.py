"""Make partitions of a node: read, compute, gate, publish, record; the same for one day and for a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from agentic_assets.contracts.gating.quarantine import SCHEMA as QUARANTINE
from agentic_assets.errors import AgenticError, NotFound, ResidencyRefused
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.pipeline.batch import Batch
from agentic_assets.pipeline.guard import Guards, barred, seen
from agentic_assets.pipeline.holding import Held, hold
from agentic_assets.pipeline.making import blocked, judged
from agentic_assets.pipeline.manifest import Entry, Manifest
from agentic_assets.pipeline.node import Graph, Node
from agentic_assets.pipeline.orders import Orders, orders_of
from agentic_assets.pipeline.partitions import Cut
from agentic_assets.pipeline.planning import Stale, lacking, plan, windows
from agentic_assets.pipeline.references import keys_of
from agentic_assets.pipeline.refusals import Refusals
from agentic_assets.pipeline.residency import Residency, ResidentLake
from agentic_assets.pipeline.restorations import Restorations
from agentic_assets.pipeline.restoring import put_back
from agentic_assets.pipeline.result import PartitionResult, State, findings_of, recorded_checks, written
from agentic_assets.pipeline.rulings import Rulings
from agentic_assets.pipeline.standing import Standing
from agentic_assets.store import Store
from agentic_assets.versions import of_frame

__all__ = ["Engine", "Foreseen"]


class Foreseen(NamedTuple):
    """What a partition would be made under, and the newest entry on record that was made so, if any."""

    fingerprint: str
    entry: Entry | None


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
        self.lake: Lake = ResidentLake(graph, home, self.residency, self.store)
        self.manifest = Manifest(self.store)
        self.rulings = Rulings(self.store)
        self.restorations = Restorations(self.store)
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
        is blocked too. `refresh` computes again even what is recorded as done. What a person set back to earlier bytes
        is never computed, until the order is lifted.
        """
        try:
            self.residency.require_node(node)
        except ResidencyRefused as error:
            results = [PartitionResult(node.asset, name, State.REFUSED, message=str(error)) for name in partitions]
            self.refusals.note(node.asset, results, run_id=run_id)
            return results
        holds = self.guards.holds(node, self._entries)
        current = seen(self._versions(node), holds)
        orders = orders_of(node, self.store, partitions)
        back = self._put_back(node, partitions, run_id)
        others = [name for name in partitions if name not in back]
        external = {source.asset: {"": source.version()} for source in node.externals if others}
        out = barred(fallen or {}, holds)
        planned = plan(self.graph, node, others, current, out, orders.pins, external=external, refresh=refresh)
        made = (
            back
            | {
                name: PartitionResult(node.asset, name, State.BLOCKED, message=f"blocked: {'; '.join(missing[:3])}")
                for name, missing in planned.lacking.items()
            }
            | {
                name: PartitionResult(node.asset, name, State.UNCHANGED, entry, checks=recorded_checks(entry))
                for name, entry in planned.standing.items()
            }
        )
        if planned.stale:
            batch = self._batch(node, tuple(planned.stale), current, run_id, orders.standing)
            try:
                self.lake.require(node.asset, node.schema, partitioned=node.cut is not Cut.STATIC)
                frames = node.compute(batch)
            except AgenticError as error:
                # A broken promise of a source, a model or a policy stops this node and what rests on it, not the run.
                for name in planned.stale:
                    made[name] = PartitionResult(node.asset, name, State.REFUSED, message=str(error))
            else:
                made |= self._publish(batch, frames, batch.as_read(planned.stale, orders.pins), orders)
        results = self.guards.told(node, [made[name] for name in partitions])
        self.refusals.note(node.asset, results, run_id=run_id, ruled=orders.ruled)
        return results

    def foresee(
        self, node: Node, partitions: Sequence[str], entries: Mapping[str, Mapping[str, Entry]]
    ) -> dict[str, Foreseen]:
        """Say which of some published partitions would be made anew if `entries` were what is published.

        `entries` hold the asset and all that it reads. Systems of record are taken to hold what they did. Nothing is
        computed: what would come out is known where the same fingerprint is on record.
        """
        holds = self.guards.holds(node, lambda asset: entries[asset])
        current = seen({asset: entries[asset] for asset in (node.asset, *(read.asset for read in node.inputs))}, holds)
        orders = orders_of(node, self.store, partitions).pins
        systems = {source.asset for source in node.externals}
        stale: dict[str, str] = {}
        back = self.restorations.of(node.asset)
        for name in partitions:
            if name in back:  # kept at earlier bytes, whatever it would be made from
                continue
            recorded = entries[node.asset][name].inputs
            external = {asset: versions for asset, versions in recorded.items() if asset in systems}
            planned = plan(self.graph, node, (name,), current, barred({}, holds), orders, external=external)
            stale |= {name: fingerprint for name, (fingerprint, _) in planned.stale.items()}
        known = self.manifest.under(node.asset, stale.values()) if stale else {}
        return {name: Foreseen(made, known.get((name, made))) for name, made in stale.items()}

    def stale(self, node: Node, partitions: Sequence[str]) -> dict[str, str]:
        """Say which partitions a run would make now, each with the fingerprint that it would get.

        Nothing is computed. What lacks an input, may not be read here, or was set back by people, is not stale.
        """
        try:
            self.residency.require_node(node)
        except ResidencyRefused:
            return {}
        holds = self.guards.holds(node, self._entries)
        orders = orders_of(node, self.store, partitions).pins
        back = self.restorations.of(node.asset)
        others = [name for name in partitions if name not in back]
        external = {source.asset: {"": source.version()} for source in node.externals if others}
        current = seen(self._versions(node), holds)
        planned = plan(self.graph, node, others, current, barred({}, holds), orders, external=external)
        return {name: fingerprint for name, (fingerprint, _) in planned.stale.items()}

    def _put_back(self, node: Node, partitions: Sequence[str], run_id: str) -> dict[str, PartitionResult]:
        """Keep the partitions that people set back to earlier bytes at those."""
        standing = self.restorations.of(node.asset)
        orders = {name: standing[name] for name in partitions if name in standing}
        if not orders:
            return {}
        entries = self._entries(node.asset)
        results = put_back(node, orders, entries, manifest=self.manifest, lake=self.lake, run_id=run_id)
        if any(result.state is State.PUBLISHED for result in results.values()):
            self._current.pop(node.asset)
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
        missing = lacking(self.graph, node, partition, current, barred({}, holds))
        if missing:
            raise NotFound(
                f"{node.asset} {partition} cannot be computed: {'; '.join(missing[:3])}",
                hint="run `agentic run` for it first",
            )
        batch = self._batch(node, (partition,), current, "", orders_of(node, self.store, (partition,)).standing)
        frames = node.compute(batch)
        if partition not in frames:
            raise NotFound(f"{node.asset} {partition}: {blocked(batch, partition)}")
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
        run_id: str,
        standing: Mapping[str, Standing],
    ) -> Batch:
        return Batch(
            node=node,
            partitions=partitions,
            calendar=self.graph.calendar,
            versions=current,
            windows=windows(self.graph, node, partitions),
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

    def _publish(
        self,
        batch: Batch,
        frames: Mapping[str, pl.DataFrame],
        stale: Mapping[str, Stale],
        orders: Orders,
    ) -> dict[str, PartitionResult]:
        node, results = batch.node, dict[str, PartitionResult]()
        made = judged(batch, frames, orders.rulings, orders.pins)
        aside = self._quarantine(node, {name: one.ruled.quarantine for name, one in made.items()}, batch.run_id)
        for name in stale:
            if name not in made:
                results[name] = PartitionResult(node.asset, name, State.BLOCKED, message=blocked(batch, name))
            elif made[name].refusal:
                results[name] = PartitionResult(
                    node.asset,
                    name,
                    State.REFUSED,
                    message=made[name].refusal,
                    checks=made[name].checks,
                    findings=findings_of(made[name].ruled.result),
                    rulings=tuple(made[name].applied.get("rulings", ())),
                )
        good = {name: made[name] for name in stale if name not in results}
        if good:
            table = self.lake.table(node.asset, node.schema, partitioned=node.cut is not Cut.STATIC)
            staged = table.stage_all({name: one.frame for name, one in good.items()})
            published = table.publish(staged, run_id=batch.run_id)
            entries = {}
            for name, one in good.items():
                checks = [written(check) for check in one.checks]
                said = {"checks": checks, **({"sources": self.sources} if self.sources else {}), **aside.get(name, {})}
                entries[name] = Entry(
                    asset=node.asset,
                    partition=name,
                    fingerprint=stale[name][0],
                    code_version=node.code_version,
                    data_version=of_frame(one.frame),
                    file=published.files[name],
                    delta_version=published.delta_version,
                    rows=one.frame.height,
                    quarantined=one.ruled.quarantine.height,
                    pins=one.pins.digest,
                    inputs=stale[name][1],
                    details={**batch.details.get(name, {}), **one.applied, **said},
                    run_id=batch.run_id,
                )
                findings = findings_of(one.ruled.result)
                results[name] = PartitionResult(
                    node.asset, name, State.PUBLISHED, entries[name], checks=one.checks, findings=findings
                )
            pinned = (*(one.pins for one in good.values()), *batch.row_pins)
            self.manifest.record(entries.values(), pinned, node.definitions)
            self._entries(node.asset).update(entries)
        return results

    def _quarantine(
        self, node: Node, refused_rows: Mapping[str, pl.DataFrame], run_id: str
    ) -> dict[str, dict[str, str]]:
        """Publish refused rows beside the table; a partition that is clean again loses its old quarantine.

        Give what an entry notes of it: the file of its refused rows, if there are any.
        """
        name = f"quarantine/{node.asset}"
        known = self._quarantined(name)
        frames = {part: rows for part, rows in refused_rows.items() if rows.height or part in known}
        if frames:
            table = self.lake.table(name, QUARANTINE, partitioned=node.cut is not Cut.STATIC)
            files = table.publish(table.stage_all(frames), run_id=run_id).files
            return {part: {"quarantine": files[part]} for part, rows in frames.items() if rows.height}
        return {}

    def _quarantined(self, name: str) -> set[str]:
        try:
            return set(self.lake.open(name).files())
        except NotFound:
            return set()
