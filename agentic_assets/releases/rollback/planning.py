"""Foresee what a release would make of what is published, without computing any of it.

A partition is named by its fingerprint: code, pins, orders and the data versions of its inputs. Walking the data path
with the versions that each input would have, a fingerprint that is on record says which data version would come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentic_assets.errors import ReleaseRefused
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Engine, Entry, Foreseen, Node
from agentic_assets.releases.activation import ROLLBACK, Activation
from agentic_assets.releases.in_force import InForce
from agentic_assets.releases.release import Release
from agentic_assets.releases.rollback.plan import Plan, Remade
from agentic_assets.releases.rollback.superseding import superseded
from agentic_assets.store import Store

__all__ = ["plan"]


def plan(domain: Domain, home: Home, store: Store, to: Release, partitions: Sequence[str] | None = None) -> Plan:
    """Say what activating a release for some days, or for everything, changes of what is published.

    `domain` is the working version. Raises ReleaseRefused for days outside of the calendar, ReleaseBroken when the
    release does not load.
    """
    days = None if partitions is None else tuple(sorted(set(partitions)))
    wanted = Activation(to.domain, to.number, "", "", ROLLBACK, days)
    now = InForce(domain, home, store)
    then = now.with_(wanted)
    known = then.general.graph.calendar.days()
    strange = [] if days is None else [day for day in days if day not in set(known)]
    if strange or days == ():
        raise ReleaseRefused(
            f"{', '.join(strange[:3]) or 'no day'}: not a day of {to.domain}",
            hint=f"its days are {known[0]} to {known[-1]}",
        )
    foresight = _Foresight(then, home, store)
    for node in then.general.graph.nodes:
        foresight.foresee(node)
    return Plan(
        domain=to.domain,
        to=to,
        partitions=days,
        remade=tuple(made for made, _ in foresight.remade),
        superseded=superseded(then.general, store, foresight.engine, foresight.remade),
        lacking=tuple(
            node.asset
            for node in now.general.graph.nodes
            if node.asset not in then.general.graph and foresight.engine.entries(node.asset)
        ),
        activated=now.covers(to, days),
    )


class _Foresight:
    """What each published partition would be, found asset by asset along the data path."""

    def __init__(self, in_force: InForce, home: Home, store: Store) -> None:
        self.remade: list[tuple[Remade, Entry | None]] = []
        self._in_force = in_force
        self._home, self._store = home, store
        self._known: dict[str, dict[str, Entry]] = {}
        self._engines: dict[int, Engine] = {}
        self._then = _Then()
        self.engine = self._then.engine = self._of(in_force.general)

    def foresee(self, node: Node) -> None:
        """Find the versions that the partitions of one asset would have; its inputs are known already."""
        current = self.engine.entries(node.asset)
        self._then[node.asset] = dict(current)
        found: dict[str, Foreseen] = {}
        for domain, names in self._in_force.by_version(node, current):
            if node.asset in domain.graph:
                found |= self._of(domain).foresee(domain.graph[node.asset], names, self._then)
        for name, one in sorted(found.items()):
            before, entry = current[name], one.entry
            # No digest: what rests on it was never made either.
            self._then[node.asset][name] = entry or replace(before, data_version=f"anew {one.fingerprint}")
            made = Remade(
                node.asset,
                name,
                before.data_version,
                None if entry is None else entry.data_version,
                "" if entry is None else entry.recorded_at,
            )
            self.remade.append((made, entry))

    def _of(self, domain: Domain) -> Engine:
        if id(domain) not in self._engines:
            self._engines[id(domain)] = Engine(domain.graph, self._home, store=self._store, known=self._known)
        return self._engines[id(domain)]


class _Then(dict[str, dict[str, Entry]]):
    """What is found so far; of an asset that the version in force has no more, what is published."""

    engine: Engine

    def __missing__(self, asset: str) -> dict[str, Entry]:
        return dict(self.engine.entries(asset))
