"""Compare the rules of two versions: what is allowed now and was not, what was allowed and is not now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from agentic_assets.contracts.change.change import Change, Spot, shown
from agentic_assets.contracts.change.direction import Direction, direction_of
from agentic_assets.contracts.change.implying import essence, implied
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.promise import Finite, Format, Length, Matches, MultipleOf, OneOf, Present, Range, Typed
from agentic_assets.contracts.rule import Rule, Tolerance

__all__ = ["compare_rules", "effective"]

_ASPECTS: Final[dict[type, tuple[str, str]]] = {
    Present: ("required", "required"),
    Range: ("range", "logicalTypeOptions"),
    Length: ("length", "logicalTypeOptions"),
    Matches: ("pattern", "logicalTypeOptions.pattern"),
    Format: ("format", "logicalTypeOptions.format"),
    MultipleOf: ("step", "logicalTypeOptions.multipleOf"),
    OneOf: ("values", "enum"),
}
_VERBS: Final = {
    Direction.TIGHTER: "tightened",
    Direction.LOOSER: "loosened",
    Direction.DIFFERENT: "changed",
    Direction.NEUTRAL: "reworded",
}
# The gate refuses an empty table unless a rule of the contract is about the number of rows.
_SOME_ROWS: Final = Rule(
    "rowCount",
    None,
    "the number of rows must be at least 1",
    scope="table",
    tolerance=Tolerance("mustBeGreaterOrEqualTo", (1.0,), percent=False),
)


def effective(contract: Contract) -> tuple[Rule, ...]:
    """Give the rules by which the gate judges, those included that no file states."""
    counted = any(rule.counts_rows for rule in contract.rules)
    return contract.rules if counted else (*contract.rules, _SOME_ROWS)


def compare_rules(old: Contract, new: Contract, *, leave_out: Collection[str]) -> list[Change]:
    """List the changes of rules; those of the columns to leave out are said otherwise."""
    before, after = effective(old), effective(new)
    named_before = [rule for rule in before if _named(rule, leave_out)]
    named_after = [rule for rule in after if _named(rule, leave_out)]
    changes: list[Change] = []
    pairs = _pairs(named_before, named_after)
    for rule in named_after:
        partner = pairs.get(rule.id)
        if partner is None:
            safe = implied(rule, before)
            direction = direction_of(consumers=True, producers=safe)
            changes.append(_change("added", direction, None, rule))
        elif _shape(partner) != _shape(rule):
            direction = direction_of(consumers=implied(partner, after), producers=implied(rule, before))
            changes.append(_change(_VERBS[direction], direction, partner, rule))
        elif (partner.id, partner.dimension, partner.description) != (rule.id, rule.dimension, rule.description):
            changes.append(_reworded(partner, rule))
    paired = {partner.id for partner in pairs.values()}
    for rule in named_before:
        if rule.id not in paired:
            direction = direction_of(consumers=implied(rule, after), producers=True)
            changes.append(_change("removed", direction, rule, None))
    return changes


def _named(rule: Rule, leave_out: Collection[str]) -> bool:
    # The type is compared as a type, the primary key as a key.
    told = isinstance(rule.promise, Typed | Finite) or rule.id.startswith("primaryKey(")
    return not told and rule.column not in leave_out


def _pairs(before: Sequence[Rule], after: Sequence[Rule]) -> dict[str, Rule]:
    """Give, by the id of the new rule, the old one that it takes the place of."""
    pairs: dict[str, Rule] = {}
    left = {rule.id: rule for rule in before}
    for same in _SAMENESS:
        for rule in after:
            if rule.id in pairs:
                continue
            partner = next((other for other in left.values() if same(other, rule)), None)
            if partner is not None:
                pairs[rule.id] = partner
                del left[partner.id]
    return pairs


def _shape(rule: Rule) -> tuple[object, ...]:
    return (rule.severity, *essence(rule))


# From the surest sign that two rules are one to the weakest.
_SAMENESS: Final[tuple[Callable[[Rule, Rule], bool], ...]] = (
    lambda old, new: old.id == new.id and (old.column, old.counts_rows) == (new.column, new.counts_rows),
    lambda old, new: old.column == new.column and _shape(old) == _shape(new),
    lambda old, new: old.counts_rows and new.counts_rows,
    lambda old, new: bool(old.key) and old.key == new.key,
    lambda old, new: (
        old.column is not None
        and old.column == new.column
        and old.promise is not None
        and type(old.promise) is type(new.promise)
    ),
)


def _change(verb: str, direction: Direction, old: Rule | None, new: Rule | None) -> Change:
    rule = new or old
    assert rule is not None
    aspect, key = _aspect(rule)
    said = [_said(one, beside=other) for one, other in ((old, new), (new, old))]
    return Change(
        kind=f"{aspect}-{verb}".replace(" ", "-"),
        aspect=aspect,
        direction=direction,
        spot=Spot(key, rule.column, _own_name(rule)),
        before=said[0],
        after=said[1],
    )


def _said(rule: Rule | None, *, beside: Rule | None) -> str | None:
    if rule is None:
        return None
    severity = " (a warning)" if rule.severity == "warning" else ""
    if beside is not None and not severity and beside.severity == "warning":
        severity = " (an error)"
    return f"{shown(rule.text)}{severity}"


def _reworded(old: Rule, new: Rule) -> Change:
    aspect, key = _aspect(new)
    said = [", ".join(part for part in (rule.id, rule.dimension, rule.description) if part) for rule in (old, new)]
    return Change(
        kind=f"{aspect}-reworded".replace(" ", "-"),
        aspect=aspect,
        direction=Direction.NEUTRAL,
        spot=Spot(key, new.column, _own_name(new)),
        before=shown(said[0]),
        after=shown(said[1]),
        documentation=True,
    )


def _aspect(rule: Rule) -> tuple[str, str]:
    if rule.reference is not None:
        return "reference", "relationships"
    if _own_name(rule):
        return "check", "quality"
    if rule.counts_rows:
        return "row count", "quality"
    if rule.key:
        return "unique", "unique" if rule.column else "quality"
    built_in = _built_in(rule)
    return _ASPECTS.get(type(rule.promise), ("check", "quality")) if built_in else ("check", "quality")


def _built_in(rule: Rule) -> bool:
    return rule.id.partition("(")[0] in ("required", "range", "length", "pattern", "format", "multipleOf", "enum")


def _own_name(rule: Rule) -> str | None:
    """Give the name by which people know the rule; None where it follows from the column."""
    if rule.counts_rows and rule.id == "rowCount":
        return None
    return rule.id if not _built_in(rule) and not rule.id.startswith("unique(") else None
