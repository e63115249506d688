"""Lint a contract file: everything that is wrong, doubtful or not enforced in it, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.odcs.document import Document, Unreadable, place_text
from agentic_assets.contracts.odcs.load import Draft, draft, shown_path
from agentic_assets.contracts.odcs.problem import Problem
from agentic_assets.contracts.odcs.smells.checks import of_checks
from agentic_assets.contracts.odcs.smells.columns import of_columns
from agentic_assets.contracts.odcs.smells.file import of_file, of_table
from agentic_assets.contracts.odcs.smells.smell import Smell, Table
from agentic_assets.contracts.odcs.smells.values import of_values

__all__ = ["Level", "Lint", "Note", "lint"]

Level = Literal["error", "warning", "info"]
_DOUBTFUL: Final = frozenset({"unknown-key", "type-contradiction"})


@dataclass(frozen=True)
class Note:
    """One thing that the lint says: its rule (a stable name), how much it matters, where (line from 1), what to do.

    An error is wrong: the file is refused, or the promise at this place was left out because it cannot be meant. A
    warning is most likely a mistake. An info names what nothing enforces, or what readers would like to know.
    """

    rule: str
    severity: Level
    path: str
    line: int
    message: str
    hint: str
    place: str


@dataclass(frozen=True)
class Lint:
    """All notes on one file, by line, and its contracts; `loads` says whether the file can be used at all."""

    path: str
    notes: tuple[Note, ...]
    contracts: tuple[Contract, ...]
    loads: bool

    def of(self, severity: Level) -> tuple[Note, ...]:
        """Give the notes of one severity."""
        return tuple(note for note in self.notes if note.severity == severity)


def lint(path: Path) -> Lint:
    """Lint one file; whatever is in it, and where there is none, the answer is a record."""
    shown = shown_path(path)
    try:
        found = draft(path)
    except Unreadable as refused:
        note = Note(refused.rule, "error", shown, refused.line, refused.said, refused.hint or "", "the file")
        return Lint(shown, (note,), (), loads=False)
    notes = [
        *_notes(found.document, "error", [*found.problems, *found.mistakes]),
        *_notes(found.document, "warning", [item for item in found.unkept if item.rule in _DOUBTFUL]),
        *_notes(found.document, "info", [item for item in found.unkept if item.rule not in _DOUBTFUL]),
    ]
    notes += [note for smell in _smells(found) for note in _notes(found.document, smell.severity, [smell.problem])]
    order = {"error": 0, "warning": 1, "info": 2}
    ordered = sorted(dict.fromkeys(notes), key=lambda note: (note.line, order[note.severity]))
    loads = not found.problems
    return Lint(shown, tuple(ordered), found.contracts if loads else (), loads)


def _smells(found: Draft) -> Iterator[Smell]:
    if not found.follows:
        return  # what a file means that does not follow the standard cannot be said
    yield from of_file(found.document.value)
    for index, contract in enumerate(found.contracts):
        table = Table(found.document.value, found.document.value["schema"][index], ("schema", index), contract)
        for look in (of_table, of_columns, of_values, of_checks):
            yield from look(table)


def _notes(document: Document, severity: Level, problems: Iterable[Problem]) -> list[Note]:
    return [
        Note(
            item.rule,
            severity,
            document.name,
            document.line(item.place),
            item.what,
            item.hint,
            place_text(item.place),
        )
        for item in problems
    ]
