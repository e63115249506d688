"""What follows from the activations of a domain: which release holds for which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentic_assets.releases.activation import Activation
from agentic_assets.releases.release import Release

__all__ = ["Activations"]


@dataclass(frozen=True)
class Activations:
    """The releases of one domain and the orders to put them in force, oldest first; nothing of its code is loaded.

    The newest order that covers a day counts; where none does, the domain holds as it lies in its folder.
    """

    releases: tuple[Release, ...]
    orders: tuple[Activation, ...]

    @property
    def release(self) -> Release | None:
        """The release in force in general; None while nothing was activated for everything."""
        return self.on(None)

    @property
    def scoped(self) -> dict[str, Release]:
        """The release of each day about which people gave an order of its own that still counts, sorted."""
        days = sorted({day for one in self.orders for day in one.partitions or ()})
        counting = {day: self.activation(day) for day in days}
        return {day: self._made(one) for day, one in counting.items() if one is not None and one.partitions is not None}

    def activation(self, day: str | None = None) -> Activation | None:
        """Give the order that counts for a day; without a day, for what has none."""
        return next((one for one in reversed(self.orders) if one.covers(day)), None)

    def on(self, day: str | None) -> Release | None:
        """Give the release in force for a day, without a day for what has none; None for the working tree."""
        activation = self.activation(day)
        return None if activation is None else self._made(activation)

    def covers(self, release: int, days: Sequence[str] | None) -> bool:
        """Say whether a release is in force for all of some days already, or for everything."""
        if days is not None:
            return all((one := self.activation(day)) is not None and one.release == release for day in days)
        last = max((place for place, one in enumerate(self.orders) if one.partitions is None), default=None)
        return last is not None and all(one.release == release for one in self.orders[last:])

    def with_(self, wanted: Activation) -> Activations:
        """Give what would follow after one more order."""
        return replace(self, orders=(*self.orders, wanted))

    def _made(self, activation: Activation) -> Release:
        return self.releases[activation.release - 1]
