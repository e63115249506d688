"""How a JSON Schema is held equal to the reader of the same file: every key, and what either refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from agentic_assets.agents.declaration import Declaration
from agentic_assets.contracts.odcs.document import read as parsed
from agentic_assets.errors import AgenticError

__all__ = ["compared", "keys_of", "keys_read"]

Place = tuple[str | int, ...]

_STRANGE: tuple[Any, ...] = (None, "", " ", "x", "none", 0, -1, 7, 0.5, True, [], ["x", "x"], {}, {"x": 1}, 2**63)


def compared(path: Path, schema: dict[str, Any], read: Callable[[Path], object]) -> tuple[list[str], list[str]]:
    """Change a file at every place in many ways: name the changes that one of schema and reader refuses alone."""
    validator = jsonschema.Draft202012Validator(schema)
    document = parsed(path, path.name).value
    changed = path.with_name(f"changed.{path.name}")
    by_schema, by_reader = [], []
    for what, content in _mutations(document):
        changed.write_text(yaml.safe_dump(content))
        refused = _refused(lambda: read(changed))
        if not validator.is_valid(content) and not refused:
            by_schema.append(what)
        if validator.is_valid(content) and refused:
            by_reader.append(what)
    return by_schema, by_reader


def keys_read(read: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Read a file, and note which keys the reader permits in each mapping; places in lists are one place."""
    seen: dict[str, set[str]] = {}
    only = Declaration.only

    def noting(self: Declaration, *keys: str) -> None:
        seen.setdefault(_told(self.place), set()).update(keys)
        only(self, *keys)

    monkeypatch.setattr(Declaration, "only", noting)
    read()
    monkeypatch.undo()
    return seen


def keys_of(shape: dict[str, Any], place: Place = ()) -> Iterator[tuple[str, set[str]]]:
    """Give the keys that a schema permits in each mapping whose keys are fixed."""
    if shape.get("additionalProperties") is False:
        yield _told(place), set(shape["properties"])
    for key, part in shape.get("properties", {}).items():
        yield from keys_of(part, (*place, key))
    if isinstance(shape.get("items"), dict):
        yield from keys_of(shape["items"], (*place, 0))
    for part in shape.get("anyOf", []):
        yield from keys_of(part, place)


def _mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Give the document changed at one place: a key dropped, a strange key added, a value replaced."""
    for place in _places(document):
        for what, change in _changes(document, place):
            changed = copy.deepcopy(document)
            change(changed)
            yield f"{_told(place)}: {what}", changed


def _refused(read: Callable[[], object]) -> bool:
    """Say whether a reader refuses; anything but an error of ours is a bug and is let through."""
    try:
        read()
    except AgenticError:
        return True
    return False


def _changes(document: Any, place: Place) -> Iterator[tuple[str, Callable[[Any], None]]]:
    value = _at(document, place)
    if place:
        yield "dropped", lambda changed: _at(changed, place[:-1]).pop(place[-1])
        for strange in _STRANGE:
            yield f"{strange!r}", lambda changed, strange=strange: _put(changed, place, strange)  # type: ignore[misc]
    if isinstance(value, dict):
        yield "a strange key", lambda changed: _at(changed, place).update(strange=1)


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _places(part, (*place, key))


def _at(value: Any, place: Place) -> Any:
    for part in place:
        value = value[part]
    return value


def _put(value: Any, place: Place, new: Any) -> None:
    _at(value, place[:-1])[place[-1]] = new


def _told(place: Place) -> str:
    return ".".join("[]" if isinstance(part, int) else part for part in place)
