"""Which versions came, went or changed between two sets of pins, and what is different about them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from agentic_assets.features.compatibility import Change
from agentic_assets.releases.declared import NO_NUMBER, Declared
from agentic_assets.releases.lock import Locked, changes_between
from agentic_assets.versions import Pin

__all__ = ["Move", "moves"]

Said = Mapping[Pin, Declared | None]
"""What each pin of a side says; None where the side does not load."""

State = Literal["added", "removed", "changed", "same version, other content"]


@dataclass(frozen=True)
class Move:
    """One name of one kind whose version differs; `changes` say what is different, as far as both sides load."""

    kind: str
    name: str
    state: State
    old: str
    new: str
    changes: tuple[Change, ...]
    assets: tuple[str, ...]


def moves(old: Said, new: Said) -> tuple[Move, ...]:
    """List what moved, by kind and name."""
    was, now = _by_name(old), _by_name(new)
    found: list[Move] = []
    for kind, name in sorted(was.keys() | now.keys()):
        gone = sorted(was.get((kind, name), frozenset()) - now.get((kind, name), frozenset()))
        come = sorted(now.get((kind, name), frozenset()) - was.get((kind, name), frozenset()))
        for one, other in _paired(gone, come):
            found.append(_move(kind, name, one, other, old, new))
    return tuple(found)


def _by_name(pins: Iterable[Pin]) -> dict[tuple[str, str], frozenset[Pin]]:
    named: dict[tuple[str, str], frozenset[Pin]] = {}
    for pin in pins:
        named[pin.kind, pin.name] = named.get((pin.kind, pin.name), frozenset()) | {pin}
    return named


def _paired(gone: list[Pin], come: list[Pin]) -> list[tuple[Pin | None, Pin | None]]:
    """Put together what became of what: the same version first, then in the order of versions."""
    pairs: list[tuple[Pin | None, Pin | None]] = []
    for pin in [*gone]:
        same = next((one for one in come if one.version == pin.version), None)
        if same is not None:
            pairs.append((pin, same))
            gone.remove(pin)
            come.remove(same)
    return [*pairs, *zip_longest(gone, come)]


def _move(
    kind: str,
    name: str,
    old: Pin | None,
    new: Pin | None,
    before: Said,
    after: Said,
) -> Move:
    shaped = after.get(new) if new is not None else before.get(old) if old is not None else None
    assets = () if shaped is None else shaped.assets
    if old is None or new is None:
        state: State = "added" if old is None else "removed"
        return Move(kind, name, state, old.version if old else "", new.version if new else "", (), assets)
    state = "same version, other content" if old.version == new.version != NO_NUMBER else "changed"
    one, other = before[old], after[new]
    told = () if one is None or other is None else changes_between(Locked.of(one), Locked.of(other))
    return Move(kind, name, state, old.version, new.version, told, assets)
