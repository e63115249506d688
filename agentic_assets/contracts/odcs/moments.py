"""Formats of dates and times: patterns as the JDK writes them, as polars parses them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["strptime"]

_FIELDS: Final = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "uu": "%y", "y": "%Y", "u": "%Y",
    "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "DDD": "%j", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "ss": "%S", "a": "%p",
    "X": "%#z", "XX": "%#z", "XXX": "%#z", "x": "%#z", "xx": "%#z", "xxx": "%#z", "Z": "%#z", "ZZZZZ": "%#z",
}  # fmt: skip
_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)


def strptime(pattern: str) -> str | None:
    """Translate a pattern; give None where it holds a field that cannot be parsed here."""
    result: list[str] = []
    for token in _TOKEN.finditer(pattern):
        whole = token.group()
        if token[1] is not None:
            result.append((token[1] or "'").replace("''", "'").replace("%", "%%"))
        elif token[3] is not None:
            if token[3] in "%#{}[]'":
                return None  # optional parts and reserved signs; `%` is how other tools write their formats
            result.append(token[3])
        elif set(whole) == {"S"} and len(whole) in (3, 6, 9):
            after_point = bool(result) and result[-1] == "."
            result[-1:] = [f"%.{len(whole)}f"] if after_point else [*result[-1:], f"%{len(whole)}f"]
        elif whole in _FIELDS:
            result.append(_FIELDS[whole])
        else:
            return None
    text = "".join(result)
    return text if "%" in text else None
