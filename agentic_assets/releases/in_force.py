"""Which version of a domain makes which partition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Cut, Node
from agentic_assets.releases.activation import Activation
from agentic_assets.releases.record import Releases
from agentic_assets.releases.release import Release
from agentic_assets.store import Store

__all__ = ["InForce"]


class InForce:
    """Say for each partition which version of a domain makes it, as people ordered it.

    The newest activation that covers a partition counts; where none does, `working` does: the domain as it lies in its
    folder. A month, or what has no partitions, is covered by activations of everything only.
    """

    def __init__(self, working: Domain, home: Home, store: Store) -> None:
        self.working = working
        self._home = home
        releases = Releases(store, home.keys)
        self.snapshots = releases.snapshots
        self.activations = releases.in_force(working.name)
        self._domains: dict[int, Domain] = {}

    def with_(self, wanted: Activation) -> InForce:
        """Give what would be in force after one more activation, which is not recorded."""
        after = copy(self)
        after.activations = self.activations.with_(wanted)
        return after

    def covers(self, release: Release, days: Sequence[str] | None) -> bool:
        """Say whether a release is in force for all of some days already, or for everything."""
        return self.activations.covers(release.number, days)

    @property
    def release(self) -> Release | None:
        """The release in force in general; None while nothing was activated for everything."""
        return self.activations.release

    @property
    def general(self) -> Domain:
        """The domain that is in force in general."""
        return self._domain(self.release)

    def activation(self, day: str | None = None) -> Activation | None:
        """Give the activation that counts for a day; without a day, for everything else."""
        return self.activations.activation(day)

    def release_of(self, node: Node, partition: str) -> Release | None:
        """Give the release in force for a partition of an asset; None for the working tree."""
        return self.activations.on(partition if node.cut is Cut.DAY else None)

    def domain_of(self, node: Node, partition: str) -> Domain:
        """Give the version of the domain in force for a partition of an asset."""
        return self._domain(self.release_of(node, partition))

    def by_version(self, node: Node, partitions: Iterable[str]) -> list[tuple[Domain, list[str]]]:
        """Group partitions of an asset by the version of the domain in force for them."""
        groups: dict[int, tuple[Domain, list[str]]] = {}
        for name in partitions:
            domain = self.domain_of(node, name)
            groups.setdefault(id(domain), (domain, []))[1].append(name)
        return list(groups.values())

    def _domain(self, release: Release | None) -> Domain:
        if release is None:
            return self.working
        if release.number not in self._domains:
            same = self.snapshots.holds(release.sources, self.working)
            self._domains[release.number] = self.working if same else self.snapshots.load(release.sources, self._home)
        return self._domains[release.number]
