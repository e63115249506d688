"""Text patterns: ECMA-262 as contracts write them, Rust regular expressions as polars runs them."""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

__all__ = ["FORMATS", "full_match", "time_zones"]

# In ECMA these classes are ASCII; in Rust they take every script, so that '٣' would pass as a digit.
_CLASSES: Final = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}

_HEX4: Final = "[0-9A-Fa-f]{4}"
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LABEL: Final = "[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_PART: Final = "[0-9A-Fa-f]{1,4}"
_SIX: Final = f"{_PART}(?::{_PART}){{7}}"
FORMATS: Final[dict[str, str]] = {
    "uuid": f"[0-9A-Fa-f]{{8}}-{_HEX4}-{_HEX4}-{_HEX4}-[0-9A-Fa-f]{{12}}",
    "email": f"[^@\\s]{{1,64}}@(?:{_LABEL}\\.)+{_LABEL}",
    "uri": "[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+",
    "hostname": f"(?:{_LABEL}\\.)*{_LABEL}",
    "ipv4": f"{_OCTET}(?:\\.{_OCTET}){{3}}",
    "ipv6": f"(?:{_SIX}|(?:{_PART}(?::{_PART}){{0,6}})?::(?:{_PART}(?::{_PART}){{0,6}})?)",
    "byte": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}


@cache
def full_match(pattern: str) -> str:
    """Translate an ECMA pattern into a Rust one that must match the whole text.

    Raises ValueError with the reason when polars cannot run it: look-around, back references, a syntax error.
    """
    translated = f"^(?:{_translate(pattern)})$"
    try:
        pl.select(pl.lit("").str.contains(translated, strict=True))
    except pl.exceptions.PolarsError as error:
        reason = [line.removeprefix("error: ") for line in str(error).splitlines() if line.startswith("error")]
        raise ValueError(reason[0] if reason else str(error).partition("\n")[0]) from error
    return translated


def _translate(pattern: str) -> str:
    result: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            following = pattern[position + 1]
            result.append(_CLASSES.get(following, char + following))
            position += 2
            continue
        if in_class and char in "[&~":  # Rust gives these a meaning inside a class, ECMA does not
            result.append("\\" + char)
        else:
            result.append(char)
            if char == "[":
                in_class = True
            elif char == "]":
                in_class = False
        position += 1
    return "".join(result)


@cache
def time_zones() -> tuple[str, ...]:
    """List the IANA time zones of the pinned `tzdata`, so that every machine knows the same ones."""
    from importlib import resources

    return tuple(sorted(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()))
