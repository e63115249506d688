"""Shares of facts over spans of days, steadied by a prior where there are few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from agentic_assets.features.definition import Feature
from agentic_assets.features.kinds.kind import Context, Made, Moment, Shared

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
        sources = (*context.matched(self.source, self.by), *context.columns(self.source, self.measure))
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

    def make(self, shared: Shared) -> Made:
        """Give the rates of each entity."""
        keyed = shared.by(self.source, self.by, self.moment)
        windows = {days: keyed.window(timedelta(days=days)) for days in self.days}
        columns = {
            self.name.format(days=days): window.rate(self.measure, self.prior) for days, window in windows.items()
        }
        # The longest window holds the facts of the others: its newest is the newest of all.
        return Made(columns, (windows[max(self.days)].known_at,))
