"""Rows to try: values at and beside everything that a policy compares with, from plain ones to odd ones."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.language import Term, Type, columns_of, walk
from agentic_assets.language.terms import Column, Constant, OneOf
from agentic_assets.policy.analysis.facts import Facts
from agentic_assets.policy.ruleset import RuleSet

__all__ = ["odd_rows", "plain_rows", "plain_values"]

_SEED: Final = 6962
_LARGEST: Final = 2**63 - 1
_PLAIN: Final[Mapping[Type, tuple[Any, ...]]] = {
    Type.INTEGER: (0, 1),
    Type.NUMBER: (0.0, 1.0),
    Type.STRING: ("other",),
    Type.BOOLEAN: (False, True),
    Type.DATE: (date(2013, 1, 1),),
    Type.TIMESTAMP: (datetime(2013, 1, 1, tzinfo=UTC),),
}
_ODD: Final[Mapping[Type, tuple[Any, ...]]] = {
    Type.INTEGER: (-1, 2**53, 2**53 + 1, _LARGEST, -_LARGEST - 1),
    Type.NUMBER: (-1.0, -0.0, 0.1, 0.3, 1 / 3, 5e-324, 1e16, 2.0**53, 1e300, -1e300, math.inf, -math.inf),
    Type.STRING: ("", "another"),
    Type.BOOLEAN: (),
    Type.DATE: (date.min, date.max),
    Type.TIMESTAMP: (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)),
}


def plain_values(ruleset: RuleSet, facts: Facts) -> dict[str, list[Any]]:
    """List for each column the values worth trying, the plainest first and null last, within what is promised."""
    found: dict[str, list[Any]] = {}
    for name, type_ in ruleset.reads.items():
        if name == "action":
            found[name] = sorted(
                ruleset.actions, key=lambda action: (action == NO_ACTION, ruleset.actions.index(action))
            )
            continue
        promised = [value for fact in facts.get(name, ()) for value in fact.values or ()]
        promised += [end for fact in facts.get(name, ()) for end in (fact.minimum, fact.maximum) if end is not None]
        compared = [value for rule in ruleset.rules for value in _compared_with(rule.when.term, name, type_)]
        beside = [near for value in [*promised, *compared] for near in _beside(value, type_)]
        values = [*promised, *_PLAIN[type_], *compared, *beside, None]
        kept = list(dict.fromkeys(_typed(value, type_) for value in values))
        found[name] = [value for value in kept if all(fact.admits(value) for fact in facts.get(name, ()))]
    return found


def plain_rows(values: Mapping[str, list[Any]], most: int) -> list[dict[str, Any]]:
    """Combine values to rows: all combinations when they are few, else `most` of them, the same in every run."""
    names = list(values)
    if math.prod(len(values[name]) for name in names) <= most:
        return [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    chance = random.Random(_SEED)
    return [{name: chance.choice(values[name]) for name in names} for _ in range(most)]


def odd_rows(ruleset: RuleSet, values: Mapping[str, list[Any]], facts: Facts, most: int) -> list[dict[str, Any]]:
    """Combine values among which are those that round, overflow or are infinite."""
    odd = {
        name: [
            *plain,
            *(value for value in _ODD[ruleset.reads[name]] if all(fact.admits(value) for fact in facts.get(name, ()))),
        ]
        if name != "action"
        else plain
        for name, plain in values.items()
    }
    return plain_rows(odd, most)


def _compared_with(term: Term, column: str, type_: Type) -> Iterator[Any]:
    """Find the literals that stand in the same comparison as a column."""
    for part in walk(term):
        if column not in columns_of(part) or any(inner is not part and _boolean(inner) for inner in walk(part)):
            continue
        for inner in walk(part):
            if isinstance(inner, Constant) and _fits(inner.type, type_):
                yield inner.value
            elif isinstance(inner, OneOf):
                yield from (value for value in inner.values if _fits(inner.domain, type_))


def _boolean(term: Term) -> bool:
    return term.type is Type.BOOLEAN and not isinstance(term, Column) and bool(columns_of(term))


def _fits(found: Type, wanted: Type) -> bool:
    return found is wanted or (found.numeric and wanted.numeric)


def _beside(value: Any, type_: Type) -> Iterable[Any]:
    match type_:
        case Type.INTEGER | Type.NUMBER:
            return (value + 1, value - 1)
        case Type.DATE | Type.TIMESTAMP:
            step = timedelta(days=1)
            return (value + step, value - step) if date.min.year < value.year < date.max.year else ()
        case _:
            return ()


def _typed(value: Any, type_: Type) -> Any:
    if value is None:
        return None
    if type_ is Type.INTEGER:
        return max(-_LARGEST - 1, min(_LARGEST, math.floor(value)))
    return float(value) if type_ is Type.NUMBER else value
