"""What every kind of feature has in common: it describes its features, and it makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import polars as pl

from agentic_assets.features.definition import Feature, Look
from agentic_assets.features.engine.asof import AsOf
from agentic_assets.features.engine.keyed import Keyed
from agentic_assets.features.engine.timeline import Integers
from agentic_assets.features.kinds.context import Context

__all__ = ["KINDS", "Kind", "Made", "Moment", "Shared"]

KINDS: Final = ("expression", "latest", "pending", "previous", "published", "rate", "window")

Moment = Literal["decision", "day"]
"""When facts are looked at: at the decision, or at the beginning of its day if that is earlier."""


@dataclass(frozen=True)
class Made:
    """Columns in the order of the entities, and when the newest fact behind them became known."""

    columns: Mapping[str, pl.Series]
    known_at: tuple[Integers, ...]


@dataclass
class Shared:
    """Facts matched to entities once for all parts of a view that look at them in the same way."""

    at: AsOf
    _keyed: dict[tuple[str, tuple[str, ...], Moment], Keyed] = field(default_factory=dict)

    def by(self, source: str, key: tuple[str, ...], moment: Moment = "decision") -> Keyed:
        """Match the facts of a source by key, as seen at a moment."""
        wanted = (source, key, moment)
        if wanted not in self._keyed:
            match = self.at.daily if moment == "day" else self.at.by
            self._keyed[wanted] = match(source, *key)
        return self._keyed[wanted]


class Kind(Protocol):
    """One declaration: it gives one feature or several of one kind, from one source."""

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe the features, in their order."""
        ...

    @property
    def looks(self) -> tuple[Look, ...]:
        """Say how far back it looks at each source: a build leaves out what no view looks at."""
        ...

    def make(self, shared: Shared) -> Made:
        """Make the features of all entities of a build."""
        ...
