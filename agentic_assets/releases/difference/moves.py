"""Which versions came, went or changed between two sets of pins, and what is different about them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeVar

from agentic_assets.agents import Spec, agent_changes
from agentic_assets.agents import card as agent_card
from agentic_assets.contracts import Contract
from agentic_assets.contracts import change as contracts
from agentic_assets.evidence.domain import Domain
from agentic_assets.features import FeatureSet
from agentic_assets.features.card import card as feature_card
from agentic_assets.features.compatibility import Change, Weight
from agentic_assets.features.compatibility import compare as feature_changes
from agentic_assets.releases.declared import NO_NUMBER, Declared
from agentic_assets.releases.difference.telling import told
from agentic_assets.versions import Pin

__all__ = ["Move", "moves"]

T = TypeVar("T", Spec, FeatureSet)

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


def moves(old: Said, new: Said, domains: tuple[Domain, Domain] | None) -> tuple[Move, ...]:
    """List what moved, by kind and name; `domains` are those of both sides, None when one does not load."""
    was, now = _by_name(old), _by_name(new)
    found: list[Move] = []
    for kind, name in sorted(was.keys() | now.keys()):
        gone = sorted(was.get((kind, name), frozenset()) - now.get((kind, name), frozenset()))
        come = sorted(now.get((kind, name), frozenset()) - was.get((kind, name), frozenset()))
        for one, other in _paired(gone, come):
            found.append(_move(kind, name, one, other, old, new, domains))
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
    domains: tuple[Domain, Domain] | None,
) -> Move:
    shaped = after.get(new) if new is not None else before.get(old) if old is not None else None
    assets = () if shaped is None else shaped.assets
    if old is None or new is None:
        state: State = "added" if old is None else "removed"
        return Move(kind, name, state, old.version if old else "", new.version if new else "", (), assets)
    state = "same version, other content" if old.version == new.version != NO_NUMBER else "changed"
    changes: tuple[Change, ...] = ()
    one, other = before[old], after[new]
    if one is not None and other is not None:
        changes = told(one.says, other.says)
        exact = () if domains is None else _exactly(kind, old, new, domains)
        if exact:  # words of the kind's own comparison, and of the rest only what code differs
            changes = (*exact, *(change for change in changes if change.what.startswith("its code ")))
    return Move(kind, name, state, old.version, new.version, changes, assets)


def _exactly(kind: str, old: Pin, new: Pin, domains: tuple[Domain, Domain]) -> tuple[Change, ...]:
    before, after = domains
    if kind == "agent":
        specs = [_named(domain.agents, pin) for domain, pin in ((before, old), (after, new))]
        if specs[0] is not None and specs[1] is not None:
            return agent_changes(agent_card(specs[0]), agent_card(specs[1]))
    if kind == "feature_set":
        sets = [_named(domain.feature_sets.values(), pin) for domain, pin in ((before, old), (after, new))]
        if sets[0] is not None and sets[1] is not None:
            return feature_changes(feature_card(sets[0]), feature_card(sets[1]))
    if kind == "contract":
        papers = [_contract(domain, old.name) for domain in domains]
        if papers[0] is not None and papers[1] is not None:
            return tuple(
                Change(_about(change), _weight(change), change.what)
                for change in contracts.differences(papers[0], papers[1])
            )
    return ()


def _named(values: Iterable[T], pin: Pin) -> T | None:
    return next((one for one in values if (one.name, one.version) == (pin.name, pin.version)), None)


def _contract(domain: Domain, name: str) -> Contract | None:
    return next((node.contract for node in domain.graph.nodes if node.contract and node.contract.name == name), None)


def _about(change: contracts.Change) -> str:
    return change.spot.column or change.spot.rule or change.aspect


def _weight(change: contracts.Change) -> Weight:
    if change.class_ is contracts.Class.COMPATIBLE:
        return "words" if change.documentation else "compatible"
    return "breaking"
