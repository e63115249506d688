"""What is collected while one contract file is read: problems to refuse, promises that are not enforced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.problem import Problem

__all__ = ["Reading", "custom_properties"]


@dataclass
class Reading:
    """The only mutable thing of the loader; it dies with the load."""

    table: str = ""
    problems: list[Problem] = field(default_factory=list)
    unenforced: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    """Digests of the code that the file names; they are part of the contract's own."""

    def problem(self, place: Place, what: str, hint: str) -> None:
        """Note what must be repaired before the contract can be enforced."""
        self.problems.append(Problem(place, what, hint))

    def not_enforced(self, what: str) -> None:
        """Note a promise that the gate does not check, so that nobody relies on it unknowingly."""
        self.unenforced.append(what)


def custom_properties(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give the customProperties of an element as a mapping; the last of equal names wins."""
    return {str(entry["property"]): entry["value"] for entry in item.get("customProperties") or ()}
