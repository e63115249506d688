"""What a function brings along from where it was made."""

from __future__ import annotations

from typing import Any

__all__ = ["closed_over"]


def closed_over(function: Any) -> dict[str, Any]:
    """Give the values that a function closes over, by name; a name that has no value yet is left out."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    found = {}
    for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # it is given one later, as a function that calls itself is
            continue
    return found
