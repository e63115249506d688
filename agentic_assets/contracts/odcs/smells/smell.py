"""One likely mistake, and what the smells of a table are looked for in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from agentic_assets.contracts.contract import Column, Contract
from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.problem import Problem

__all__ = ["Property", "Smell", "Table"]


@dataclass(frozen=True)
class Smell:
    """A likely mistake: how much it matters and where it is."""

    severity: Literal["error", "warning", "info"]
    problem: Problem

    @classmethod
    def warning(cls, rule: str, place: Place, what: str, hint: str) -> Smell:
        """Make one that is most likely a mistake."""
        return cls("warning", Problem(place, what, hint, rule))

    @classmethod
    def info(cls, rule: str, place: Place, what: str, hint: str) -> Smell:
        """Make one that readers would like to know."""
        return cls("info", Problem(place, what, hint, rule))


class Property(NamedTuple):
    """One property as written, its place, and the column that it became; None where it became none."""

    item: Mapping[str, Any]
    place: Place
    column: Column | None

    @property
    def name(self) -> str:
        """Give its name."""
        return str(self.item["name"])

    @property
    def options(self) -> Mapping[str, Any]:
        """Give what is said about its logical type."""
        return self.item.get("logicalTypeOptions") or {}


@dataclass(frozen=True)
class Table:
    """One table as written and as compiled, with the file around it."""

    file: Mapping[str, Any]
    item: Mapping[str, Any]
    place: Place
    contract: Contract

    @cached_property
    def properties(self) -> list[Property]:
        """Give the properties in their order."""
        columns = {column.name: column for column in self.contract.columns}
        return [
            Property(item, (*self.place, "properties", index), columns.get(str(item["name"])))
            for index, item in enumerate(self.item.get("properties") or ())
        ]

    def checks(self) -> Iterator[tuple[Mapping[str, Any], Property | None, Place]]:
        """Give the quality checks of the properties and of the table, each with its place."""
        for each in self.properties:
            for index, check in enumerate(each.item.get("quality") or ()):
                yield check, each, (*each.place, "quality", index)
        for index, check in enumerate(self.item.get("quality") or ()):
            yield check, None, (*self.place, "quality", index)
