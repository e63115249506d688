"""What changed between two versions of a feature set, in words, and which version number that demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["ORDER", "Change", "Weight", "compare", "demanded"]

Weight = Literal["breaking", "values", "compatible", "words"]
"""breaking: a reader fails or misunderstands; values: same columns, other numbers; compatible: readers go on; words."""

ORDER: Final[tuple[Weight, ...]] = ("breaking", "values", "compatible", "words")


@dataclass(frozen=True)
class Change:
    """One difference: what it is about, how heavy it is, and why, in words."""

    subject: str
    weight: Weight
    what: str

    def __str__(self) -> str:
        return self.what if self.what.startswith("its ") else self.listed

    @property
    def listed(self) -> str:
        """Tell it with its subject before it, once, as in a list of changes."""
        return self.what if self.what.startswith(f"`{self.subject}`") else f"`{self.subject}` {self.what}"


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """List what differs between two cards, the heaviest first."""
    changes = [*_of_the_set(old, new), *_of_features(old, new), *_of_sources(old, new)]
    if old["digest"] != new["digest"] and not any(change.weight in ("breaking", "values") for change in changes):
        changes.append(
            Change(new["name"], "values", "its code or an expression differs: the same columns may hold other values")
        )
    return tuple(sorted(changes, key=lambda change: (ORDER.index(change.weight), change.subject)))


def demanded(changes: tuple[Change, ...], old: str) -> str:
    """Give the least version that may carry these changes, after `old`."""
    major, minor, patch = (int(part) for part in old.split("."))
    weights = {change.weight for change in changes}
    if "breaking" in weights:
        return f"{major + 1}.0.0"
    if weights & {"values", "compatible"}:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}" if weights else old


def _of_the_set(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key, why in (
        ("entity", "rows are about something else"),
        ("table", "rows come from another table"),
        ("zone", "days begin at other instants"),
        ("decided", "features are told as of another moment"),
    ):
        if old[key] != new[key]:
            yield Change(key, "breaking", f"{old[key]} became {new[key]}: {why}")
    for key in ("lookback_days", "reach_days"):
        if old[key] != new[key]:
            yield Change(key, "values", f"{old[key]} became {new[key]}: other facts may enter")
    if old["description"] != new["description"]:
        yield Change(new["name"], "words", "is described in other words")


def _of_features(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before = {feature["name"]: feature for feature in old["features"]}
    after = {feature["name"]: feature for feature in new["features"]}
    for name in before.keys() - after.keys():
        yield Change(name, "breaking", "was removed: whoever reads it fails")
    for name in after.keys() - before.keys():
        yield Change(name, "compatible", f"was added ({after[name]['type']}, {after[name]['unit']})")
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        if one["type"] != other["type"]:
            yield Change(name, "breaking", f"was {one['type']} and is {other['type']}")
        if one["unit"] != other["unit"]:
            yield Change(
                name, "breaking", f"was in {one['unit']} and is in {other['unit']}: the number means other things"
            )
        if one["kind"] != other["kind"] or sorted(one["sources"]) != sorted(other["sources"]):
            yield Change(name, "values", "is made in another way, or from other columns")
        if one["view"] != other["view"]:
            yield Change(name, "values", f"moved from view {one['view']} to {other['view']}: another proof covers it")
        if one["description"] != other["description"]:
            yield Change(name, "words", "is described in other words")
    shared = [name for name in before if name in after]
    if shared != [name for name in after if name in before]:
        yield Change("order", "values", "the order of the columns changed: models are trained on columns in order")
    for view in {view["name"] for view in old["views"]} - {view["name"] for view in new["views"]}:
        yield Change(f"{view}_known_at", "breaking", "the proof of this view was removed")


def _of_sources(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before = {source["name"]: source for source in old["sources"]}
    for source in new["sources"]:
        was = before.get(source["name"])
        if was is not None and (was["known_at"], was["table"]) != (source["known_at"], source["table"]):
            yield Change(
                source["name"],
                "values",
                f"its facts count from {source['table']}.{source['known_at']}, before from "
                f"{was['table']}.{was['known_at']}",
            )
