"""Which release is in force for which partition."""

from __future__ import annotations

from collections.abc import Sequence
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
        self._releases = Releases(store)
        self.snapshots = self._releases.snapshots
        self._made = {one.number: one for one in self._releases.of(working.name)}
        self._activations = self._releases.activations(working.name)
        self._domains: dict[int, Domain] = {}

    def with_(self, wanted: Activation) -> InForce:
        """Give what would be in force after one more activation, which is not recorded."""
        after = copy(self)
        after._activations = (*self._activations, wanted)
        return after

    def covers(self, release: Release, days: Sequence[str] | None) -> bool:
        """Say whether a release is in force for all of some days already, or for everything."""
        if days is not None:
            return all((one := self.activation(day)) is not None and one.release == release.number for day in days)
        newest = self._activations[-1] if self._activations else None
        return newest is not None and newest.partitions is None and newest.release == release.number

    @property
    def release(self) -> Release | None:
        """The release in force in general; None while nothing was activated for everything."""
        return self._release(self.activation())

    @property
    def general(self) -> Domain:
        """The domain that is in force in general."""
        return self._domain(self.release)

    def activation(self, day: str | None = None) -> Activation | None:
        """Give the activation that counts for a day; without a day, for everything else."""
        return next((one for one in reversed(self._activations) if one.covers(day)), None)

    def release_of(self, node: Node, partition: str) -> Release | None:
        """Give the release in force for a partition of an asset; None for the working tree."""
        return self._release(self.activation(partition if node.cut is Cut.DAY else None))

    def domain_of(self, node: Node, partition: str) -> Domain:
        """Give the version of the domain in force for a partition of an asset."""
        return self._domain(self.release_of(node, partition))

    def _release(self, activation: Activation | None) -> Release | None:
        return None if activation is None else self._made[activation.release]

    def _domain(self, release: Release | None) -> Domain:
        if release is None:
            return self.working
        if release.number not in self._domains:
            same = self.snapshots.holds(release.sources, self.working)
            self._domains[release.number] = self.working if same else self.snapshots.load(release.sources, self._home)
        return self._domains[release.number]
