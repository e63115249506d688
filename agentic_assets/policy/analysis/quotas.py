"""Quotas and resources that can never bind."""

from __future__ import annotations

from agentic_assets.policy.analysis.asking import State
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.study import Study
from agentic_assets.policy.resources import Resource
from agentic_assets.policy.ruleset import Quota

__all__ = ["about_limit"]


def about_limit(study: Study, place: int) -> list[Finding]:
    """Say whether a resource or quota never binds: nobody takes its action, groups hold one row, or one is stricter.

    `place` counts resources, then quotas, in the order in which they are asked.
    """
    limits = study.ruleset.limits
    limit = limits[place]
    named = f"the {'resource' if isinstance(limit, Resource) else 'quota'} {study.named(limit)}"
    per = ", ".join(limit.per)
    if isinstance(limit, Quota) and limit.limit and {*limit.order_by, "entity"} <= set(limit.per):
        message = f"{named} can never bind: each group of {per} holds one row"
        hint = "leave out of `per` what tells rows apart"
        return [study.finding("quota-never-binds", "error", [limit], message, hint)]
    for before, other in enumerate(limits[:place]):
        if _as_strict(other, limit) and not any(one.to == limit.action for one in limits[before + 1 : place]):
            message = (
                f"{named} can never bind: {study.named(other)} leaves at most {_most(other)} {limit.action} for each "
                f"{', '.join(other.per)}, and {_most(limit)} are permitted"
            )
            hint = "lower its limit, or remove it"
            return [study.finding("quota-never-binds", "error", [limit, other], message, hint)]
    if any(one.to == limit.action for one in limits[:place]):
        return []  # what an earlier one puts in place counts too, and how much that is no rule says
    taken = study.anything.ask(study.claims.takes(limit.action))
    if taken.state is State.UNDECIDED:
        return [study.undecided([limit], f"does any row take {limit.action}, which {study.named(limit)} limits?")]
    if not taken.none:
        return []
    message = f"{named} can never bind: the rules let no row take {limit.action}"
    hint = "correct the rule that keeps the action from all rows, or remove the limit"
    return [study.finding("quota-never-binds", "error", [limit], message, hint, proof=True)]


def _as_strict(earlier: Resource | Quota, later: Resource | Quota) -> bool:
    """Say whether an earlier limit takes the action from everybody past a number no higher, in groups no narrower."""
    return (
        earlier.action == later.action
        and (earlier.verdict.stops or earlier.to is not None)
        and set(earlier.per) <= set(later.per)
        and _most(earlier) <= _most(later)
    )


def _most(limit: Resource | Quota) -> int:
    return limit.capacity if isinstance(limit, Resource) else limit.limit
