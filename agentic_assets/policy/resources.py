"""Resources that proposals compete for: what a unit is worth to whom, and how the competition is settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from agentic_assets.agents.declaration import NAME, Declaration
from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.language.amount import Amount, parse_amount
from agentic_assets.language.terms import Type
from agentic_assets.policy.verdict import Verdict

__all__ = ["AWARD", "LEASE", "Resource", "Settle", "read_resource"]

AWARD, LEASE = "award", "lease"

Then = Callable[[Declaration, tuple[str, ...]], tuple[Verdict, str | None, str]]
"""(section, actions) -> verdict, action that a transform puts in place, message."""


@dataclass(frozen=True)
class Settle:
    """How bids meet: `award` looks at all of a batch at once; `lease` takes them as they come.

    A lease can be lost to a higher bid until `commit_after_minutes` after its own decision, and never afterwards.
    """

    mode: str
    commit_after_minutes: int = 0


@dataclass(frozen=True)
class Resource:
    """At most `capacity` units of an action for each value of `per`, to those for whom a unit is worth most.

    `utility` is what a unit is worth to a row, in cents; whoever gets none meets `verdict`.
    """

    id: str
    action: str
    capacity: int
    per: tuple[str, ...]
    utility: Amount
    settle: Settle
    verdict: Verdict
    message: str
    to: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that bids are made from, sorted."""
        return tuple(sorted({*self.per, *self.utility.columns}))

    @property
    def content(self) -> list[Any]:
        """What the declaration says, for the digest of its policy."""
        settle = [self.settle.mode, self.settle.commit_after_minutes]
        return [
            *(self.id, self.action, self.capacity, self.per, self.utility.text, settle),
            *(self.verdict, self.message, self.to),
        ]


def read_resource(
    item: Declaration, policy: str, actions: tuple[str, ...], reads: Mapping[str, Type], then: Then
) -> Resource:
    """Read one resource of a policy; raises the declaration's error with file, line and field."""
    item.only("id", "action", "capacity", "per", "utility", "settle", "over")
    resource = item.text("id", NAME)
    action = item.choice("action", actions)
    if action == NO_ACTION:
        item.refuse("action", f"resource {resource} is taken by the action that does nothing", "name another action")
    verdict, to, message = then(item.section("over"), actions)
    if verdict in (Verdict.ALLOW, Verdict.WARN):
        item.refuse("over", f"resource {resource} lets pass who got no unit", "transform, escalate or deny")
    if to == action:
        item.refuse("over", f"resource {resource} transforms {action} to itself", "name another action")
    where = f"{item.where('utility')}: {policy}, resource {resource}"
    return Resource(
        id=resource,
        action=action,
        capacity=item.integer("capacity", minimum=0),
        per=_per(item, resource, reads),
        utility=parse_amount(item.text("utility"), reads, where=where),
        settle=_settle(item.section("settle")),
        verdict=verdict,
        message=message,
        to=to,
    )


def _per(item: Declaration, resource: str, reads: Mapping[str, Type]) -> tuple[str, ...]:
    per = item.texts("per")
    _refuse_columns(item, resource, per, reads)
    return per


def _refuse_columns(item: Declaration, resource: str, per: Collection[str], reads: Mapping[str, Type]) -> None:
    for column in per:
        if column not in reads:
            item.refuse("per", f"resource {resource} names the unknown column `{column[:60]}`", "declare it in `reads`")
        if reads[column] not in (Type.STRING, Type.INTEGER, Type.DATE):
            hint = "units are shared out among texts, whole numbers or days"
            item.refuse("per", f"resource {resource} is shared out by the {reads[column]} `{column}`", hint)


def _settle(section: Declaration) -> Settle:
    section.only("by", "commit_after_minutes")
    mode = section.choice("by", (AWARD, LEASE))
    if mode == LEASE:
        return Settle(mode, section.integer("commit_after_minutes", minimum=0))
    if section.has("commit_after_minutes"):
        section.refuse(
            "commit_after_minutes", "`commit_after_minutes` stands beside an award", "only a lease has a commit point"
        )
    return Settle(mode)
