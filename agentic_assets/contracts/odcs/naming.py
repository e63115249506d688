"""Names: what a column may be called, and the dataset name under which a table can be a folder."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["column_fault", "dataset_of", "table_fault"]

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LONGEST: Final = 255


def dataset_of(name: str) -> str:
    """Give the dataset of a table: its name where that is a plain one, else the nearest plain name; "" for none."""
    if _PLAIN.fullmatch(name):
        return name
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9]+", "_", latin).strip("_")[:127]
    return f"_{plain}" if plain[:1].isdigit() else plain


def table_fault(name: str) -> str | None:
    """Say why a table's name cannot become a folder; None when it can."""
    if "/" in name or "\\" in name or ".." in name or _unprintable(name):
        return "holds signs of a path, or such as cannot be printed"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    return None if dataset_of(name) else "has no letter or digit of the Latin alphabet"


def column_fault(name: str) -> str | None:
    """Say why a column cannot have that name; None when it can. Dots, spaces, dashes and any script are allowed."""
    if not name.strip() or name != name.strip():
        return "is empty, or begins or ends with a space"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if _unprintable(name):
        return "holds characters that cannot be printed"
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return "would stand for several columns, as a pattern"
    return None


def _unprintable(name: str) -> bool:
    return not all(char.isprintable() for char in name)
