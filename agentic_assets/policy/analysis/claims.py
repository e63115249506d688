"""Claims about a row: each is a formula for Z3 and, at the same time, a test that is run on the backends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import polars as pl
import z3

from agentic_assets.language import DTYPES
from agentic_assets.policy.analysis.encoding import Encoding
from agentic_assets.policy.judging import judge
from agentic_assets.policy.ruleset import RuleSet

__all__ = ["Backend", "Claim", "Claims", "Judged", "Row", "by_closure", "in_batch"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """What the rules of a policy make of one row: each condition, each rule that fires, and the one that wins."""

    conditions: tuple[bool | None, ...]
    fired: tuple[bool, ...]
    winner: int | None


Backend = Callable[[Row], Judged]


def by_closure(ruleset: RuleSet) -> Backend:
    """Give the backend for one event."""

    def judged(row: Row) -> Judged:
        conditions = tuple(rule.when.test(row) for rule in ruleset.rules)
        fired = tuple(rule.fires(condition) for rule, condition in zip(ruleset.rules, conditions, strict=True))
        return Judged(conditions, fired, fired.index(True) if True in fired else None)

    return judged


def in_batch(ruleset: RuleSet, rows: Sequence[Row]) -> Backend:
    """Give the backend for batches: it knows these rows, with any proposed action, as one batch of them is judged.

    Only the rules are asked: who may act at all, and resources and quotas, which look at other rows, are left out.
    """
    schema = {name: DTYPES[type_] for name, type_ in ruleset.reads.items()}
    tried = [{name: row[name] for name in schema} | {"action": action} for row in rows for action in ruleset.actions]
    frame = pl.DataFrame(tried, schema=schema)
    found = judge(frame, replace(ruleset.guardrails, authorization=None))
    held = frame.select(
        pl.repeat(0, pl.len()).alias(""),
        **{rule.id: rule.when.expression for rule in ruleset.rules},
    ).drop("")
    places = {rule.id: place for place, rule in enumerate(ruleset.rules)}
    known = {
        _key(row): Judged(conditions, tuple(bool(fired >> place & 1) for place in places.values()), places.get(rule))
        for row, conditions, fired, rule in zip(tried, held.rows(), found["fired"], found["rule"], strict=True)
    }
    return lambda row: known[_key(row)]


def _key(row: Row) -> str:
    return repr(sorted(row.items()))


@dataclass(frozen=True)
class Claim:
    """Something that is true of a row or not."""

    formula: Any
    holds: Callable[[Row, Backend], bool]

    def __and__(self, other: Claim) -> Claim:
        """Claim both."""
        return Claim(
            z3.And(self.formula, other.formula),
            lambda row, backend: self.holds(row, backend) and other.holds(row, backend),
        )

    def __or__(self, other: Claim) -> Claim:
        """Claim one of the two, or both."""
        return Claim(
            z3.Or(self.formula, other.formula),
            lambda row, backend: self.holds(row, backend) or other.holds(row, backend),
        )

    def __invert__(self) -> Claim:
        """Claim the contrary."""
        return Claim(z3.Not(self.formula), lambda row, backend: not self.holds(row, backend))


class Claims:
    """What can be claimed about a row under one policy; rules are named by their place."""

    def __init__(self, ruleset: RuleSet, encoding: Encoding) -> None:
        """Translate the rules once."""
        self._ruleset = ruleset
        self._encoding = encoding
        self._true = [encoding.true(rule.when.term) for rule in ruleset.rules]
        self._null = [encoding.null(rule.when.term) for rule in ruleset.rules]
        self._fires = [
            z3.Or(true, null) if rule.fires_on_null else true
            for rule, true, null in zip(ruleset.rules, self._true, self._null, strict=True)
        ]

    def true(self, place: int) -> Claim:
        """Claim that the condition of a rule is true."""
        return Claim(self._true[place], lambda row, backend: backend(row).conditions[place] is True)

    def null(self, place: int) -> Claim:
        """Claim that the condition of a rule is null."""
        return Claim(self._null[place], lambda row, backend: backend(row).conditions[place] is None)

    def fires(self, place: int) -> Claim:
        """Claim that a rule fires, which some do on null."""
        return Claim(self._fires[place], lambda row, backend: backend(row).fired[place])

    def wins(self, place: int | None) -> Claim:
        """Claim that a rule is the first to fire; None is no rule at all."""
        earlier = self._fires if place is None else self._fires[:place]
        fires = [] if place is None else [self._fires[place]]
        nobody = z3.BoolVal(True, self._encoding.context)
        formula = z3.And(nobody, *fires, *(z3.Not(formula) for formula in earlier))
        return Claim(formula, lambda row, backend: backend(row).winner == place)

    def proposes(self, action: str) -> Claim:
        """Claim that the proposed action is this one."""
        return Claim(self._encoding.is_value("action", action), lambda row, backend: row["action"] == action)

    def had_it_proposed(self, action: str, claim: Claim) -> Claim:
        """Claim something of the same row with another proposed action."""
        return Claim(
            self._encoding.with_column(claim.formula, "action", action),
            lambda row, backend: claim.holds({**row, "action": action}, backend),
        )

    def takes(self, action: str) -> Claim:
        """Claim that, after the rules and before the quotas, the row would take an action."""
        rules = self._ruleset.rules
        staying = [None, *(place for place, rule in enumerate(rules) if rule.to is None and not rule.verdict.stops)]
        kept = self.proposes(action) & self.any([self.wins(place) for place in staying])
        return self.any([kept, *(self.wins(place) for place, rule in enumerate(rules) if rule.to == action)])

    def stopped(self) -> Claim:
        """Claim that a rule that denies or escalates wins."""
        return self.any([self.wins(place) for place, rule in enumerate(self._ruleset.rules) if rule.verdict.stops])

    def any(self, claims: list[Claim]) -> Claim:
        """Claim at least one of several; of none, nothing is true."""
        never = Claim(z3.BoolVal(False, self._encoding.context), lambda row, backend: False)
        return reduce(lambda first, second: first | second, claims, never)
