"""A contract's pattern for engines that are neither ECMA's nor polars': whole match, ASCII classes, few escapes."""

from __future__ import annotations

import re
from typing import Final

from agentic_assets.contracts.export.unsaid import Unsayable

__all__ = ["portable", "posix"]

_INSIDE: Final = {"d": "0-9", "w": "0-9A-Za-z_"}
_OUTSIDE: Final = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}


def portable(pattern: str) -> str:
    r"""Write a pattern so that it matches whole texts wherever it is searched; `\d` and `\w` are spelt out as ASCII."""
    return _whole("".join(part for part, _ in _parts(pattern)))


def posix(pattern: str) -> str:
    """Write a pattern for PostgreSQL; raise Unsayable where its regular expressions mean something else or nothing."""
    result: list[str] = []
    for part, in_class in _parts(pattern):
        if part.startswith("\\") and (part[1:].isalnum() and part[1:] not in ("t", "n", "r", "f", "v", "s", "S")):
            raise Unsayable(f"PostgreSQL reads {part} differently")
        if in_class and part in ("[", "\\s", "\\S"):
            raise Unsayable(f"PostgreSQL reads {part} within brackets differently")
        result.append(part)
    text = "".join(result)
    if re.search(r"\(\?(?!:)", text):
        raise Unsayable("PostgreSQL has no such group")
    if re.search(r"[*+?}][?+]", text):
        raise Unsayable("PostgreSQL mixes greedy and reluctant repetition differently")
    return _whole(text)


def _whole(text: str) -> str:
    """Anchor a pattern at both ends; without an alternative, it needs no brackets for that."""
    if "|" in text:
        return f"^(?:{text})$"
    anchored = text.endswith("$") and not text.endswith("\\$")
    return f"{'' if text.startswith('^') else '^'}{text}{'' if anchored else '$'}"


def _parts(pattern: str) -> list[tuple[str, bool]]:
    """Cut a pattern into characters and escapes, each with whether it stands within brackets."""
    found: list[tuple[str, bool]] = []
    in_class = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            following = pattern[position + 1]
            known = _INSIDE if in_class else _OUTSIDE
            found.append((known.get(following, char + following), in_class))
            position += 2
            continue
        found.append((char, in_class))
        if char == "[" and not in_class:
            in_class = True
        elif char == "]":
            in_class = False
        position += 1
    return found
