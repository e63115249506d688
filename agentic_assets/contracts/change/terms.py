"""Compare what two versions say of the dataset as a whole: who answers, where it lies, who may read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentic_assets.contracts.change.change import Change, Spot, shown
from agentic_assets.contracts.change.direction import Direction
from agentic_assets.contracts.contract import Contract

__all__ = ["COMPARED", "compare_terms"]

_Judged = tuple[str, Direction]


@dataclass(frozen=True)
class _Term:
    """One term of a contract: the key that says it, how to read it, and what a change of it means."""

    field: str
    aspect: str
    key: str
    of: Callable[[Contract], Any]
    change: Callable[[Any, Any], _Judged]
    documentation: bool = False


def _always(kind: str, direction: Direction) -> Callable[[Any, Any], _Judged]:
    return lambda _old, _new: (kind, direction)


def _documented(field: str, key: str) -> _Term:
    kind = f"{field.replace('_', '-')}-changed"
    return _Term(
        field,
        field.replace("_", " "),
        key,
        lambda one: getattr(one, field),
        _always(kind, Direction.NEUTRAL),
        documentation=True,
    )


def _key(old: tuple[str, ...], new: tuple[str, ...]) -> _Judged:
    if set(old) == set(new):
        return "key-reordered", Direction.NEUTRAL
    # Rows that differ in some columns differ in more of them: the smaller key promises more. No key promises least.
    if old and (not new or set(old) < set(new)):
        return "key-loosened", Direction.LOOSER
    if new and (not old or set(new) < set(old)):
        return "key-tightened", Direction.TIGHTER
    return "key-changed", Direction.DIFFERENT


def _residency(old: tuple[str, ...], new: tuple[str, ...]) -> _Judged:
    if old and (not new or set(old) < set(new)):
        return "residency-widened", Direction.TIGHTER
    if new and (not old or set(new) < set(old)):
        return "residency-narrowed", Direction.LOOSER
    if set(old) == set(new):
        return "residency-reordered", Direction.NEUTRAL
    return "residency-changed", Direction.DIFFERENT


def _share(old: float, new: float) -> _Judged:
    if new > old:
        return "refused-share-raised", Direction.LOOSER
    return "refused-share-lowered", Direction.TIGHTER


def _status(_old: str | None, new: str | None) -> _Judged:
    gone = (new or "").lower() == "retired"
    return "status-changed", Direction.LOOSER if gone else Direction.NEUTRAL


_READ_ELSEWHERE: Final = frozenset({"maxRefusedShare", "residency"})
_TERMS: Final = (
    _Term("dataset", "name", "", lambda one: one.name, _always("dataset-renamed", Direction.DIFFERENT)),
    _Term("id", "id", "id", lambda one: one.id, _always("id-changed", Direction.DIFFERENT)),
    _Term("status", "status", "status", lambda one: one.status, _status),
    _Term("primary_key", "key", "", lambda one: one.primary_key, _key),
    _Term("residency", "residency", "customProperties", lambda one: one.residency, _residency),
    _Term("max_refused_share", "refused share", "customProperties", lambda one: one.max_refused_share, _share),
    _Term("owner", "owner", "team", lambda one: one.owner, _always("owner-changed", Direction.NEUTRAL)),
    _Term(
        "team",
        "team",
        "team",
        lambda one: (one.team.description, one.team.members) if one.team else (None, ()),
        _always("team-changed", Direction.NEUTRAL),
        documentation=True,
    ),
    _documented("description", "description"),
    _documented("usage", "description"),
    _documented("limitations", "description"),
    _documented("granularity", "dataGranularityDescription"),
    _documented("title", "name"),
    _documented("tags", "tags"),
    _documented("tenant", "tenant"),
    _documented("data_product", "dataProduct"),
    _documented("support", "support"),
    _documented("definitions", "authoritativeDefinitions"),
    _Term(
        "physical_name",
        "physical name",
        "physicalName",
        lambda one: one.physical_name if one.physical_name != one.dataset else None,
        _always("physical-name-changed", Direction.DIFFERENT),
    ),
    _Term(
        "declared",
        "custom property",
        "customProperties",
        lambda one: {name: value for name, value in one.declared.items() if name not in _READ_ELSEWHERE},
        _always("custom-properties-changed", Direction.NEUTRAL),
    ),
)
COMPARED: Final = frozenset(term.field for term in _TERMS)
"""The fields of a contract that are compared here, one by one."""


# Promises that leave no rule behind; service levels, references and names are compared as what they are.
_NOTE: Final = re.compile(r"(?:`\w+`|the table): (?:the check|custom check|multipleOf|format)")


@dataclass(frozen=True)
class _Listing:
    """Things of a contract that come and go by name: what a change, and what a loss of one means."""

    aspect: str
    key: str
    of: Callable[[Contract], Mapping[str, Any]]
    gone: Direction
    come: Direction
    changed: Direction


_LISTINGS: Final = (
    _Listing(
        "reference",
        "relationships",
        lambda one: {
            f"{', '.join(item.columns)} -> {', '.join(item.to)}": (item.kind, item.declared)
            for item in one.relationships
            if item.columns not in {reference.columns for reference in one.references}  # those are rules
        },
        gone=Direction.LOOSER,
        come=Direction.TIGHTER,
        changed=Direction.NEUTRAL,
    ),
    _Listing(
        "role",
        "roles",
        lambda one: {item.role: (item.access, item.approvers, item.declared) for item in one.roles},
        gone=Direction.LOOSER,
        come=Direction.NEUTRAL,
        changed=Direction.NEUTRAL,
    ),
    _Listing(
        "server",
        "servers",
        lambda one: {item.name: (item.type, item.environment, item.settings) for item in one.servers},
        gone=Direction.LOOSER,
        come=Direction.NEUTRAL,
        changed=Direction.DIFFERENT,
    ),
    _Listing(
        "expectation",
        "quality",
        lambda one: {item.id: (item.column, item.asks) for item in one.expectations if item.severity == "error"},
        gone=Direction.LOOSER,
        come=Direction.TIGHTER,
        changed=Direction.DIFFERENT,
    ),
    _Listing(
        "mild expectation",
        "quality",
        lambda one: {item.id: (item.column, item.asks) for item in one.expectations if item.severity != "error"},
        gone=Direction.NEUTRAL,
        come=Direction.NEUTRAL,
        changed=Direction.NEUTRAL,
    ),
    _Listing(
        "note",
        "",
        lambda one: dict.fromkeys(note for note in one.unenforced if _NOTE.match(note)),
        gone=Direction.NEUTRAL,
        come=Direction.NEUTRAL,
        changed=Direction.NEUTRAL,
    ),
)


def compare_terms(old: Contract, new: Contract) -> list[Change]:
    """List the changes of terms, and of what comes and goes by name: references, roles, servers, promises not held."""
    changes: list[Change] = []
    for term in _TERMS:
        before, after = term.of(old), term.of(new)
        if before == after:
            continue
        kind, direction = term.change(before, after)
        said = _said(before, after)
        changes.append(Change(kind, term.aspect, direction, Spot(term.key), *said, documentation=term.documentation))
    for listing in _LISTINGS:
        changes += _listed(listing, old, new)
    return changes


def _listed(listing: _Listing, old: Contract, new: Contract) -> list[Change]:
    before, after = listing.of(old), listing.of(new)
    spot, aspect, kind = Spot(listing.key), listing.aspect, listing.aspect.replace(" ", "-")
    come = [name for name in after if name not in before]
    gone = [name for name in before if name not in after]
    other = [name for name in after if name in before and before[name] != after[name]]
    return [
        *(Change(f"{kind}-added", aspect, listing.come, spot, after=shown(name)) for name in come),
        *(Change(f"{kind}-changed", aspect, listing.changed, spot, after=shown(name)) for name in other),
        *(Change(f"{kind}-removed", aspect, listing.gone, spot, before=shown(name)) for name in gone),
    ]


def _said(before: Any, after: Any) -> tuple[str | None, str | None]:
    if isinstance(before, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        one, other = ([f"{name}={values[name]}" for name in names if name in values] for values in (before, after))
        return shown(one), shown(other)
    if (
        isinstance(before, tuple)
        and isinstance(after, tuple)
        and not all(isinstance(item, str) for item in before + after)
    ):
        return None, None  # records have no short text
    if isinstance(before, float):
        return f"{100 * before:g} %", f"{100 * after:g} %"
    return shown(before), shown(after)
