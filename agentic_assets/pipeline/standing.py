"""What people ordered for a partition: a version like any other, so that an order remakes just what it touches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from agentic_assets.store import Store
from agentic_assets.versions import Pin, Pins

__all__ = ["Ordered", "Recalled", "Recalling", "Standing", "recall", "together"]


@dataclass(frozen=True)
class Standing:
    """The orders in force for one partition: their `pins` enter its fingerprint, `content` is for its function."""

    pins: tuple[Pin, ...]
    content: Any


Ordered = Callable[[Store, Sequence[str]], Mapping[str, Standing]]
"""(store, partitions) -> the orders of each partition that has any; it reads the store, and no clock."""


@dataclass(frozen=True)
class Recalled:
    """The orders that were in force when a partition was made; None where it had none.

    Only partitions of one `circle` were made under the same orders: one call of a node's function can make them again.
    """

    standing: Standing | None
    circle: Hashable = None


@runtime_checkable
class Recalling(Protocol):
    """An `Ordered` that also knows its orders of earlier: later ones of the same store do not enter."""

    def __call__(self, store: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        """Give the orders that are in force now."""

    def recall(self, store: Store, recorded: Mapping[str, Pins]) -> Mapping[str, Recalled]:
        """Give what was in force when these pins were recorded, by partition; without those that are no longer known.

        The pins may hold others than those of orders.
        """


def recall(ordered: Ordered | None, store: Store, recorded: Mapping[str, Pins]) -> Mapping[str, Recalled]:
    """Give the orders that partitions with these pins were made under; see `Recalling.recall`.

    Where earlier orders cannot be asked for, those of now count for the partitions that were made under them.
    """
    if ordered is None:
        return dict.fromkeys(recorded, Recalled(None))
    if isinstance(ordered, Recalling):
        return ordered.recall(store, recorded)
    now = ordered(store, tuple(recorded))
    return {
        name: Recalled(now.get(name))
        for name, pins in recorded.items()
        if name not in now or set(now[name].pins) <= set(pins)
    }


def together(givers: Mapping[Hashable, Ordered]) -> Recalling:
    """Bring several kinds of orders together: a partition's content is the `Standing` of each that has any, by key."""
    return _Together(dict(givers))


@dataclass(frozen=True)
class _Together:
    givers: Mapping[Hashable, Ordered]

    def __call__(self, store: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        given = {key: giver(store, partitions) for key, giver in self.givers.items()}
        return {
            name: _joined({key: found[name] for key, found in given.items() if name in found})
            for name in partitions
            if any(name in found for found in given.values())
        }

    def recall(self, store: Store, recorded: Mapping[str, Pins]) -> Mapping[str, Recalled]:
        given = {key: recall(giver, store, recorded) for key, giver in self.givers.items()}
        known = [name for name in recorded if all(name in found for found in given.values())]
        return {name: _rejoined({key: found[name] for key, found in given.items()}) for name in known}


def _joined(standing: Mapping[Hashable, Standing]) -> Standing:
    pins = dict.fromkeys(pin for one in standing.values() for pin in one.pins)
    return Standing(tuple(pins), dict(standing))


def _rejoined(found: Mapping[Hashable, Recalled]) -> Recalled:
    standing = {key: one.standing for key, one in found.items() if one.standing is not None}
    return Recalled(_joined(standing) if standing else None, tuple(one.circle for one in found.values()))
