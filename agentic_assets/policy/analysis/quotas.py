"""Quotas that can never bind."""

from __future__ import annotations

from agentic_assets.policy.analysis.asking import State
from agentic_assets.policy.analysis.finding import Finding
from agentic_assets.policy.analysis.study import Study
from agentic_assets.policy.ruleset import Quota

__all__ = ["about_quota"]


def about_quota(study: Study, place: int) -> list[Finding]:
    """Say whether a quota can never bind: nobody takes its action, its groups hold one row, or another is stricter."""
    quotas = study.ruleset.quotas
    quota = quotas[place]
    if quota.limit and {*quota.order_by, "entity"} <= set(quota.per):
        message = f"the quota {study.named(quota)} can never bind: each group of {', '.join(quota.per)} holds one row"
        return [
            study.finding("quota-never-binds", "error", [quota], message, "leave out of `per` what tells rows apart")
        ]
    for before, other in enumerate(quotas[:place]):
        if _as_strict(other, quota) and not any(one.to == quota.action for one in quotas[before + 1 : place]):
            message = (
                f"the quota {study.named(quota)} can never bind: {study.named(other)} leaves at most {other.limit} "
                f"{quota.action} for each {', '.join(other.per)}, and {quota.limit} are permitted"
            )
            hint = "lower its limit, or remove it"
            return [study.finding("quota-never-binds", "error", [quota, other], message, hint)]
    if any(one.to == quota.action for one in quotas[:place]):
        return []  # what an earlier quota transforms counts too, and how much that is no rule says
    taken = study.anything.ask(study.claims.takes(quota.action))
    if taken.state is State.UNDECIDED:
        return [study.undecided([quota], f"does any row take {quota.action}, which {study.named(quota)} limits?")]
    if not taken.none:
        return []
    message = f"the quota {study.named(quota)} can never bind: the rules let no row take {quota.action}"
    hint = "correct the rule that keeps the action from all rows, or remove the quota"
    return [study.finding("quota-never-binds", "error", [quota], message, hint, proof=True)]


def _as_strict(earlier: Quota, later: Quota) -> bool:
    """Say whether an earlier quota takes the action from everybody past a limit that is no higher, in wider groups."""
    return (
        earlier.action == later.action
        and (earlier.verdict.stops or earlier.to is not None)
        and set(earlier.per) <= set(later.per)
        and earlier.limit <= later.limit
    )
