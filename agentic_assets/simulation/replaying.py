"""Compute recorded partitions again from what they were made from, and hold them against the record; no effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from agentic_assets.contracts.gating.audit import audited_before
from agentic_assets.errors import AgenticError, NotFound
from agentic_assets.evidence.domain import Domain
from agentic_assets.evidence.reading import Reading
from agentic_assets.lake import Lake
from agentic_assets.pipeline import Batch, Entry, Node, Recalled, Residency, Ruling, Rulings, recall
from agentic_assets.pipeline.making import Made, blocked, judged
from agentic_assets.pipeline.planning import windows
from agentic_assets.pipeline.residency import RecordedLake
from agentic_assets.pipeline.rulings import in_force_then, pins_of
from agentic_assets.releases import Snapshots
from agentic_assets.releases.library import Library, library
from agentic_assets.simulation.blaming import blame
from agentic_assets.simulation.comparing import compared
from agentic_assets.simulation.grouping import Group, grouped
from agentic_assets.simulation.recorded import Files, Inputs, Recorded
from agentic_assets.simulation.result import Replayed, State
from agentic_assets.simulation.seals import Seals
from agentic_assets.versions import Pin, Pins, of_frame

__all__ = ["Progress", "Recomputed", "replay"]

_THREADS = 4  # they mostly wait for polars and for hashes, which need no lock

Progress = Callable[[str, int, int], None]
"""(asset, partitions that are done, all partitions)"""

Recomputed = Callable[[Entry, Made], None]
"""Is told what was computed of each entry."""


def replay(
    reading: Reading,
    entries: Sequence[Entry],
    *,
    progress: Progress | None = None,
    recomputed: Recomputed | None = None,
) -> tuple[Replayed, ...]:
    """Compute each entry again, from the inputs, orders and sources that it was made from; in the order given.

    Entries may be of several assets and of several times. A ledger is compared by the root over the recomputed records,
    so its decisions must be among the entries; other effects are never replayed. Nothing is published, recorded, sealed
    or executed, and no system of record is read.
    """
    seals = Seals(reading)
    replaying = _Replaying(reading, [seals.made, *([recomputed] if recomputed else [])])
    found: dict[int, Replayed] = {}
    # What was sealed is held against what was recomputed, so it comes last.
    for asset in sorted(dict.fromkeys(entry.asset for entry in entries), key=seals.subjects.__contains__):
        mine = {place: entry for place, entry in enumerate(entries) if entry.asset == asset}
        if progress:
            progress(asset, len(found), len(entries))
        given = list(mine.values())
        again = [seals.held_against(entry) for entry in given] if asset in seals.subjects else replaying.of_asset(given)
        found |= dict(zip(mine, again, strict=True))
    if progress:
        progress("", len(found), len(entries))
    return tuple(found[place] for place in range(len(entries)))


@dataclass
class _Orders:
    """What people ordered for a partition, as it stood when it was made."""

    recalled: Recalled
    rulings: tuple[Ruling, ...]
    pins: tuple[Pin, ...]


@dataclass
class _Replaying:
    reading: Reading
    recomputed: Sequence[Recomputed]
    _lakes: dict[int, Lake] = field(default_factory=dict)
    _domains: dict[str, Domain | str] = field(default_factory=dict)
    _pins: dict[str, Pins] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._snapshots = Snapshots(self.reading.store)
        self._inputs = Inputs(self.reading.manifest)
        self._files = Files(self._lake(self.reading.domain), self.reading.store)

    def of_asset(self, entries: Sequence[Entry]) -> list[Replayed]:
        """Replay entries of one asset, in their order."""
        found: dict[int, Replayed] = {}
        by_domain: dict[int, tuple[Domain, list[int]]] = {}
        for place, entry in enumerate(entries):
            domain = self._behind(entry)
            if isinstance(domain, str) and self._as_now(entry):
                domain = self.reading.domain
            if isinstance(domain, str):
                found[place] = _gone(entry, domain)
            elif entry.asset not in domain.graph:
                found[place] = _gone(entry, "no version of the domain that is recorded has this asset")
            else:
                by_domain.setdefault(id(domain), (domain, []))[1].append(place)
        for domain, places in by_domain.values():
            again = self._of_domain(domain, domain.graph[entries[places[0]].asset], [entries[at] for at in places])
            found |= dict(zip(places, again, strict=True))
        return [found[place] for place in range(len(entries))]

    def _behind(self, entry: Entry) -> Domain | str:
        """Give the domain that made an entry, or why it cannot be had."""
        named = str(entry.details.get("sources", ""))
        if named not in self._domains:
            try:
                self._domains[named] = self._snapshots.behind(entry, self.reading.domain, self.reading.home)
            except AgenticError as error:
                self._domains[named] = error.what
        return self._domains[named]

    def _as_now(self, entry: Entry) -> bool:
        """Say whether, by what is recorded, the domain of today makes an entry as the one behind it did."""
        graph = self.reading.domain.graph
        if entry.asset not in graph:
            return False
        node = graph[entry.asset]
        return node.code_version == entry.code_version and set(node.all_pins) <= set(self._pinned(entry.pins))

    def _of_domain(self, domain: Domain, node: Node, entries: Sequence[Entry]) -> list[Replayed]:
        external = {source.asset for source in node.externals}
        recorded = self._inputs.of(entries, external)
        self._files.look(made for one in recorded for of in one.inputs.values() for made in of.values())
        self._files.look(entries)
        said = {place: self._obstacle(node, one) for place, one in enumerate(recorded)}
        orders = self._orders(node, [one.entry for place, one in enumerate(recorded) if not said[place]])
        by_circle: dict[object, list[int]] = {}
        for place, one in enumerate(recorded):
            ordered = orders.get(id(one.entry))
            if not said[place] and ordered is None:
                said[place] = "the orders of people that it was made under are no longer as they were recorded"
            elif ordered is not None:
                by_circle.setdefault(ordered.recalled.circle, []).append(place)
        found = {place: _gone(recorded[place].entry, why) for place, why in said.items() if why}
        reached = windows(domain.graph, node, tuple({entry.partition for entry in entries}))
        for places in by_circle.values():
            where = {id(recorded[place].entry): place for place in places}
            for group in grouped([recorded[place] for place in places], reached):
                again = self._of_group(domain, node, group, orders)
                found |= {where[id(member.entry)]: one for member, one in zip(group.members, again, strict=True)}
        return [found[place] for place in range(len(recorded))]

    def _obstacle(self, node: Node, one: Recorded) -> str:
        """Say why an entry cannot be made again; '' when nothing stands in the way."""
        if node.effects:
            return "it writes outside of the lake: effects are never replayed"
        gone = list(one.gone)
        for entries in one.inputs.values():
            gone += [problem for made in entries.values() if (problem := self._files.problem(made))]
        for source in node.externals:
            was = one.external.get(source.asset, "")
            if not source.kept:
                return f"it reads {source.asset}, a system of record: replay never does"
            if source.version() != was:
                gone.append(f"{source.asset} does not hold what it held then ({was[:12]})")
        more = f" (and {len(gone) - 3} more)" if len(gone) > 3 else ""
        return "; ".join(gone[:3]) + more

    def _orders(self, node: Node, entries: Sequence[Entry]) -> dict[int, _Orders]:
        """Give the orders that each entry was made under, by its id; without those that are not known any more."""
        if not entries:
            return {}
        made = Rulings(self.reading.store).of(node.asset)
        found: dict[int, _Orders] = {}
        waiting = list(entries)
        while waiting:
            # A partition may be there in several generations, each under other orders.
            names, later = dict[str, Entry](), list[Entry]()
            for entry in waiting:
                if entry.partition in names:
                    later.append(entry)
                else:
                    names[entry.partition] = entry
            recorded = {name: self._pinned(entry.pins) for name, entry in names.items()}
            recalled = recall(node.standing, self.reading.store, recorded)
            for name, entry in names.items():
                rulings = in_force_then(node.asset, name, made.get(name, ()), recorded[name])
                if name in recalled and rulings is not None:
                    standing = recalled[name].standing
                    pins = (*pins_of(node.asset, name, rulings), *(standing.pins if standing else ()))
                    found[id(entry)] = _Orders(recalled[name], rulings, pins)
            waiting = later
        return found

    def _pinned(self, digest: str) -> Pins:
        if digest not in self._pins:
            try:
                self._pins[digest] = self.reading.manifest.pins_of(digest)
            except NotFound:
                self._pins[digest] = Pins()
        return self._pins[digest]

    def _of_group(self, domain: Domain, node: Node, group: Group, orders: Mapping[int, _Orders]) -> list[Replayed]:
        members = {one.entry.partition: one.entry for one in group.members}
        ordered = {name: orders[id(entry)] for name, entry in members.items()}
        if node.contract is not None and all(node.contract.pin in self._pinned(one.pins) for one in members.values()):
            audited_before(node.contract)
        batch = Batch(
            node=node,
            partitions=tuple(members),
            calendar=domain.graph.calendar,
            versions={read.asset: group.inputs.get(read.asset, {}) for read in node.inputs},
            windows={
                read.asset: {
                    one.entry.partition: tuple(sorted(one.inputs.get(read.asset, ()))) for one in group.members
                }
                for read in node.inputs
            },
            home=self.reading.home,
            store=self.reading.store,
            lake=self._lake(domain),
            run_id="",
            standing={name: one.recalled.standing for name, one in ordered.items() if one.recalled.standing},
        )
        try:
            made = judged(
                batch,
                node.compute(batch),
                {name: one.rulings for name, one in ordered.items()},
                {name: one.pins for name, one in ordered.items()},
            )
        except Exception as error:  # noqa: BLE001  (code of a domain, under a library that it was not written for)
            if len(group.members) == 1:
                return [_gone(group.members[0].entry, _failure(error))]
            half = len(group.members) // 2  # one partition that fails must not hide the others
            parts = (group.members[:half], group.members[half:])
            return [one for part in parts for one in self._of_group(domain, node, _regrouped(part), orders)]
        with ThreadPoolExecutor(_THREADS) as pool:
            versions = dict(zip(made, pool.map(of_frame, (one.frame for one in made.values())), strict=True))
        return [
            self._held_against(entry, node, made[name], versions[name])
            if name in made
            else self._refused(entry, node, blocked(batch, name))
            for name, entry in members.items()
        ]

    def _held_against(self, entry: Entry, node: Node, made: Made, version: str) -> Replayed:
        if made.refusal:
            return self._refused(entry, node, made.refusal)
        for told in self.recomputed:
            told(entry, made)
        problem = self._files.problem(entry)
        if version == entry.data_version and (not problem or self._files.removed(entry)):
            return Replayed(entry.asset, entry.partition, State.IDENTICAL, entry.rows, entry.rows, version, version)
        if version == entry.data_version:
            return Replayed(
                entry.asset,
                entry.partition,
                State.DAMAGED,
                entry.rows,
                entry.rows,
                version,
                version,
                why=f"{problem}; computed again, it is what was recorded: materialize it to have it back",
            )
        why = blame(entry, node, self._pinned(entry.pins), made.pins, self._ran(entry), library())
        if problem:
            return Replayed(
                entry.asset,
                entry.partition,
                State.DIFFERENT,
                entry.rows,
                0,
                entry.data_version,
                version,
                why=f"{problem}; {why}",
            )
        rows = self._lake(self.reading.domain).open(entry.asset).read_file(entry.file)
        same, difference = compared(rows, made.frame, node.contract)
        return Replayed(
            entry.asset,
            entry.partition,
            State.DIFFERENT,
            entry.rows,
            same,
            entry.data_version,
            version,
            difference,
            why,
        )

    def _refused(self, entry: Entry, node: Node, why: str) -> Replayed:
        shown = why if len(why) <= 500 else f"{why[:500]}..."
        cause = blame(entry, node, self._pinned(entry.pins), self._pinned(entry.pins), self._ran(entry), library())
        return Replayed(
            entry.asset,
            entry.partition,
            State.DIFFERENT,
            entry.rows,
            0,
            entry.data_version,
            "",
            why=f"it is not published when computed again: {shown}; {cause}",
        )

    def _ran(self, entry: Entry) -> Library | None:
        named = str(entry.details.get("sources", ""))
        return self._snapshots.get(named).library if named else None

    def _lake(self, domain: Domain) -> Lake:
        if id(domain) not in self._lakes:
            residency = Residency(domain.graph, self.reading.home.region)
            self._lakes[id(domain)] = RecordedLake(domain.graph, self.reading.home, residency, self.reading.store)
        return self._lakes[id(domain)]


def _regrouped(members: list[Recorded]) -> Group:
    group = Group()
    for one in members:
        group.add(one, {asset: set() for asset in one.inputs})
    return group


def _gone(entry: Entry, why: str) -> Replayed:
    return Replayed(entry.asset, entry.partition, State.GONE, entry.rows, 0, entry.data_version, why=why)


def _failure(error: Exception) -> str:
    text = error.what if isinstance(error, AgenticError) else f"{type(error).__name__}: {error}"
    return text if len(text) <= 500 else f"{text[:500]}..."
