"""Facts whose time has come and that are not known to have happened: how many, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import Feature, FeatureSet, Look, Source
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Made, Shared

__all__ = ["Awaited", "seen_while_awaited"]


@dataclass(frozen=True)
class Awaited:
    """Facts awaited from the instant `opens` until they become known, or for `at_most`.

    Gives their number as `name`, and their mean wait in minutes as `<name>_minutes`, null where nothing is awaited.
    `who` says in words what is awaited, `since` what the instant is.
    """

    name: str
    source: str
    by: tuple[str, ...]
    opens: str
    at_most: timedelta
    unit: str
    who: str
    since: str

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe number and wait."""
        context.span(f"facts of {self.source!r} awaited as `{self.name}`", self.at_most)
        *matched, known_at = context.matched(self.source, self.by)
        opens = context.given(self.source, self.opens)
        where = context.source(self.source).where
        known = {column.rpartition(".")[2] for column in (*matched, *opens)}
        if where is not None and (early := [name for name in where.meta.root_names() if name not in known]):
            raise PointInTimeViolation(
                f"`{self.name}` awaits facts of {self.source!r}, which are selected by `{early[0]}`: while a fact is "
                "awaited nobody knows whether it will be one of them",
                hint="await facts of a source without `where`, or with one that looks at the key only",
            )
        sources = tuple(dict.fromkeys([*matched, *opens, known_at]))
        return (
            Feature(self.name, pl.Int32(), self.unit, f"Number of {self.who}", context.view, sources, "pending"),
            Feature(
                f"{self.name}_minutes",
                pl.Float64(),
                "min",
                f"Mean time since {self.since} of the {self.who}; null when there is none",
                context.view,
                sources,
                "pending",
            ),
        )

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look as far back as a fact is awaited."""
        return (Look(self.source, self.at_most, self.opens),)

    def make(self, shared: Shared) -> Made:
        """Count and average for each entity."""
        pending = shared.at.pending(self.source, *self.by, opens=self.opens, at_most=self.at_most)
        columns = {self.name: pending.count(), f"{self.name}_minutes": pending.mean_wait()}
        return Made(columns, (pending.known_at,))


def seen_while_awaited(definition: FeatureSet, source: Source) -> list[tuple[str, set[str]]]:
    """Give, for each feature that awaits facts of a source, the instant that opens and the columns known from then on.

    What is awaited is seen before it is known: by its key, and by when its time had come.
    """
    found = []
    for view in definition.views:
        for part in getattr(view, "parts", ()):
            if isinstance(part, Awaited) and part.source == source.name:
                roots = {part.opens}
                for name in part.by:
                    derived = source.derive.get(name)
                    roots |= {name} if derived is None else set(derived.meta.root_names())
                if source.look_up is not None and set(part.by) & set(source.look_up.columns):
                    roots.add(source.look_up.on)
                found.append((part.opens, roots))
    return found
