"""Write plain values as TOML in one way only, laid out to be read in a diff: a fact a line, keys sorted.

Libraries that write TOML lay it out in their own ways, which may change with their versions; the bytes of a file in git
may not. Python's own `tomllib` reads it back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["lines_of", "quoted", "with_nulls"]

_WIDTH: Final = 120
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_FIRST: Final = ("name", "id")
_NULL: Final = {"null": True}
"""What stands for null, which TOML does not have."""


def lines_of(key: str, value: Any) -> Iterator[str]:
    """Write `key = value`: on one line where it fits, else an item a line."""
    short = f"{key} = {_inline(value)}"
    if len(short) <= _WIDTH or not value or not isinstance(value, Mapping | list | tuple):
        yield short
    elif isinstance(value, Mapping):
        for name in _ordered(value):
            yield from lines_of(f"{key}.{quoted(name)}", value[name])
    else:
        yield f"{key} = ["
        yield from (f"  {_inline(item)}," for item in value)
        yield "]"


def quoted(key: str) -> str:
    """Write a key, in quotes where it needs them."""
    return key if _BARE.fullmatch(key) else _text(key)


def with_nulls(value: Any) -> Any:
    """Put nulls back into what was read."""
    if value == _NULL:
        return None
    if isinstance(value, dict):
        return {key: with_nulls(held) for key, held in value.items()}
    return [with_nulls(held) for held in value] if isinstance(value, list) else value


def _inline(value: Any) -> str:
    if value is None:
        return _inline(_NULL)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{quoted(name)} = {_inline(value[name])}" for name in _ordered(value))
        return f"{{{pairs}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(item) for item in value)}]"
    return repr(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _ordered(value: Mapping[str, Any]) -> list[str]:
    return sorted(value, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
