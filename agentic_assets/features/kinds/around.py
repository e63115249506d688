"""Counts of published facts around the entity's own event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import Feature, Look
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Made, Shared

__all__ = ["Around"]


@dataclass(frozen=True)
class Around:
    """How many facts of a Published source share `by` and lie from `before` the event to `after` it.

    `less` leaves out the entity itself, where it is one of them. `by` holds the day: see `Keyed.around`.
    """

    name: str
    source: str
    by: tuple[str, ...]
    before: timedelta
    after: timedelta
    unit: str
    description: str
    less: int = 0

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe the count."""
        context.published(self.source)
        sources = context.matched(self.source, self.by)
        if context.day not in self.by:
            raise PointInTimeViolation(
                f"`{self.name}` counts facts of {self.source!r} around the event by {', '.join(self.by) or 'no key'}: "
                "no later day is there when a day is built",
                hint=f"put `{context.day}` into `by`",
            )
        if self.before < timedelta(0) or self.after < timedelta(0):
            raise ConfigInvalid(f"`{self.name}` counts from {self.before} before the event to {self.after} after it")
        return (Feature(self.name, pl.Int32(), self.unit, self.description, context.view, sources, "published"),)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look at facts of the entity's own day only."""
        return (Look(self.source),)

    def make(self, shared: Shared) -> Made:
        """Count for each entity."""
        window = shared.by(self.source, self.by).around(self.before, self.after)
        return Made({self.name: window.count(less=self.less)}, (shared.at.published(self.source),))
