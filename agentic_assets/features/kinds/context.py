"""What a declaration is read against: which columns there are, and which of them a feature may read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Final

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import DECIDED_AT, Entities, Published, Source

__all__ = ["Context", "unknown"]

_SHOWN: Final = 12


@dataclass(frozen=True)
class Context:
    """The view that a declaration stands in, the entities, the sources by name, and how far back facts may lie.

    Errors name the view, the column and what there is instead: they are raised when a set is defined, before any data.
    """

    view: str
    entities: Entities
    sources: Mapping[str, Source]
    day: str = "day"
    reach: int = 28

    def source(self, name: str) -> Source:
        """Give a source; ConfigInvalid when none of that name is declared."""
        if name not in self.sources:
            raise ConfigInvalid(
                f"view {self.view!r} takes facts from {name!r}, which no source declares",
                hint=f"declare a Source with its known_at; {unknown(name, self.sources)}",
            )
        return self.sources[name]

    def published(self, name: str) -> Source:
        """Give a source whose facts are known ahead; PointInTimeViolation for any other."""
        source = self.source(name)
        if not isinstance(source.known_at, Published):
            raise PointInTimeViolation(
                f"view {self.view!r} takes {name!r} ({source.table}) as known ahead, which it is not: its facts become "
                f"known at `{source.known_at}`",
                hint="name a source whose known_at is Published(event, before)",
            )
        return source

    def matched(self, name: str, by: Iterable[str]) -> tuple[str, ...]:
        """Name the source columns by which facts are matched, and the one that says when they became known."""
        source, own = self.source(name), self.entities
        ours = {own.key, self.day, *own.columns, *own.derive, *own.after_the_fact}
        for column in by:
            if column not in ours:
                raise ConfigInvalid(
                    f"view {self.view!r} matches facts of {name!r} by `{column}`, which the entities of {own.table} "
                    "do not declare",
                    hint=unknown(column, ours),
                )
        known_at = source.known_at.event if isinstance(source.known_at, Published) else source.known_at
        found = [*self.given(name, *by), *((f"{source.table}.{known_at}",) if known_at else ())]
        return tuple(dict.fromkeys(found))

    def given(self, name: str, *columns: str) -> tuple[str, ...]:
        """Resolve columns that are known with the fact itself; PointInTimeViolation for one that comes later."""
        source = self.source(name)
        for column in columns:
            if column in source.later:
                raise PointInTimeViolation(
                    f"view {self.view!r} matches or aggregates facts of {name!r} by `{column}`, which becomes known "
                    f"only at `{source.later[column]}`, after the fact itself",
                    hint="take it as a Value of the newest fact, or declare a source whose known_at is "
                    f"`{source.later[column]}`",
                )
        return self.columns(name, *columns)

    def columns(self, name: str, *columns: str) -> tuple[str, ...]:
        """Resolve columns of a source, derived and looked up ones too, to the table columns that they come from."""
        source = self.source(name)
        looked_up = source.look_up.columns if source.look_up is not None else ()
        found: list[str] = []
        for column in columns:
            if column in source.derive:
                found += [f"{source.table}.{root}" for root in source.derive[column].meta.root_names()]
            elif column in source.later:
                found += [f"{source.table}.{column}", f"{source.table}.{source.later[column]}"]
            elif source.look_up is not None and column in looked_up:
                found.append(f"{source.look_up.table}.{column}")
            elif column in source.columns or column == self.day:
                found.append(f"{source.table}.{column}")
            else:
                raise ConfigInvalid(
                    f"view {self.view!r} reads `{column}` of source {name!r} ({source.table}), which does not declare "
                    "it",
                    hint=unknown(column, [*source.columns, *source.derive, *source.later, *looked_up]),
                )
        return tuple(dict.fromkeys(found))

    def own(self, *columns: str) -> tuple[str, ...]:
        """Resolve columns of the entities to the table columns that they come from."""
        own, found = self.entities, []
        readable = {own.key, self.day, own.event, *own.columns}
        for column in columns:
            if column in own.after_the_fact:
                raise PointInTimeViolation(
                    f"view {self.view!r} reads `{column}` of {own.table}, which is recorded after the fact: neither "
                    "its value nor whether it is null may be read",
                    hint="it can only select facts, as a key in `by`",
                )
            if column == DECIDED_AT:
                found.append(f"{own.table}.{own.event}")
            elif column in own.derive:
                found += [f"{own.table}.{root}" for root in own.derive[column].meta.root_names()]
            elif column in readable:
                found.append(f"{own.table}.{column}")
            else:
                raise ConfigInvalid(
                    f"view {self.view!r} reads `{column}` of the entities, which {own.table} does not declare",
                    hint=unknown(column, {*readable, *own.derive}),
                )
        return tuple(dict.fromkeys(found))

    def span(self, what: str, span: timedelta) -> None:
        """Refuse a span that is empty, or that a build of one day could not fill."""
        if span <= timedelta(0):
            raise ConfigInvalid(f"view {self.view!r} looks back {span} over {what}: a span is longer than nothing")
        if span > timedelta(days=self.reach):
            raise PointInTimeViolation(
                f"view {self.view!r} looks back {_told(span)} over {what}, longer than the reach of {self.reach} days: "
                "a day built alone would differ from one built in a range",
                hint="shorten it, or raise `reach` and `lookback` of the feature set together",
            )


def unknown(name: str, known: Collection[str]) -> str:
    """Say what there is instead of a name that is not there, the most alike first."""
    close = get_close_matches(name, known, 1)
    there = ", ".join(f"`{each}`" for each in sorted(known)[:_SHOWN])
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{f'did you mean `{close[0]}`? ' if close else ''}declared are {there or 'none'}{more}"


def _told(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:g} days"
