"""The circuit breaker of a policy: how badly an agent may do over a stretch of days before it acts no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentic_assets.agents.declaration import Declaration
from agentic_assets.agents.spec import WHOLE
from agentic_assets.language.condition import Condition, parse_condition
from agentic_assets.language.terms import Type

__all__ = ["WHOLE", "Breaker", "Stale", "read_breaker"]

_LIMITS = ("error_rate_bp", "stale_inputs", "drift_incidents", "worse_than_legacy_bp")


@dataclass(frozen=True)
class Stale:
    """When the inputs of a proposal are stale, and for how many of the proposals they may be, in basis points."""

    when: Condition
    at_most_bp: int


@dataclass(frozen=True)
class Breaker:
    """What trips, over the `window_days` newest days, once `at_least_days` of them are known; None is not watched.

    `error_rate_bp`: more of the days than this were refused or blocked. `drift_incidents`: on more days than this the
    features were fed by data that broke. `worse_than_legacy_bp`: the agent, as judged, saved less than the rule before
    by more than this share of what that one saved.
    """

    window_days: int
    at_least_days: int
    error_rate_bp: int | None = None
    stale_inputs: Stale | None = None
    drift_incidents: int | None = None
    worse_than_legacy_bp: int | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What the declaration says, for the digest of its policy."""
        stale = self.stale_inputs and [self.stale_inputs.when.text, self.stale_inputs.at_most_bp]
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"stale_inputs": stale}


def read_breaker(section: Declaration, policy: str, reads: Mapping[str, Type]) -> Breaker:
    """Read the breaker of a policy; raises the declaration's error with file, line and field."""
    section.only("window_days", "at_least_days", *_LIMITS)
    window, least = section.integer("window_days", minimum=1), section.integer("at_least_days", minimum=1)
    if least > window:
        section.refuse("at_least_days", f"{least} days can never be known of {window}", "lower it, or widen the window")
    if not any(section.has(name) for name in _LIMITS):
        section.refuse(None, "the breaker watches nothing", f"give it at least one of {', '.join(_LIMITS)}")
    stale = None
    if section.has("stale_inputs"):
        item = section.section("stale_inputs")
        item.only("when", "at_most_bp")
        where = f"{item.where('when')}: {policy}, breaker"
        stale = Stale(parse_condition(item.text("when"), reads, where=where), _share(item, "at_most_bp"))
    return Breaker(
        window_days=window,
        at_least_days=least,
        error_rate_bp=_share(section, "error_rate_bp") if section.has("error_rate_bp") else None,
        stale_inputs=stale,
        drift_incidents=section.integer("drift_incidents", minimum=0) if section.has("drift_incidents") else None,
        worse_than_legacy_bp=_share(section, "worse_than_legacy_bp") if section.has("worse_than_legacy_bp") else None,
    )


def _share(section: Declaration, key: str) -> int:
    share = section.integer(key, minimum=0)
    if share > WHOLE:
        section.refuse(key, f"`{key}` is {share:,}, more than all", f"write basis points, 0 to {WHOLE:,}")
    return share
