"""What is reachable: the versions that something retained is, and everything that those were made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from agentic_assets.pipeline import Entry

__all__ = ["Version", "Why", "retained", "version_of"]

Version = tuple[str, str, str]
"""Asset, partition, data version."""


class Why(StrEnum):
    """Why a version stays; of several reasons, the first."""

    CURRENT = "published now"
    RESTORED = "set back to by order"
    DECIDED = "decided, sealed or done within the retention time"
    ANSWERED = "decisions that people answered"
    RELEASED = "made under a retained release"
    LATELY = "superseded less than a day ago"
    ALONE = "of assets that are not looked after here"
    BEHIND = "what all these were made from"


def version_of(entry: Entry) -> Version:
    """Name the version that an entry published."""
    return entry.asset, entry.partition, entry.data_version


def retained(entries: Sequence[Entry], roots: Mapping[Why, Iterable[Version]]) -> dict[Version, Why]:
    """Give every version that has to stay, with the reason.

    A version that was published more than once stays with the inputs of every time: each may be asked for.
    """
    published: dict[Version, list[Entry]] = {}
    for entry in entries:
        published.setdefault(version_of(entry), []).append(entry)
    found: dict[Version, Why] = {}
    for why in Why:
        for version in roots.get(why, ()):
            if version in published:
                found.setdefault(version, why)
    waiting = list(found)
    while waiting:
        for entry in published[waiting.pop()]:
            for asset, partitions in entry.inputs.items():
                for partition, data_version in partitions.items():
                    version = (asset, partition, data_version)
                    if version not in found and version in published:
                        found[version] = Why.BEHIND
                        waiting.append(version)
    return found
