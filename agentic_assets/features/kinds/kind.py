"""What every kind of feature has in common: it describes its features, and it makes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.definition import Entities, Feature, Published, Source
from agentic_assets.features.engine.asof import AsOf
from agentic_assets.features.engine.keyed import Keyed
from agentic_assets.features.engine.timeline import Integers

__all__ = ["KINDS", "Context", "Kind", "Made", "Moment", "Shared"]

KINDS: Final = ("expression", "latest", "pending", "previous", "published", "rate", "window")

Moment = Literal["decision", "day"]
"""When facts are looked at: at the decision, or at the beginning of its day if that is earlier."""


@dataclass(frozen=True)
class Context:
    """What a declaration is read against: the view it stands in, the entities, the sources by name."""

    view: str
    entities: Entities
    sources: Mapping[str, Source]

    def source(self, name: str) -> Source:
        """Give a source; ConfigInvalid when none of that name is declared."""
        if name not in self.sources:
            raise ConfigInvalid(
                f"view {self.view!r} takes facts from {name!r}, which no source declares",
                hint=f"declare a Source with its known_at; declared are {', '.join(self.sources) or 'none'}",
            )
        return self.sources[name]

    def matched(self, name: str, by: Iterable[str]) -> tuple[str, ...]:
        """Name the source columns by which facts are matched, and the one that says when they became known."""
        source = self.source(name)
        known_at = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
        return tuple(dict.fromkeys([*self.columns(name, *by), *((f"{source.table}.{known_at}",) if known_at else ())]))

    def columns(self, name: str, *columns: str) -> tuple[str, ...]:
        """Resolve columns of a source, derived and looked up ones too, to the table columns that they come from."""
        source = self.source(name)
        found: list[str] = []
        for column in columns:
            if column in source.derive:
                found += self.columns(name, *source.derive[column].meta.root_names())
            elif column in source.later:
                found += [f"{source.table}.{column}", f"{source.table}.{source.later[column]}"]
            elif source.look_up is not None and column in source.look_up.columns:
                found.append(f"{source.look_up.table}.{column}")
            else:
                found.append(f"{source.table}.{column}")
        return tuple(dict.fromkeys(found))

    def own(self, *columns: str) -> tuple[str, ...]:
        """Resolve columns of the entities to the table columns that they come from."""
        found: list[str] = []
        for column in columns:
            derived = self.entities.derive.get(column)
            found += (
                self.own(*derived.meta.root_names()) if derived is not None else [f"{self.entities.table}.{column}"]
            )
        return tuple(dict.fromkeys(found))


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

    def make(self, shared: Shared) -> Made:
        """Make the features of all entities of a build."""
        ...
