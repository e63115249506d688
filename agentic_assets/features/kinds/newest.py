"""The newest fact of each entity's key, its values and its age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.definition import DECIDED_AT, Feature, Look
from agentic_assets.features.engine.asof import AsOf
from agentic_assets.features.engine.timeline import Integers
from agentic_assets.features.kinds.context import Context, unknown
from agentic_assets.features.kinds.kind import Made, Shared
from agentic_assets.features.rowwise import check_rowwise

__all__ = ["Age", "Derived", "Newest", "Previous", "Value"]

EVENT_AT: Final = "event_at"


@dataclass(frozen=True)
class Value:
    """A column of the newest fact; one that becomes known later is null until then."""

    name: str
    column: str
    dtype: pl.DataType
    unit: str
    description: str

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the column."""
        return (self.column,)


@dataclass(frozen=True)
class Age:
    """The whole minutes from an instant in the newest fact to the decision, also when the fact is too old to use."""

    name: str
    column: str
    description: str
    unit: str = "min"
    dtype: ClassVar[pl.DataType] = pl.Int32()

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the column."""
        return (self.column,)


@dataclass(frozen=True)
class Derived:
    """An expression over `columns` of the newest fact and the entity's `event_at` and `decided_at`."""

    name: str
    columns: tuple[str, ...]
    expression: pl.Expr
    dtype: pl.DataType
    unit: str
    description: str

    @property
    def reads(self) -> tuple[str, ...]:
        """Read the columns."""
        return self.columns


@dataclass(frozen=True)
class Newest:
    """What the newest fact of a source says that shares `by` and became known in `within` before the decision.

    Where its instant `dated` lies more than `max_age` before the decision its values are null, while ages go on.
    """

    source: str
    by: tuple[str, ...]
    within: timedelta
    values: tuple[Value | Age | Derived, ...]
    max_age: timedelta | None = None
    dated: str | None = None

    kind: ClassVar[str] = "latest"

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe each value."""
        matched = context.matched(self.source, self.by)
        context.span(f"the newest fact of {self.source!r}", self.within)
        if (self.max_age is None) != (self.dated is None):
            raise ConfigInvalid(
                f"view {context.view!r} gives the newest fact of {self.source!r} only one of `max_age` and `dated`",
                hint="`max_age` needs the instant that it counts from, `dated`",
            )
        dated = context.columns(self.source, self.dated) if self.dated else ()
        found = []
        for value in self.values:
            if isinstance(value, Derived) and {EVENT_AT, DECIDED_AT} & {*value.columns}:
                raise ConfigInvalid(
                    f"`{value.name}` reads a column `{EVENT_AT}` or `{DECIDED_AT}` of {self.source!r}: these name the "
                    "instants of the entity",
                    hint="derive it under another name in the source",
                )
            if isinstance(value, Derived):
                _check(value, context)
            read = [*matched, *context.columns(self.source, *value.reads), *(() if isinstance(value, Age) else dated)]
            if isinstance(value, Derived) and EVENT_AT in value.expression.meta.root_names():
                read += context.own(context.entities.event)
            sources = tuple(dict.fromkeys(read))
            found.append(
                Feature(value.name, value.dtype, value.unit, value.description, context.view, sources, self.kind)
            )
        return tuple(found)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look back as far as the newest fact may lie."""
        return (Look(self.source, self.within),)

    def make(self, shared: Shared) -> Made:
        """Look each up for each entity."""
        latest = shared.by(self.source, self.by).latest(self.within)
        fresh = latest
        if self.max_age is not None and self.dated is not None:
            fresh = latest.not_older(self.max_age // timedelta(minutes=1), than=self.dated)
        columns: dict[str, pl.Series] = {}
        proofs: list[Integers] = [latest.known_at]
        later = latest.facts.source.later
        wanted = {name for value in self.values if not isinstance(value, Age) for name in value.reads}
        seen = fresh.values(sorted(wanted))
        for value in self.values:
            if isinstance(value, Age):
                columns[value.name] = latest.minutes_since(value.column)
            elif isinstance(value, Derived):
                columns[value.name] = _derived(value, seen, shared.at)
            else:
                columns[value.name] = seen[value.column]
            proofs += [latest.later(column) for column in value.reads if column in later]
        return Made(columns, tuple(proofs))


@dataclass(frozen=True)
class Previous(Newest):
    """The newest fact of the same thing that the entity is about, such as the same aircraft's flight before."""

    kind: ClassVar[str] = "previous"


def _check(value: Derived, context: Context) -> None:
    known = {*value.columns, EVENT_AT, DECIDED_AT}
    if strange := [name for name in value.expression.meta.root_names() if name not in known]:
        raise ConfigInvalid(
            f"`{value.name}` of view {context.view!r} computes with `{strange[0]}`, which is not among its columns",
            hint=unknown(strange[0], known),
        )
    check_rowwise(f"`{value.name}` of view {context.view!r}", value.expression)


def _derived(value: Derived, fact: Mapping[str, pl.Series], at: AsOf) -> pl.Series:
    instants = pl.Datetime("us", "UTC")
    frame = pl.DataFrame(
        {
            **{column: fact[column] for column in value.columns},
            EVENT_AT: pl.Series(at.event).cast(instants),
            DECIDED_AT: pl.Series(at.decided).cast(instants),
        }
    )
    return frame.select(value.expression.alias(value.name)).to_series()
