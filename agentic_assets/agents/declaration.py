"""Read a declaration in YAML (an agent's spec, a policy) field by field, and say the line of what is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from agentic_assets.contracts.odcs.document import Document, Place, place_text
from agentic_assets.contracts.odcs.document import read as read_document
from agentic_assets.errors import AgenticError, ContractInvalid

__all__ = ["NAME", "VERSION", "Declaration", "read_declaration"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")


def read_declaration(path: Path, error: type[AgenticError]) -> Declaration:
    """Read one YAML mapping (no repeated keys, no tags, at most 1 MB); raises `error`."""
    try:
        document = read_document(path, path.name)
    except ContractInvalid as refused:
        raise error(refused.what, hint="write one plain YAML mapping, as the files beside it do") from refused
    return Declaration(document, document.value, (), error)


@dataclass(frozen=True)
class Declaration:
    """One mapping of a file; each reader checks one field and raises the declaration's error with file and line."""

    document: Document
    value: dict[str, Any]
    place: Place
    error: type[AgenticError]

    def only(self, *keys: str) -> None:
        """Refuse any key that is not one of these."""
        for key in self.value:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"the keys here are {', '.join(keys)}"
                self.refuse(key, f"unknown key `{key[:60]}` in {place_text(self.place)}", hint)

    def has(self, key: str) -> bool:
        """Say whether a field is there and not null."""
        return self.value.get(key) is not None

    def text(self, key: str, pattern: re.Pattern[str] | None = None) -> str:
        """Read text, not empty, that matches the whole pattern."""
        value = self._required(key)
        if not isinstance(value, str) or not value.strip():
            self._mistyped(key, value, "text")
        if pattern is not None and not pattern.fullmatch(value):
            self.refuse(key, f"`{key}` is {value[:60]!r}", f"it must match {pattern.pattern}")
        return value.strip()

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Read one of a few words."""
        value = self.text(key)
        if value not in choices:
            self.refuse(key, f"`{key}` is {value[:60]!r}", f"use one of {', '.join(choices)}")
        return value

    def integer(self, key: str, *, minimum: int) -> int:
        """Read a whole number of at least `minimum`."""
        value = self._required(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self._mistyped(key, value, "a whole number")
        if value < minimum or value >= 2**63:
            self.refuse(key, f"`{key}` is {value}", f"it must be at least {minimum} and fit 64 bits")
        return value

    def day(self, key: str) -> date:
        """Read a date as 2013-12-31."""
        value = self.text(key)
        try:
            if not _DAY.fullmatch(value):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(key, f"`{key}` is {value[:60]!r}, not a date", "write it as 2013-12-31")

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts: at least one, none twice."""
        value = self._required(key)
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(item, str) and item.strip() for item in value)
        ):
            self._mistyped(key, value, "a list of texts")
        if len(set(value)) != len(value):
            twice = next(item for item in value if value.count(item) > 1)
            self.refuse(key, f"`{key}` names {twice[:60]!r} twice", "keep one of the two")
        return tuple(item.strip() for item in value)

    def section(self, key: str) -> Declaration:
        """Read a mapping."""
        value = self._required(key)
        if not isinstance(value, dict):
            self._mistyped(key, value, "a mapping")
        return Declaration(self.document, value, (*self.place, key), self.error)

    def sections(self, key: str) -> tuple[Declaration, ...]:
        """Read a list of mappings; none when the key is not there."""
        value = [] if self.value.get(key) is None else self.value[key]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._mistyped(key, value, "a list of mappings")
        return tuple(
            Declaration(self.document, item, (*self.place, key, index), self.error) for index, item in enumerate(value)
        )

    def where(self, key: str | None = None) -> str:
        """Name the file and the line of a field, or of the whole mapping."""
        return f"{self.document.name}:{self.document.line(self.place if key is None else (*self.place, key))}"

    def refuse(self, key: str | None, what: str, hint: str) -> NoReturn:
        """Raise the declaration's error at a field."""
        raise self.error(f"{self.where(key)}: {what}", hint=hint)

    def _required(self, key: str) -> Any:
        if self.value.get(key) is None:
            self.refuse(None, f"{place_text(self.place)} has no `{key}`", f"add `{key}:`")
        return self.value[key]

    def _mistyped(self, key: str, value: object, wanted: str) -> NoReturn:
        self.refuse(key, f"`{key}` is {repr(value)[:60]}, not {wanted}", f"write {wanted}")
