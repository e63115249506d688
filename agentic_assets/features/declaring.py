"""Declare a feature set: views of features by kind, or by code for what no kind covers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType, ModuleType
from typing import Any

import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.definition import Entities, Feature, FeatureSet, Look, Source
from agentic_assets.features.engine.asof import AsOf
from agentic_assets.features.engine.timeline import Integers
from agentic_assets.features.engine.view import View, newest
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Kind, Shared
from agentic_assets.features.scope import check_scope

__all__ = ["Coded", "Declared", "feature_set"]


@dataclass(frozen=True)
class Declared:
    """A view whose features are declared: `parts` in the order of their columns.

    Online, where the newest fact is older than `time_to_live`, its values are null.
    """

    name: str
    parts: tuple[Kind, ...]
    time_to_live: timedelta | None = None

    def features(
        self, entities: Entities, sources: Mapping[str, Source], *, day: str = "day", reach: int = 28
    ) -> tuple[Feature, ...]:
        """Describe the features; refuse parts that read what is not declared, or not known at the decision."""
        context = Context(self.name, entities, sources, day, reach)
        return tuple(feature for part in self.parts for feature in part.features(context))

    @property
    def looks(self) -> tuple[Look, ...]:
        """Say how far back it looks at each source."""
        return tuple(look for part in self.parts for look in part.looks)

    def __call__(self, at: AsOf) -> View:
        """Make the features of all entities of a build."""
        shared = Shared(at)
        columns: dict[str, pl.Series] = {}
        proofs: list[Integers] = []
        for part in self.parts:
            made = part.make(shared)
            columns |= made.columns
            proofs += made.known_at
        return View(self.name, columns, newest(*proofs))


@dataclass(frozen=True)
class Coded:
    """A view made by a function over what was known, under the same checks as a declared one.

    `described` names what the function makes; all of them belong to this view. The function may close over constants
    and call functions of its own; whatever it says, it gets only what the set declares. Code that reaches a frame, a
    file, a database, the network, the clock or chance is refused (see `purity`, which also says what it cannot see:
    the proofs stand behind that). What it closes over, and the functions that it calls, count in the set's digest.
    """

    name: str
    make: Callable[[AsOf], View]
    described: tuple[Feature, ...]
    time_to_live: timedelta | None = None

    def features(
        self, entities: Entities, sources: Mapping[str, Source], *, day: str = "day", reach: int = 28
    ) -> tuple[Feature, ...]:
        """Give the features as they are described."""
        strangers = [feature.name for feature in self.described if feature.view != self.name]
        if strangers:
            raise ConfigInvalid(f"view {self.name!r} describes features of other views: {', '.join(strangers[:5])}")
        return self.described

    def __call__(self, at: AsOf) -> View:
        """Make the features of all entities of a build."""
        return self.make(at)


def feature_set(
    *,
    name: str,
    version: str,
    description: str,
    entities: Entities,
    sources: tuple[Source, ...],
    views: tuple[Declared | Coded, ...],
    zone: str,
    code: tuple[ModuleType | Callable[..., Any], ...] = (),
    day: str = "day",
    lookback: int = 31,
    reach: int = 28,
    forbidden: tuple[str, ...] = (),
) -> FeatureSet:
    """Compile a declaration: features in the order of the views and, within each, of its parts.

    `code` is what the coded views rest on beside their own functions. Raises ConfigInvalid for a part that takes facts
    from a source that is not declared, PointInTimeViolation for a source that does not say when its facts are known.
    """
    check_scope(f"feature set {name}@{version}", entities, sources, day)
    named = MappingProxyType({source.name: source for source in sources})
    return FeatureSet(
        name=name,
        version=version,
        description=description,
        entities=entities,
        sources=sources,
        features=tuple(feature for view in views for feature in view.features(entities, named, day=day, reach=reach)),
        views=views,
        code=(*code, *(view.make for view in views if isinstance(view, Coded))),
        zone=zone,
        day=day,
        lookback=lookback,
        reach=reach,
        forbidden=forbidden,
    )
