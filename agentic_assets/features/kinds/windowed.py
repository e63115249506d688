"""Aggregates over the facts that became known in a span before the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from agentic_assets.features.definition import Feature, Look
from agentic_assets.features.kinds.aggregates import Aggregate
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Made, Moment, Shared

__all__ = ["TODAY", "Windowed"]

TODAY: Final = "today"


@dataclass(frozen=True)
class Windowed:
    """Aggregates over the facts of a source that share `by` and became known in `span`, or since the day began."""

    source: str
    by: tuple[str, ...]
    span: timedelta | Literal["today"]
    aggregates: tuple[Aggregate, ...]
    moment: Moment = "decision"

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe each aggregate."""
        matched = context.matched(self.source, self.by)
        if isinstance(self.span, timedelta):
            context.span(f"facts of {self.source!r}", self.span)
        return tuple(
            Feature(
                aggregate.name,
                aggregate.dtype,
                aggregate.unit,
                aggregate.description,
                context.view,
                tuple(dict.fromkeys([*matched, *context.given(self.source, *aggregate.reads)])),
                "window",
            )
            for aggregate in self.aggregates
        )

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look back over the span."""
        return (Look(self.source, self.span if isinstance(self.span, timedelta) else timedelta(0)),)

    def make(self, shared: Shared) -> Made:
        """Aggregate for each entity."""
        keyed = shared.by(self.source, self.by, self.moment)
        window = keyed.window(self.span) if isinstance(self.span, timedelta) else keyed.today()
        return Made({aggregate.name: aggregate.over(window) for aggregate in self.aggregates}, (window.known_at,))
