"""Strings as points on a line: the words that a policy names stand at 0, 1, 2, ...; all others lie between them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

__all__ = ["Words"]

_PLAIN: Final = ("other", "another", "a", "x", "z")
_LAST: Final = "\U0010ffff"


class Words:
    """The words of a policy in the order of their code points, which is the order of both backends; "" is the least."""

    def __init__(self, words: Iterable[str]) -> None:
        """Sort the words."""
        self._words = sorted({"", *words})
        self._places = {word: place for place, word in enumerate(self._words)}

    @property
    def without_between(self) -> tuple[int, ...]:
        """Give the places of words after which the next one follows at once: nothing lies between 'a' and 'a' + NUL."""
        return tuple(
            place
            for place, (word, following) in enumerate(zip(self._words, self._words[1:], strict=False))
            if following == f"{word}\0"
        )

    def place(self, word: str) -> int:
        """Give the place of a word of the policy; raises KeyError for another."""
        return self._places[word]

    def at(self, point: Fraction, taken: dict[Fraction, str]) -> str:
        """Give a string that stands at a point; points between two words get strings between them, in their order.

        `taken` holds what was given in the same row already. Where the room between two words is too small for what
        is asked, the answer is a string that does not stand where it should: whoever asks tries the row anyway.
        """
        if point.denominator == 1 and point < len(self._words):
            return self._words[int(point)]
        if point not in taken:
            low = min(int(point), len(self._words) - 1)
            below, above = self._words[low], self._words[low + 1] if low + 1 < len(self._words) else _LAST
            lower = max([below, *(word for at, word in taken.items() if at < point)])
            upper = min([above, *(word for at, word in taken.items() if at > point)])
            taken[point] = self._between(lower, upper)
        return taken[point]

    def _between(self, low: str, high: str) -> str:
        tried = (*_PLAIN, *(f"{low}{more}" for more in ("a", "A", "0", " ", "\0")), f"{low}\0\0")
        return next((word for word in tried if low < word < high and word not in self._places), low)
