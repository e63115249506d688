"""What a contract promises and another language cannot say: rules about tables, warnings, and whatever it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.promise import Each, Promise
from agentic_assets.contracts.rule import Rule

__all__ = ["Unsaid", "Unsayable", "one_line", "parts", "sayable"]

_LONGEST = 300


class Unsayable(Exception):
    """The target language has no words for it; the message says why."""


@dataclass
class Unsaid:
    """Collects, while one export is written, what it leaves out and why."""

    lines: list[str] = field(default_factory=list)

    def note(self, rule: Rule, why: str) -> None:
        """Name a rule that is left out."""
        where = f"`{rule.column}`: " if rule.column else ""
        self.lines.append(one_line(f"{where}{rule.text} ({rule.id}): {why}"))

    def say(self, what: str) -> None:
        """Name anything else that differs."""
        self.lines.append(one_line(what))


def sayable(contract: Contract, unsaid: Unsaid) -> Iterator[Rule]:
    """Give the rules that refuse single rows and are keys, references or plain values; note all others."""
    for rule in contract.rules:
        if rule.reference is not None and rule.tolerance is None and rule.severity == "error":
            yield rule
        elif rule.scope != "row":
            unsaid.note(rule, "it is about all rows of a partition, not about each")
        elif rule.severity != "error":
            unsaid.note(rule, "it only warns")
        elif rule.promise is None and not rule.key:
            unsaid.note(rule, "it is written in a form that cannot be translated")
        else:
            yield rule


def parts(promise: Promise | None) -> tuple[Promise, ...]:
    """Give the single promises of one that may hold several."""
    if isinstance(promise, Each):
        return tuple(single for part in promise.parts for single in parts(part))
    return () if promise is None else (promise,)


def one_line(text: str) -> str:
    """Give a text as one bounded line of printable characters, so that it cannot leave a comment."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
