"""What is wrong with one rule: it can never be true, is always true, or earlier rules leave it nothing."""

from __future__ import annotations

from agentic_assets.language.terms import Constant
from agentic_assets.policy.analysis.asking import Answer, State
from agentic_assets.policy.analysis.claims import Claim
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.study import Study, same_outcome

__all__ = ["about_rule"]


def about_rule(study: Study, place: int, *, behind: bool = True) -> list[Finding]:
    """Look at one rule by itself, and `behind` the rules before it."""
    rule = study.ruleset.rules[place]
    true = study.anything.ask(study.claims.true(place))
    if true.none:
        return [_never_true(study, place, true)]
    found = _tautology(study, place)
    if true.state is State.UNDECIDED:
        return [*found, study.undecided([rule], f"can {study.named(rule)} ever be true?")]
    if study.promised is not study.anything and study.promised.ask(study.claims.fires(place)).none:
        message = f"{study.named(rule)} fires only where a promise of {study.sources} is broken"
        hint = "keep it as a guard; else the contract promises more than was thought"
        return [*found, study.finding("never-true", "note", [rule], message, hint, true.row, proof=True)]
    return [*found, *_shadowed(study, place)] if behind else found


def _never_true(study: Study, place: int, true: Answer) -> Finding:
    rule = study.ruleset.rules[place]
    if true.state is State.ROUNDING and true.row is not None:
        message = (
            f"{study.named(rule)} could not be true if numbers were exact; it is true only where doubles round "
            f"or are infinite, e.g. {study.told(true.row, rule)}"
        )
        return study.finding("rounding", "warning", [rule], message, "compare with a margin", true.row)
    message = f"the condition of {study.named(rule)} can never be true"
    on_null = study.anything.ask(study.claims.null(place)) if rule.fires_on_null else Answer(State.NONE)
    if on_null.row is not None:
        message += f": the rule fires only where it is null, e.g. {study.told(on_null.row, rule)}"
        hint = "if nulls are meant, write IS NULL; else correct the condition"
    else:
        hint = "correct the condition, or remove the rule"
    return study.finding("never-true", "error", [rule], message, hint, on_null.row, proof=True)


def _tautology(study: Study, place: int) -> list[Finding]:
    rule = study.ruleset.rules[place]
    if isinstance(rule.when.term, Constant):  # TRUE is said on purpose
        return []
    fires, true, null = study.claims.fires(place), study.claims.true(place), study.claims.null(place)
    missed = study.anything.ask(~fires)
    if missed.none:
        why = "its condition is true, or null" if study.anything.ask(null).row is not None else "its condition is true"
        message = f"{study.named(rule)} fires whatever the row: {why}"
        hint = "correct the condition; for a rule that is meant to fire always, write TRUE"
        return [study.finding("tautology", "error", [rule], message, hint, proof=True)]
    false = study.anything.ask(~true & ~null)
    if false.none and missed.row is not None:
        message = (
            f"the condition of {study.named(rule)} is never false: it only asks whether something is null, "
            f"e.g. {study.told(missed.row, rule)}"
        )
        hint = "write IS NOT NULL if that is meant; else correct the condition"
        return [study.finding("tautology", "warning", [rule], message, hint, missed.row, proof=True)]
    if State.UNDECIDED in (missed.state, false.state):
        return [study.undecided([rule], f"does {study.named(rule)} always fire?")]
    return []


def _shadowed(study: Study, place: int) -> list[Finding]:
    """Say whether a rule that fires can win, and which earlier rules are enough to keep it from that."""
    rules = study.ruleset.rules
    rule = rules[place]
    wins = study.anything.ask(study.claims.wins(place))
    if wins.state is State.UNDECIDED:
        return [study.undecided([rule], f"does {study.named(rule)} ever win?")]
    if not wins.none:
        return []
    fires = study.anything.ask(study.claims.fires(place))
    if fires.row is None:
        return []
    if wins.state is State.ROUNDING and wins.row is not None:
        message = f"{study.named(rule)} wins only where doubles round, e.g. {study.told(wins.row, rule)}"
        return [study.finding("rounding", "warning", [rule], message, "compare with a margin", wins.row)]
    covering = _covering(study, place)
    names = [rules[earlier] for earlier in covering]
    example = study.told(fires.row, rule, *names)
    if len(names) == 1:
        back = study.anything.ask(study.claims.fires(covering[0]) & ~study.claims.fires(place))
        if back.none and not same_outcome(names[0], rule):
            message = (
                f"{study.named(names[0])} and {study.named(rule)} match the same rows and contradict each other; "
                f"the first always wins, e.g. {example}"
            )
            hint = "decide which of the two is meant, and remove the other"
            return [study.finding("contradiction", "error", [rule, *names], message, hint, fires.row, proof=True)]
    listed = " and ".join(study.named(earlier) for earlier in names)
    message = f"{study.named(rule)} never wins: {listed} match{'es' if len(names) == 1 else ''} first, e.g. {example}"
    alike = all(same_outcome(earlier, rule) for earlier in names)
    hint = "remove it, nothing changes but the message" if alike else "put it before them, or narrow them"
    return [
        study.finding("shadowed", "warning" if alike else "error", [rule, *names], message, hint, fires.row, proof=True)
    ]


def _covering(study: Study, place: int) -> list[int]:
    """Find a smallest set of earlier rules, one if possible, that fire wherever this one does."""

    def cover(places: list[int]) -> bool:
        left: Claim = study.claims.fires(place)
        for earlier in places:
            left &= ~study.claims.fires(earlier)
        return study.anything.ask(left).none

    alone = next((earlier for earlier in range(place) if cover([earlier])), None)
    if alone is not None:
        return [alone]
    kept = list(range(place))
    for earlier in reversed(range(place)):
        without = [other for other in kept if other != earlier]
        if cover(without):
            kept = without
    return kept
