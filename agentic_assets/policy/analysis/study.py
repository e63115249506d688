"""One policy under study: its claims, whom to ask, and how rules and rows are called in a message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from agentic_assets.policy.analysis.asking import LIMIT, Asking
from agentic_assets.policy.analysis.claims import Claims, Row, by_closure
from agentic_assets.policy.analysis.encoding import Encoding, rounds
from agentic_assets.policy.analysis.facts import Facts
from agentic_assets.policy.analysis.finding import Finding, Severity
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.ruleset import Quota, Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["Entry", "Study", "same_outcome"]

Entry = Rule | Resource | Quota


class Study:
    """A policy with its questions. `anything` asks about all rows, `promised` about those that keep the contracts."""

    def __init__(
        self,
        ruleset: RuleSet,
        facts: Facts,
        lines: Mapping[str, int],
        *,
        limit: int = LIMIT,
        probing: bool = True,
        wording: Callable[[Entry], str] | None = None,
        first: tuple[str, ...] = ("action",),
    ) -> None:
        """Translate the policy; `wording` says what an entry does, `first` names the columns that every row shows."""
        words = {value for told in facts.values() for fact in told for value in fact.values or ()}
        encoding = Encoding(
            ruleset.reads,
            [rule.when.term for rule in ruleset.rules],
            [*ruleset.actions, *(word for word in words if isinstance(word, str))],
        )
        self.ruleset = ruleset
        self.claims = Claims(ruleset, encoding)
        self.anything = Asking(ruleset, encoding, {}, limit=limit, probing=probing)
        self.promised = Asking(ruleset, encoding, facts, limit=limit, probing=probing) if facts else self.anything
        self.sources = ", ".join(sorted({fact.source for told in facts.values() for fact in told}))
        self._lines = lines
        self._wording = wording or outcome
        self._first = first
        self._closure = by_closure(ruleset)
        self._rounds = {rule.id: rounds(rule.when.term) for rule in ruleset.rules}

    def named(self, entry: Entry) -> str:
        """Call a rule by its id, its line and what it does."""
        line = f", line {self._lines[entry.id]}" if entry.id in self._lines else ""
        return f"`{entry.id}` ({self._wording(entry)}{line})"

    def confirm(self) -> None:
        """Try all rows that were found as a batch; raises PolicyInvalid if that shows anything else."""
        for asking in {id(asking): asking for asking in (self.anything, self.promised)}.values():
            asking.confirm()

    def winner(self, row: Row) -> Rule:
        """Give the rule that wins a row; raises IndexError where none does."""
        place = self._closure(row).winner
        if place is None:
            raise IndexError(f"no rule of {self.ruleset.id} fires")
        return self.ruleset.rules[place]

    def told(self, row: Row, *entries: Entry) -> str:
        """Write a row as far as rules read it; at most 300 characters."""
        read = {column for entry in entries if isinstance(entry, Rule) for column in entry.when.columns}
        names = [*self._first, *sorted(read - set(self._first))]
        text = ", ".join(f"{name} = {shown(row[name])}" for name in names)
        return text if len(text) <= 300 else f"{text[:299]}…"

    def finding(
        self,
        kind: str,
        severity: Severity,
        entries: Iterable[Entry],
        message: str,
        hint: str,
        row: Row | None = None,
        *,
        proof: bool = False,
        section: str = "",
    ) -> Finding:
        """Make a finding; a `proof` that rests on rules which compute in doubles says so.

        A finding about no rule stands at the `section` of the file that it is about.
        """
        concerned = list(entries)
        ids = tuple(entry.id for entry in concerned)
        exact = not (proof and any(self._rounds.get(entry.id, False) for entry in concerned))
        if not exact:
            message += "; proven for exact numbers, doubles can round"
        return Finding(
            kind,
            severity,
            ids,
            message,
            hint,
            tuple(self._lines[name] for name in (*ids, f"{section}:") if name in self._lines),
            row,
            exact,
        )

    def undecided(self, entries: Iterable[Entry], question: str) -> Finding:
        """Say that a question stayed open."""
        message = f"{question} Not decided: that takes too many steps, or hangs on how doubles round"
        hint = "multiply and divide columns by numbers only, not by each other, or split the rule"
        return self.finding("undecided", "note", entries, message, hint)


def outcome(entry: Entry) -> str:
    """Say what a rule does: its verdict, and the action that a transform puts in place."""
    return f"{entry.verdict} to {entry.to}" if entry.verdict is Verdict.TRANSFORM else f"{entry.verdict}"


def same_outcome(first: Rule, second: Rule) -> bool:
    """Say whether it is all the same which of two rules wins, but for the message."""
    return (first.verdict, first.to) == (second.verdict, second.to)


def shown(value: Any) -> str:
    """Write a value as the language does."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).upper()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"
        case date():
            return f"DATE '{value}'"
        case float():
            return f"{value:.17g}"
        case _:
            return str(value)
