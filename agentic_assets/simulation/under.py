"""What another version of a domain would make of the same days: everything that it changes computed, nothing published.

It decides what is to be made anew as the engine does, and stands on what is recorded wherever that would stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from agentic_assets.errors import AgenticError, NotFound
from agentic_assets.evidence.domain import Domain
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Batch, Entry, Guards, Node, Restorations
from agentic_assets.pipeline.guard import seen
from agentic_assets.pipeline.making import blocked, judged
from agentic_assets.pipeline.orders import orders_of
from agentic_assets.pipeline.planning import Stale, plan, windows
from agentic_assets.simulation.overlay import OverlaidLake
from agentic_assets.simulation.replaying import Progress
from agentic_assets.versions import Pins, of_frame

__all__ = ["Recomputation", "recompute"]


@dataclass
class Recomputation:
    """What stands of a domain after a recomputation: recorded entries, and those that were computed.

    `computed` names the partitions that were, by asset; `fallen` says why others would no longer be published.
    """

    domain: Domain
    lake: OverlaidLake
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    computed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fallen: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, asset: str, partitions: Sequence[str]) -> pl.DataFrame:
        """Read what stands of an asset, in the order asked; partitions that do not stand are left out."""
        found = [self.entries[asset][name] for name in partitions if name in self.entries.get(asset, {})]
        if not found:
            return pl.DataFrame(schema=dict(self.domain.graph[asset].schema))
        return self.lake.open(asset).scan_files([entry.file for entry in found]).collect()


def recompute(
    reading: Reading,
    domain: Domain,
    days: Sequence[str],
    *,
    assets: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Recomputation:
    """Compute some days of assets (by default every agent's decisions) as a version of a domain would make them now.

    All that stands before them and would come out otherwise is computed first, such as the months that a model learns
    from. Systems of record are not read: what is delivered stays as it is recorded, and what people ordered holds
    as it does today. Nothing is published, recorded, sealed or executed.
    """
    graph = domain.graph
    wanted = {subject.decisions for subject in domain.subjects} if assets is None else set(assets)
    strange = sorted(wanted - {node.asset for node in graph.nodes})
    if strange:
        raise NotFound(f"{domain.name} has no asset {strange[0]}", hint="name assets of this version of the domain")
    run = _Run(reading, Recomputation(domain, OverlaidLake(graph, reading.home, reading.store)))
    needed = run.needed(
        {node.asset: graph.calendar.partitions(node.cut, days) for node in graph.nodes if node.asset in wanted}
    )
    total = sum(len(names) for names in needed.values())
    done = 0
    for node in graph.nodes:
        names = needed.get(node.asset, ())
        if progress and names:
            progress(node.asset, done, total)
        if names and not _stays(node):
            run.make(node, names)
        done += len(names)
    if progress:
        progress("", done, total)
    return run.found


def _stays(node: Node) -> bool:
    return node.effects or any(not source.kept for source in node.externals)


class _Run:
    def __init__(self, reading: Reading, found: Recomputation) -> None:
        self.found = found
        self._reading = reading
        self._graph = found.domain.graph
        self._guards = Guards(self._graph, reading.store)
        self._restorations = Restorations(reading.store)
        self._pins: dict[str, Pins] = {}

    def needed(self, targets: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """Name the partitions that the targets rest on, targets included: those that are recorded, or required."""
        graph = self._graph
        wanted = {asset: set(names) for asset, names in targets.items()}
        for node in reversed(graph.nodes):
            names = wanted.get(node.asset)
            if not names:
                continue
            for read in node.inputs:
                cut, recorded = graph[read.asset].cut, self._entries(read.asset)
                into = wanted.setdefault(read.asset, set())
                for name in names:
                    into.update(
                        part for part in read.window.of(name, node.cut, cut, graph.calendar) if part in recorded
                    )
                    into.update(read.window.required(name, node.cut, cut))
        return {asset: tuple(sorted(names)) for asset, names in wanted.items()}

    def make(self, node: Node, names: Sequence[str]) -> None:
        """Compute those partitions of a node that this version would make anew."""
        holds = self._guards.holds(node, self._entries)
        versions = {asset: self._entries(asset) for asset in (node.asset, *(read.asset for read in node.inputs))}
        current = seen(versions, holds)
        back = self._restorations.of(node.asset)
        names = [name for name in names if name not in back]
        orders = orders_of(node, self._reading.store, names)
        external = {source.asset: {"": source.version()} for source in node.externals}
        planned = plan(self._graph, node, names, current, self.found.fallen, orders.pins, external=external)
        for name, missing in planned.lacking.items():
            self._fall(node, name, "; ".join(missing[:3]))
        if not planned.stale:
            return
        stale = tuple(planned.stale)
        batch = Batch(
            node=node,
            partitions=stale,
            calendar=self._graph.calendar,
            versions=current,
            windows=windows(self._graph, node, stale),
            home=self._reading.home,
            store=self._reading.store,
            lake=self.found.lake,
            run_id="",
            standing=orders.standing,
            known_pins=self._pins,
        )
        try:
            made = judged(batch, node.compute(batch), orders.rulings, orders.pins)
        except AgenticError as error:
            for name in stale:
                self._fall(node, name, error.what)
            return
        frames: dict[str, pl.DataFrame] = {}
        for name in stale:
            if name not in made or made[name].refusal:
                self._fall(node, name, made[name].refusal if name in made else blocked(batch, name))
            else:
                frames[name] = made[name].frame
                self._pins[made[name].pins.digest] = made[name].pins
        files = self.found.lake.lay(node.asset, node.schema, frames)
        for name, frame in frames.items():
            self._entries(node.asset)[name] = _entry(
                node, name, planned.stale[name], frame, files[name], made[name].pins
            )
        self.found.computed[node.asset] = tuple(frames)

    def _entries(self, asset: str) -> dict[str, Entry]:
        if asset not in self.found.entries:
            self.found.entries[asset] = self._reading.manifest.current(asset)
        return self.found.entries[asset]

    def _fall(self, node: Node, name: str, why: str) -> None:
        self.found.fallen.setdefault(node.asset, {})[name] = why[:500]
        self._entries(node.asset).pop(name, None)


def _entry(node: Node, name: str, stale: Stale, frame: pl.DataFrame, file: str, pins: Pins) -> Entry:
    return Entry(
        asset=node.asset,
        partition=name,
        fingerprint=stale[0],
        code_version=node.code_version,
        data_version=of_frame(frame),
        file=file,
        delta_version=-1,
        rows=frame.height,
        quarantined=0,
        pins=pins.digest,
        inputs=stale[1],
        details={},
        run_id="",
    )
