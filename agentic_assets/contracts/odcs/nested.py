"""What is promised inside nested values: which of it the gate does not look at, and how confidential it makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentic_assets.contracts.contract import OPEN_CLASSES
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading

__all__ = ["classification", "name_unchecked"]

_PROMISES: Final = ("required", "unique", "primaryKey", "enum", "quality", "relationships")
_ADVICE: Final = frozenset({"format", "timezone", "defaultTimezone", "elementType", "distanceMetric", "embeddingModel"})


def classification(item: Mapping[str, Any]) -> str | None:
    """Give the class of a column: its own, or that of the first closed part when only a part of it is closed."""
    own: str | None = item.get("classification")
    if not _open(own):
        return own
    return next((found for _, _, part in _parts(item, "", ()) if not _open(found := part.get("classification"))), own)


def name_unchecked(name: str, item: Mapping[str, Any], place: Place, reading: Reading) -> None:
    """Name, for each part inside a nested column, the promises that nothing checks; the types are checked."""
    for path, at, part in _parts(item, name, place):
        said = [key for key in _PROMISES if part.get(key)]
        timed = part.get("logicalType") in ("date", "timestamp", "time")
        said += [
            key for key in part.get("logicalTypeOptions") or {} if key not in _ADVICE or (timed and key == "format")
        ]
        if said:
            reading.not_enforced(f"`{path:.120}`: {', '.join(said)[:200]} (not checked inside nested values)", at)


def _open(named: object) -> bool:
    return str(named or "").strip().lower() in OPEN_CLASSES


def _parts(item: Mapping[str, Any], path: str, place: Place) -> Iterator[tuple[str, Place, Mapping[str, Any]]]:
    below: list[tuple[str, Place, Mapping[str, Any]]] = []
    for index, child in enumerate(item.get("properties") or ()):
        below.append((f"{path}.{child.get('name')}", (*place, "properties", index), child))
    if item.get("items"):
        below.append((f"{path}[]", (*place, "items"), item["items"]))
    below += [(f"{path}.{part}", (*place, "map", part), given) for part, given in (item.get("map") or {}).items()]
    for found in below:
        yield found
        yield from _parts(found[2], found[0], found[1])
