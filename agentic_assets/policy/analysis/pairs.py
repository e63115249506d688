"""What is to be known of rules beside each other: overlaps, gaps, and actions put in place behind a rule's back."""

from __future__ import annotations

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.policy.analysis.asking import State
from agentic_assets.policy.analysis.claims import Claim, Row
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.study import Entry, Study, same_outcome
from agentic_assets.policy.ruleset import Rule
from agentic_assets.policy.verdict import Verdict

__all__ = ["chains", "gap", "overlaps"]


def overlaps(study: Study, place: int) -> list[Finding]:
    """Find later rules that match rows which this rule settles, and would settle them otherwise.

    A milder rule before a severer one is a warning each (unless it allows: that is how an exception is written);
    rules that the severer one precedes are one note together.
    """
    rules = study.ruleset.rules
    first = rules[place]
    found: list[Finding] = []
    behind: list[tuple[Rule, Row]] = []
    for later in range(place + 1, len(rules)):
        second = rules[later]
        if same_outcome(first, second):
            continue
        answer = study.promised.ask(study.claims.wins(place) & study.claims.fires(later))
        if answer.state is State.UNDECIDED:
            found.append(
                study.undecided([first, second], f"do {study.named(first)} and {study.named(second)} overlap?")
            )
        elif answer.row is not None and first.verdict.severity > second.verdict.severity:
            behind.append((second, answer.row))
        elif answer.row is not None:
            found.append(_milder(study, first, second, answer.row))
    if behind:
        listed = ", ".join(study.named(second) for second, _ in behind[:8]) + (", ..." if len(behind) > 8 else "")
        second, row = behind[0]
        message = (
            f"{study.named(first)} settles rows that {listed} match{'es' if len(behind) == 1 else ''} too, e.g. "
            f"{study.told(row, first, second)}; the severer comes first"
        )
        hint = "nothing to do: the first rule that matches wins"
        found.append(study.finding("overlap", "note", [first, *(rule for rule, _ in behind)], message, hint, row))
    return found


def _milder(study: Study, first: Rule, second: Rule, row: Row) -> Finding:
    example = study.told(row, first, second)
    if first.verdict is Verdict.ALLOW:
        message = f"{study.named(first)} is an exception to {study.named(second)}, e.g. {example}"
        return study.finding(
            "overlap", "note", [first, second], message, "keep the exception as narrow as it can be", row
        )
    than = "milder than" if first.verdict is not second.verdict else "another than"
    message = (
        f"{study.named(first)} stands before {study.named(second)} and is {than} it; both match "
        f"{example}, and only the first counts"
    )
    return study.finding(
        "overlap", "warning", [first, second], message, "put the severer rule first, or make the two exclusive", row
    )


def gap(study: Study) -> list[Finding]:
    """Find rows that no rule matches, for each action that does something."""
    nothing = study.claims.wins(None)
    open_actions: list[tuple[str, Row]] = []
    undecided: list[Finding] = []
    for action in study.ruleset.actions:
        if action == NO_ACTION:
            continue
        answer = study.promised.ask(nothing & study.claims.proposes(action))
        if answer.row is not None:
            open_actions.append((action, answer.row))
        elif answer.state is State.UNDECIDED:
            undecided.append(study.undecided([], f"is there a proposal of {action} that no rule matches?"))
    if not open_actions:
        return undecided
    row = open_actions[0][1]
    named = ", ".join(action for action, _ in open_actions)
    example = study.told(row, *study.ruleset.rules)
    message = f"no rule matches some proposals of {named}: they are allowed as proposed, e.g. {example}"
    hint = "make sure that this is meant; a last rule with `when: TRUE` catches the rest"
    return [*undecided, study.finding("gap", "note", [], message, hint, row, section="rules")]


def chains(study: Study) -> list[Finding]:
    """Find transforms, also of resources and quotas, to an action that the rules would have stopped if proposed."""
    sources: list[tuple[Entry, Claim]] = [
        (rule, study.claims.wins(place))
        for place, rule in enumerate(study.ruleset.rules)
        if rule.to not in (None, NO_ACTION)
    ]
    sources += [
        (limit, study.claims.takes(limit.action))
        for limit in study.ruleset.limits
        if limit.to not in (None, NO_ACTION) and limit.verdict is Verdict.TRANSFORM
    ]
    found: list[Finding] = []
    for entry, reached in sources:
        assert entry.to is not None  # by the filter above; mypy does not see it
        answer = study.promised.ask(reached & study.claims.had_it_proposed(entry.to, study.claims.stopped()))
        if answer.state is State.UNDECIDED:
            found.append(study.undecided([entry], f"does {study.named(entry)} lead to what a rule would stop?"))
        if answer.row is None:
            continue
        stopping = study.winner({**answer.row, "action": entry.to})
        example = study.told(answer.row, stopping, *_rule(entry))
        message = (
            f"{study.named(entry)} puts {entry.to} in place of what {study.named(stopping)} would have stopped, had it "
            f"been proposed: rules see the proposed action only, e.g. {example} "
            "(nothing but the action replaced)"
        )
        hint = f"widen `{stopping.id}` to the proposals that are transformed, and put it first; else it is bypassed"
        found.append(study.finding("transform-chain", "warning", [entry, stopping], message, hint, answer.row))
    return found


def _rule(entry: Entry) -> tuple[Rule, ...]:
    return (entry,) if isinstance(entry, Rule) else ()
