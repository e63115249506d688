"""Checks that depend on texts and code alone: what passed one needs not pass it again."""

from __future__ import annotations

import atexit
import sys
from functools import cache
from pathlib import Path
from typing import Any

import agentic_assets
from agentic_assets.versions.code import of_rooms
from agentic_assets.versions.fingerprint import of_json
from agentic_assets.versions.memory import Memory, remembered_in

__all__ = ["Passed"]

_LIBRARIES = ("polars", "pyyaml", "jsonschema-rs", "open-data-contract-standard")


class Passed:
    """Remembers for this user what passed a check, by that check's name; a change of the library forgets all of it.

    Only that something passed is remembered, never what it came to: who edits the memory has a check left out, and the
    fault shows where it does its harm, later and with a worse message.
    """

    def __init__(self, check: str) -> None:
        self._check = check

    def __contains__(self, said: Any) -> bool:
        """Say whether a JSON value passed."""
        return _memory(remembered_in(_name())).get(of_json([self._check, said])) is not None

    def add(self, said: Any) -> None:
        """Note that a JSON value passed."""
        _memory(remembered_in(_name())).put(of_json([self._check, said]), 1)


@cache
def _name() -> str:
    """Name the memory by all that the checks are made of."""
    from importlib.metadata import version

    folder = Path(next(iter(agentic_assets.__path__)))
    made_of = [sys.version, *map(version, _LIBRARIES), of_rooms(folder, ("contracts", "features", "versions"))]
    return f"passed-{of_json(made_of)[:16]}"


@cache
def _memory(file: Path) -> Memory:
    memory = Memory(file)
    atexit.register(memory.write)
    return memory
