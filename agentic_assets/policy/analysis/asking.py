"""Ask whether any row can make a claim true: try rows first, then let Z3 find one or prove that there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import z3

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.analysis.claims import Backend, Claim, Judged, Row, by_closure, in_batch
from agentic_assets.policy.analysis.encoding import Encoding
from agentic_assets.policy.analysis.facts import Facts
from agentic_assets.policy.analysis.probes import odd_rows, plain_rows, plain_values
from agentic_assets.policy.ruleset import RuleSet

__all__ = ["LIMIT", "Answer", "Asking", "State"]

LIMIT: Final = 3_000_000
"""Steps of Z3 that one question may take: a count, not a time, so that every machine gives the same answer."""
_PLAIN, _ODD = 768, 768
_PLAINER: Final = 12
"""How many values are tried in each column to make a row plainer."""


class State(StrEnum):
    """What was found out: a row, that there is none, one only where doubles round, or nothing within the limit."""

    FOUND = "found"
    NONE = "none"
    ROUNDING = "rounding"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Answer:
    """A state and, where one was found, the row: tried on both backends, and as plain as it gets."""

    state: State
    row: Row | None = None

    @property
    def none(self) -> bool:
        """Whether there is no such row, but perhaps where doubles round."""
        return self.state in (State.NONE, State.ROUNDING)


class Asking:
    """Questions about the rows that a policy can meet, within what is promised of its columns."""

    def __init__(
        self, ruleset: RuleSet, encoding: Encoding, facts: Facts, *, limit: int = LIMIT, probing: bool = True
    ) -> None:
        """Prepare the rows to try; without `probing` only Z3 is asked."""
        self._encoding = encoding
        self._limit = limit
        self._ruleset = ruleset
        self._found: list[tuple[Row, Claim]] = []
        self._known = [
            *encoding.possible(),
            z3.Or(*(encoding.is_value("action", action) for action in ruleset.actions)),
            *(claim for name in sorted(facts) for fact in facts[name] for claim in encoding.promised(name, fact)),
        ]
        self._values = plain_values(ruleset, facts)
        self._plain = plain_rows(self._values, _PLAIN) if probing else []
        self._odd = odd_rows(ruleset, self._values, facts, _ODD) if probing else []
        self._closure = _remembered(by_closure(ruleset), [*self._plain, *self._odd])

    def ask(self, claim: Claim) -> Answer:
        """Look for a row that makes a claim true."""
        for plain in self._plain:
            if claim.holds(plain, self._closure):
                return Answer(State.FOUND, self._shown(plain, claim))
        proven, row = self._solved(claim)
        if row is not None and not claim.holds(row, self._closure):
            # The row is one of exact numbers, and doubles round it away.
            _, row = self._solved(claim, *self._encoding.modest())
        if row is not None and claim.holds(row, self._closure):
            return Answer(State.FOUND, self._shown(row, claim))
        for odd in self._odd:
            if claim.holds(odd, self._closure):
                return Answer(State.ROUNDING if proven else State.FOUND, self._shown(odd, claim))
        return Answer(State.NONE if proven else State.UNDECIDED)

    def confirm(self) -> None:
        """Run every row that was found as one batch, too; raises PolicyInvalid if the backends differ."""
        batch = in_batch(self._ruleset, [row for row, _ in self._found])
        for row, claim in self._found:
            if not claim.holds(row, batch):
                raise PolicyInvalid(
                    f"the two backends differ about the row {row!r:.400}", hint="report this: they must always agree"
                )
        self._found.clear()

    def _solved(self, claim: Claim, *more: Any) -> tuple[bool, Mapping[str, Any] | None]:
        """Give whether Z3 proves that there is no row, and else the row that it finds, if it does."""
        solver = z3.Solver(ctx=self._encoding.context)
        solver.set("rlimit", self._limit)
        solver.set("random_seed", 0)
        solver.add(*self._known, *more, claim.formula)
        found = solver.check()
        if found == z3.unsat:
            return True, None
        return False, self._encoding.row(solver.model()) if found == z3.sat else None

    def _shown(self, row: Row, claim: Claim) -> Row:
        """Put the plainest value in every column that leaves the claim true, and remember to try the row in a batch."""
        plain = dict(row)
        for name, values in self._values.items():
            for value in values[:_PLAINER]:
                if _same(value, plain[name]):
                    break
                if claim.holds({**plain, name: value}, self._closure):
                    plain[name] = value
                    break
        self._found.append((plain, claim))
        return plain


def _remembered(backend: Backend, rows: Sequence[Row]) -> Backend:
    """Judge the rows to try once and for all; they are kept, so that what they are is enough to know them."""
    known = {id(row): backend(row) for row in rows}

    def judged(row: Row) -> Judged:
        found = known.get(id(row))
        return backend(row) if found is None else found

    return judged


def _same(first: Any, second: Any) -> bool:
    return first == second and str(first) == str(second)
