"""Predicates that a domain registers in Python, so that a contract can name them; a contract's text is never run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

__all__ = ["Predicate", "names", "predicate", "put", "registered", "standing"]

Predicate = Callable[..., pl.Expr]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_known: dict[str, Predicate] = {}


def predicate(name: str) -> Callable[[Predicate], Predicate]:
    """Register a function under a name, e.g. `departures.id_names_the_flight`, for checks of `engine: agentic`.

    The function gives a polars expression that is true for rows that keep the promise. On a property it is called
    with the column's name, then the check's arguments by name; on a table with the arguments alone. Raises ValueError
    for a name of another form, and for one that another function holds.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r:.80} names no predicate: write lower case words, joined by dots")

    def register(function: Predicate) -> Predicate:
        held = _known.setdefault(name, function)
        if (held.__module__, held.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"the predicate {name} is already {held.__module__}.{held.__qualname__}")
        _known[name] = function  # a module that is loaded again replaces its own
        return function

    return register


def registered(name: str) -> Predicate | None:
    """Give the function of a name, None when there is none."""
    return _known.get(name)


def names() -> tuple[str, ...]:
    """List what is registered, in order."""
    return tuple(sorted(_known))


def standing() -> tuple[tuple[str, Predicate], ...]:
    """List the functions under their names: what a contract means by a name may change while a process runs."""
    return tuple(sorted(_known.items(), key=lambda item: item[0]))


def put(functions: Mapping[str, Predicate]) -> None:
    """Let exactly these functions stand under their names: another version of a domain has others."""
    _known.clear()
    _known.update(functions)
