"""Name how a list of records differs from the list that was sealed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["MOST_BREAKS", "Break", "bounded", "differences"]

MOST_BREAKS = 20


@dataclass(frozen=True)
class Break:
    """One difference between what was sealed and what is there.

    Of a record: `flipped`, `dropped`, `added`, `duplicated`, `reordered`, `mislabelled` (its bytes are as sealed, its
    decision id is not). Of a partition: `unsealed`, `checkpoint` (text or signature), `row` (the stored columns
    contradict the signed checkpoint), `leaves` and `ids` (the stored lists do not fit the signed root), `root`.
    Of the log: `missing`, `rewritten`, `truncated`, `unsigned`, `head`. `more` counts what a bounded list leaves out.

    `position` counts from 0, among the sealed records for what was dropped, else among the records that were given;
    of the log it is the index of the entry.
    """

    kind: str
    partition: str
    decision_id: str
    position: int | None
    detail: str


def differences(
    partition: str,
    sealed: Sequence[tuple[str, bytes]],
    found: Sequence[tuple[str, bytes]],
) -> list[Break]:
    """Compare (decision id, leaf hash) lists and name every record that differs, in order of position."""
    place: dict[str, int] = {}
    for position, (name, _) in enumerate(sealed):
        place.setdefault(name, position)
    kept = _originals(sealed, found, place)
    breaks = []
    for position, (name, leaf) in enumerate(found):
        if name not in place:
            breaks.append(Break("added", partition, name, position, "was not sealed"))
        elif kept[name] != position:
            breaks.append(Break("duplicated", partition, name, position, f"also stands at {kept[name]}"))
        elif leaf != sealed[place[name]][1]:
            breaks.append(Break("flipped", partition, name, position, "its bytes are not those that were sealed"))
    breaks += [
        Break("dropped", partition, name, position, "was sealed and is not there")
        for name, position in place.items()
        if name not in kept
    ]
    order = sorted(kept.items(), key=lambda item: item[1])
    in_order = set(_longest_increasing([place[name] for name, _ in order]))
    breaks += [
        Break("reordered", partition, name, position, f"was sealed at {place[name]}")
        for name, position in order
        if place[name] not in in_order
    ]
    return sorted(breaks, key=lambda found: (found.position or 0, found.kind, found.decision_id))


def bounded(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """Keep the first 20, and count the rest by kind."""
    every = tuple(breaks)
    rest = Counter(item.kind for item in every[MOST_BREAKS:])
    if not rest:
        return every
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(rest.items()))
    more = Break("more", every[0].partition, "", None, f"and {rest.total():,} more: {kinds}")
    return (*every[:MOST_BREAKS], more)


def _originals(
    sealed: Sequence[tuple[str, bytes]], found: Sequence[tuple[str, bytes]], place: dict[str, int]
) -> dict[str, int]:
    # Of several records with one id, the one with the sealed bytes is the original, else the first.
    originals: dict[str, int] = {}
    for position, (name, leaf) in enumerate(found):
        if name not in place:
            continue
        right = sealed[place[name]][1]
        if name not in originals or (leaf == right and found[originals[name]][1] != right):
            originals[name] = position
    return originals


def _longest_increasing(values: Sequence[int]) -> list[int]:
    """Give a longest increasing subsequence: what is outside it is the least that must have moved."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(tails, value)
        before.append(at[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            at.append(index)
        else:
            tails[length] = value
            at[length] = index
    chain = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(values[index])
        index = before[index]
    return chain
