"""What is collected while one contract file is read: problems to refuse, promises that are not enforced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.contracts.expectation import Expectation
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.own_names import OwnNames
from agentic_assets.contracts.odcs.problem import Problem

__all__ = ["Reading", "custom_properties"]


@dataclass
class Reading:
    """The only mutable thing of the loader; it dies with the load of one table.

    `table` is the table's name, `names` what it and its columns are called elsewhere, `at` its place in the file.
    """

    table: str = ""
    names: OwnNames = field(default_factory=OwnNames)
    at: Place = ()
    problems: list[Problem] = field(default_factory=list)
    mistakes: list[Problem] = field(default_factory=list)
    unkept: list[Problem] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    """Digests of the code that the file names; they are part of the contract's own."""
    functions: list[Callable[..., Any]] = field(default_factory=list)
    """That code itself."""
    expectations: list[Expectation] = field(default_factory=list)

    def problem(self, place: Place, what: str, hint: str, rule: str = "not-enforceable") -> None:
        """Note what must be repaired before the contract can be enforced."""
        self.problems.append(Problem(place, what, hint, rule))

    def mistake(self, place: Place, what: str, hint: str, rule: str) -> None:
        """Note a promise that is wrong by itself: the contract loads without it, and the lint calls it an error."""
        self.mistakes.append(Problem(place, what, hint, rule))

    def not_enforced(self, what: str, place: Place = (), rule: str = "not-enforced") -> None:
        """Note a promise that the gate does not check, so that nobody relies on it unknowingly."""
        self.unkept.append(Problem(place or self.at, what, "look after it elsewhere, or write it as a check", rule))

    @property
    def unenforced(self) -> tuple[str, ...]:
        """Give in words, each once, what the file says and nothing checks."""
        return tuple(dict.fromkeys(item.what for item in [*self.mistakes, *self.unkept]))


def custom_properties(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give the customProperties of an element as a mapping; the last of equal names wins."""
    return {str(entry["property"]): entry["value"] for entry in item.get("customProperties") or ()}
