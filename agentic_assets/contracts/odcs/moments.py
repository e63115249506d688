"""Formats of dates and times: patterns as the JDK writes them, as polars parses them."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

__all__ = ["strptime", "works"]

_FIELDS: Final = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "uu": "%y", "y": "%Y", "u": "%Y",
    "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "DDD": "%j", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "ss": "%S", "a": "%p",
    "X": "%#z", "XX": "%#z", "XXX": "%#z", "x": "%#z", "xx": "%#z", "xxx": "%#z", "Z": "%#z", "ZZZZZ": "%#z",
}  # fmt: skip
_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)


def works(pattern: str, dtype: pl.DataType) -> bool:
    """Say whether polars reads and writes values of a type in a format: not, say, an hour of 12 without am or pm."""
    if dtype != pl.String and "%Y" not in pattern and "%y" not in pattern:
        return False  # a day without its year
    kind = pl.Time if dtype == pl.String else pl.Date if dtype == pl.Date else pl.Datetime("us")
    sample = pl.Series([0], dtype=pl.Int32).cast(pl.Int64 if kind != pl.Date else pl.Int32).cast(kind)
    try:
        texts = sample.dt.strftime(pattern.replace("%#z", "+00:00"))
        if dtype == pl.Date:
            read = texts.str.to_date(pattern, strict=False)
        elif dtype == pl.String:
            read = texts.str.to_time(pattern, strict=False)
        else:
            read = texts.str.to_datetime(pattern, strict=False, time_unit="us")
    except pl.exceptions.PolarsError:
        return False
    return not read.null_count()


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
