"""What texts look like: a format, the pattern of a code, or only how long they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs.patterns import FORMATS, full_match

__all__ = ["shape"]

_SAMPLE: Final = 2_000
_FEWEST: Final = 20
_LONGEST_CODE: Final = 40
_LONGEST_WORD: Final = 5
_MOST_RUNS: Final = 12
_ROOM: Final = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000)
_RUN: Final = re.compile("[0-9]+|[A-Z]+|[^0-9A-Z]", re.DOTALL)
_CLASSES: Final = (
    ("[0-9]", "0123456789"),
    ("[A-Z]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("[a-z]", "abcdefghijklmnopqrstuvwxyz"),
    ("[0-9a-f]", "0123456789abcdef"),
    ("[0-9A-Z]", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
_PUNCTUATION: Final = frozenset("-_/.:+#@ ,;=()&")


def shape(values: pl.Series) -> dict[str, Any]:
    """Propose `format`, `pattern`, or `minLength` and `maxLength` for texts; every one of the values keeps it.

    Candidates come from the first values, and are held against all of them.
    """
    there = values.drop_nulls()
    if there.is_empty():
        return {}
    distinct = there.unique(maintain_order=True)
    for name in ("uuid", "email", "ipv4"):
        if bool(distinct.str.contains(full_match(FORMATS[name])).all()):
            return {"format": name}
    if there.len() >= _FEWEST and distinct.len() > 1:
        for pattern in _candidates(distinct.head(_SAMPLE).to_list()):
            if bool(distinct.str.contains(full_match(pattern)).all()):
                return {"pattern": pattern}
    lengths = distinct.str.len_chars()
    shortest, longest = int(lengths.min()), int(lengths.max())  # type: ignore[arg-type]
    found: dict[str, Any] = {"minLength": 1} if shortest else {}
    room = next((length for length in _ROOM if length >= longest), None)
    return found | ({"maxLength": room} if room else {})


def _candidates(texts: Sequence[str]) -> list[str]:
    found = [_by_runs(texts), _by_places(texts), _by_letters(texts)]
    return [f"^{pattern}$" for pattern in found if pattern]


def _by_runs(texts: Sequence[str]) -> str | None:
    """Find codes of parts: runs of digits and of capitals, parted by the same signs in every text."""
    cut = [_RUN.findall(text) for text in texts]
    kinds = [tuple(_kind(run) for run in runs) for runs in cut]
    if len(set(kinds)) != 1 or not 0 < len(kinds[0]) <= _MOST_RUNS or None in kinds[0]:
        return None
    pattern = ""
    for position, kind in enumerate(kinds[0]):
        lengths = [len(runs[position]) for runs in cut]
        if kind in ("[0-9]", "[A-Z]"):
            if kind == "[A-Z]" and max(lengths) > _LONGEST_WORD and min(lengths) != max(lengths):
                return None  # these are words, not codes
            pattern += f"{kind}{_times(min(lengths), max(lengths))}"
        else:
            pattern += _literal(str(kind))
    return pattern


def _kind(run: str) -> str | None:
    if run[0] in "0123456789":
        return "[0-9]"
    if run[0].isascii() and run[0].isupper():
        return "[A-Z]"
    return run if run in _PUNCTUATION else None


def _by_places(texts: Sequence[str]) -> str | None:
    """Find codes of one length by what stands in each place."""
    length = len(texts[0])
    if not 0 < length <= _LONGEST_CODE or any(len(text) != length for text in texts):
        return None
    places: list[str] = []
    for position in range(length):
        seen = {text[position] for text in texts}
        known = next((name for name, signs in _CLASSES if seen <= set(signs)), None)
        if known is None and len(seen) == 1 and seen <= _PUNCTUATION:
            [sign] = seen
            known = _literal(sign)
        if known is None:
            return None
        places.append(known)
    pattern = ""
    while places:
        same = next((n for n, place in enumerate(places) if place != places[0]), len(places))
        pattern += f"{places[0]}{_times(same, same)}"
        places = places[same:]
    return pattern


def _by_letters(texts: Sequence[str]) -> str | None:
    """Find short codes of capitals and digits in any order, some of which have both."""
    lengths = [len(text) for text in texts]
    plain = all(text and set(text) <= set(_CLASSES[-1][1]) for text in texts)
    if not plain or max(lengths) > 12 or not any(any(char.isdigit() for char in text) for text in texts):
        return None
    return f"[0-9A-Z]{_times(min(lengths), max(lengths))}"


def _literal(sign: str) -> str:
    return re.escape(sign) if sign in ".+()" else sign


def _times(least: int, most: int) -> str:
    if least == most:
        return "" if least == 1 else f"{{{least}}}"
    return f"{{{least},{most}}}"
