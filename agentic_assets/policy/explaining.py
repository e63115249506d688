"""Explain one judged proposal: every rule with its text, whether it fired, and the values that it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.ruleset import Rule, RuleSet
from agentic_assets.policy.verdict import Verdict

__all__ = ["Explained", "explain"]


@dataclass(frozen=True)
class Explained:
    """One rule, resource or quota as one row met it.

    `condition` is what the rule's condition was: true, false, or null (None; then `fires_on_null` decided). Resources
    and quotas look at other rows too: whether one fired is taken from the row's mask, None without one.
    """

    id: str
    kind: str
    text: str
    verdict: Verdict
    to: str | None
    message: str
    values: Mapping[str, Any]
    condition: bool | None
    fired: bool | None
    won: bool


def explain(row: Mapping[str, Any], ruleset: RuleSet) -> tuple[Explained, ...]:
    """Go through every rule, resource and quota for one row: its context, and where judged, `fired` and `rule` too.

    Raises PolicyInvalid when a column is missing, or when the recorded mask is not what the rules say now.
    """
    missing = [name for name in ruleset.reads if name not in row]
    if missing:
        raise PolicyInvalid(
            f"policy {ruleset.id}: the row lacks {', '.join(missing[:10])}", hint="give the context that was judged"
        )
    mask = row.get("fired")
    told: list[Explained] = []
    for bit, entry in enumerate(ruleset.entries):
        recorded = None if mask is None else bool(mask >> bit & 1)
        if isinstance(entry, Rule):
            condition = entry.when.test(row)
            fired: bool | None = entry.fires(condition)
            kind, text, columns = "rule", entry.when.text, entry.when.columns
            if recorded is not None and recorded is not fired:
                raise PolicyInvalid(
                    f"policy {ruleset.id}, rule {entry.id}: recorded as {_fired(recorded)}, but now {_fired(fired)}",
                    hint="this is another version of the policy, or another row than the one that was judged",
                )
        elif isinstance(entry, Resource):
            condition, fired, kind, columns = None, recorded, "resource", entry.columns
            text = f"{entry.capacity} {entry.action} per {', '.join(entry.per)}, by {entry.utility.text}"
        else:
            condition, fired, kind = None, recorded, "quota"
            text = f"at most {entry.limit} {entry.action} per {', '.join(entry.per)}, by {', '.join(entry.order_by)}"
            columns = tuple(sorted({*entry.per, *entry.order_by}))
        told.append(
            Explained(
                id=entry.id,
                kind=kind,
                text=text,
                verdict=entry.verdict,
                to=entry.to,
                message=entry.message,
                values={name: row[name] for name in columns},
                condition=condition,
                fired=fired,
                won=row.get("rule") == entry.id,
            )
        )
    return tuple(told)


def _fired(fired: bool | None) -> str:
    return "fired" if fired else "not fired"
