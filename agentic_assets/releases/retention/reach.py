"""What is reachable: publications that are retained for a reason, and everything that those were made from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from agentic_assets.pipeline import Entry

__all__ = ["Why", "retained", "version_of"]


class Why(StrEnum):
    """Why a publication stays; of several reasons, the first."""

    CURRENT = "published now"
    RESTORED = "set back to by order"
    DECIDED = "decided, sealed or done within the retention time"
    ANSWERED = "decisions that people answered"
    RELEASED = "made under a retained release"
    LATELY = "superseded less than a day ago"
    ALONE = "of assets that are not looked after here"
    BEHIND = "what all these were made from"


def version_of(entry: Entry) -> tuple[str, str, str]:
    """Name what an entry published: asset, partition, data version."""
    return entry.asset, entry.partition, entry.data_version


def retained(entries: Sequence[Entry], roots: Mapping[Why, Iterable[int]]) -> dict[int, Why]:
    """Give the places of the entries that have to stay, with the reason; `entries` stand oldest first.

    What an entry read may have been published several times with the same bytes. Two of these are behind it: the one
    that it did read, and the newest, which whoever asks for these bytes now is given.
    """
    published: dict[tuple[str, str, str], list[int]] = {}
    for place, entry in enumerate(entries):
        published.setdefault(version_of(entry), []).append(place)
    found: dict[int, Why] = {}
    for why in Why:
        for place in sorted(roots.get(why, ())):
            found.setdefault(place, why)
    waiting = list(found)
    while waiting:
        place = waiting.pop()
        for asset, partitions in entries[place].inputs.items():
            for partition, data_version in partitions.items():
                same = published.get((asset, partition, data_version), ())
                read = bisect_left(same, place) - 1
                for behind in {*same[-1:], *same[max(read, 0) : read + 1]}:
                    if behind not in found:
                        found[behind] = Why.BEHIND
                        waiting.append(behind)
    return found
