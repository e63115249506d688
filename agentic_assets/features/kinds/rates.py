"""Shares of facts over spans of days, steadied by a prior where there are few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.definition import Feature, Look
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Made, Moment, Shared

__all__ = ["Rates"]


@dataclass(frozen=True)
class Rates:
    """The share of facts with a Boolean measure over each of `days`; `prior` = (hits, trials) is added to both.

    `{days}` in the name and the description stands for the number of days.
    """

    name: str
    source: str
    measure: str
    by: tuple[str, ...]
    days: tuple[int, ...]
    prior: tuple[int, int]
    description: str
    moment: Moment = "day"

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe each rate."""
        sources = (*context.matched(self.source, self.by), *context.given(self.source, self.measure))
        hits, trials = self.prior
        if not 0 <= hits <= trials or not trials:
            raise ConfigInvalid(
                f"rate `{self.name}` has the prior {self.prior}: {hits} hits of {trials} trials",
                hint="give (hits, trials) with 0 <= hits <= trials and at least one trial: the rate over no facts",
            )
        if not self.days:
            raise ConfigInvalid(f"rate `{self.name}` names no span of days", hint="give `days`, such as (7, 28)")
        for days in self.days:
            context.span(f"`{self.measure}` of {self.source!r}", timedelta(days=days))
        return tuple(
            Feature(
                self.name.format(days=days),
                pl.Float64(),
                "share",
                self.description.format(days=days),
                context.view,
                tuple(dict.fromkeys(sources)),
                "rate",
            )
            for days in self.days
        )

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look back over the longest span."""
        return (Look(self.source, timedelta(days=max(self.days))),)

    def make(self, shared: Shared) -> Made:
        """Give the rates of each entity."""
        keyed = shared.by(self.source, self.by, self.moment)
        keyed.facts.check_boolean(self.measure)
        windows = {days: keyed.window(timedelta(days=days)) for days in self.days}
        columns = {
            self.name.format(days=days): window.rate(self.measure, self.prior) for days, window in windows.items()
        }
        # The longest window holds the facts of the others: its newest is the newest of all.
        return Made(columns, (windows[max(self.days)].known_at,))
