"""What is known of a column before any rule looks at it: promises that contracts hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from agentic_assets.contracts import Contract
from agentic_assets.contracts.promise import Each, Matches, OneOf, Present, Promise, Range
from agentic_assets.language import Type
from agentic_assets.language.terms import Value

__all__ = ["Fact", "Facts", "facts_in_common", "facts_of"]

_ALTERNATIVES: Final = re.compile(r"\^?\((?:\?:)?([\w -]+(?:\|[\w -]+)*)\)\$?")
_FITTING: Final[Mapping[Type, str]] = {
    Type.INTEGER: "integer",
    Type.NUMBER: "number",
    Type.STRING: "string",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp",
}


@dataclass(frozen=True)
class Fact:
    """One promise about a column's values, and who makes it; bounds are included unless `open_*` says otherwise."""

    source: str
    required: bool = False
    minimum: Value | None = None
    maximum: Value | None = None
    open_left: bool = False
    open_right: bool = False
    values: tuple[Value, ...] | None = None

    def admits(self, value: Any) -> bool:
        """Say whether the promise is kept; a null keeps every promise but that of being there."""
        if value is None:
            return not self.required
        if self.values is not None and value not in self.values:
            return False
        low, high = self.minimum, self.maximum
        return not (
            (low is not None and (value <= low if self.open_left else value < low))
            or (high is not None and (value >= high if self.open_right else value > high))
        )


Facts = Mapping[str, tuple[Fact, ...]]


def facts_of(contracts: Iterable[Contract], reads: Mapping[str, Type]) -> dict[str, tuple[Fact, ...]]:
    """Take what contracts promise of columns of the same name and kind of type; only what refuses rows counts."""
    known: dict[str, tuple[Fact, ...]] = {}
    for contract in contracts:
        source = f"{contract.name}@{contract.version}"
        fitting = {
            column.name
            for column in contract.columns
            if column.name in reads
            and (
                column.logical_type == _FITTING[reads[column.name]]
                or (column.logical_type == "integer" and reads[column.name] is Type.NUMBER)
            )
        }
        for rule in contract.rules:
            if rule.column not in fitting or rule.severity != "error" or rule.scope != "row" or rule.tolerance:
                continue
            fact = _fact(rule.promise, source, reads[rule.column])
            if fact is not None:
                known[rule.column] = (*known.get(rule.column, ()), fact)
    return known


def facts_in_common(told: Sequence[Facts]) -> dict[str, tuple[Fact, ...]]:
    """Keep what is promised of a column in every case, whoever promises it."""
    if not told:
        return {}
    first, *others = told
    common = {
        name: tuple(fact for fact in facts if all(_promised(fact, other.get(name, ())) for other in others))
        for name, facts in first.items()
    }
    return {name: facts for name, facts in common.items() if facts}


def _promised(fact: Fact, facts: Iterable[Fact]) -> bool:
    return any(replace(fact, source="") == replace(other, source="") for other in facts)


def _fact(promise: Promise | None, source: str, type_: Type) -> Fact | None:
    match promise:
        case Present():
            return Fact(source, required=True)
        case Range(minimum=low, maximum=high, open_left=left, open_right=right) if type_ is not Type.STRING:
            return Fact(source, minimum=low, maximum=high, open_left=left, open_right=right)
        case OneOf(values=values):
            return Fact(source, values=tuple(values))
        case Matches(pattern=pattern):
            found = _ALTERNATIVES.fullmatch(pattern)
            return Fact(source, values=tuple(found[1].split("|"))) if found else None
        case Each(parts=parts):
            facts = [fact for fact in (_fact(part, source, type_) for part in parts) if fact is not None]
            return facts[0] if len(facts) == 1 else None
        case _:
            return None
